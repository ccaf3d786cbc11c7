"""Composites: what stands on what, how far away, and at which strain."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from screening.builders import build
from screening.builders.families.composite import misfit
from screening.builders.registry import Recipe
from screening.errors import RecipeError
from screening.structure import Candidate, fixed_indices
from screening.structure.neighbours import close_pairs


def make(builder: str, **parameters: Any) -> Candidate:
    return build(Recipe(id="x", builder=builder, parameters=parameters))


@pytest.mark.parametrize(
    ("cluster", "content", "bond"),
    [
        ("Cu4", {"Cu": 4}, 2.64),
        ("Cu13", {"Cu": 13}, 2.51),
        ("Sn4", {"Sn": 4}, 2.78),
        ("Sn2O4", {"Sn": 2, "O": 4}, 1.83),
        ("Ni4O4", {"Ni": 4, "O": 4}, 2.09),
    ],
)
def test_a_cluster_stands_on_graphene(cluster: str, content: dict[str, int], bond: float) -> None:
    host = make("cluster-on-graphene", cluster=cluster)
    atoms = host.atoms
    assert (host.geometry, host.family) == ("sheet", "composite")
    assert Counter(atoms.symbols) == Counter({"C": 32}) + Counter(content)
    guest = atoms[atoms.numbers != 6]
    lift = guest.positions[:, 2].min() - atoms.positions[atoms.symbols == "C", 2].max()
    assert 2.3 < lift < 3.5
    *_, distance = close_pairs(guest, 3.5)
    assert distance.min() == pytest.approx(bond, rel=0.06)


def test_a_cluster_stands_on_a_face_not_on_a_tip() -> None:
    for cluster in ("Cu4", "Cu13"):
        guest = make("cluster-on-graphene", cluster=cluster).atoms
        heights = guest.positions[guest.symbols == "Cu", 2]
        assert (heights < heights.min() + 0.05).sum() == 3


def test_clusters_of_neighbouring_cells_do_not_touch() -> None:
    guest = make("cluster-on-graphene", cluster="Cu13").atoms
    guest = guest[guest.symbols == "Cu"]
    first, second, vector, _ = close_pairs(guest, 9.0)
    inside = guest.positions[second] - guest.positions[first]
    images = ~np.isclose(vector, inside, atol=1e-6).all(axis=1)
    assert np.linalg.norm(vector[images], axis=1).min() > 4.0


@pytest.mark.parametrize("cluster", ["Cu5", "Xx4", "C4O4", "cu4", "", "Cu4O"])
def test_a_cluster_without_a_model_is_refused(cluster: str) -> None:
    with pytest.raises(RecipeError, match="no model of a cluster"):
        make("cluster-on-graphene", cluster=cluster)


@pytest.mark.parametrize(("metal", "strain"), [("Cu", -0.036), ("Ni", -0.012), ("Co", -0.019)])
def test_the_misfit_to_graphene(metal: str, strain: float) -> None:
    """Nearest neighbours (Kittel): Cu 2.553, Ni 2.489, Co 2.507 Å against 2.46 Å."""
    assert misfit(metal) == pytest.approx(strain, abs=1e-3)


@pytest.mark.parametrize("strain_in", ["metal", "graphene"])
def test_one_side_takes_the_strain(strain_in: str) -> None:
    host = make("graphene-on-metal", metal="Cu", size=[2, 2], strain_in=strain_in)
    a = host.atoms.cell.lengths()[0] / 2
    assert a == pytest.approx(2.46 if strain_in == "metal" else 2.553, abs=1e-3)
    assert host.geometry == "slab"


@pytest.mark.parametrize("metal", ["Cu", "Co"])
def test_the_metal_under_graphene_is_close_packed_and_its_bottom_fixed(metal: str) -> None:
    atoms = make("graphene-on-metal", metal=metal, size=[3, 3]).atoms
    first, second, *_ = close_pairs(atoms, 2.75)
    metallic = (atoms.symbols[first] == metal) & (atoms.symbols[second] == metal)
    counts = np.bincount(first[metallic], minlength=len(atoms))[atoms.symbols == metal]
    assert Counter(counts.tolist()) == {12: 9, 9: 18}
    held = fixed_indices(atoms)
    lowest = atoms.positions[:, 2] < atoms.positions[:, 2].min() + 0.1
    assert sorted(held) == np.flatnonzero(lowest).tolist()


@pytest.mark.parametrize(("metal", "distance"), [("Cu", 3.3), ("Ni", 2.1)])
def test_every_second_carbon_atom_stands_on_a_metal_atom(metal: str, distance: float) -> None:
    atoms = make("graphene-on-metal", metal=metal, size=[3, 3]).atoms
    carbon, metals = (np.flatnonzero(atoms.symbols == s) for s in ("C", metal))
    nearest = [atoms.get_distances(i, metals, mic=True).min() for i in carbon]
    assert sorted(nearest)[:9] == pytest.approx([distance] * 9, abs=1e-6)
    assert sorted(nearest)[9] > distance + 0.2


def test_doping_works_on_a_metal_too() -> None:
    host = make("graphene-on-metal", metal="Cu", motif="pyridinic", dopant="N", count=3)
    assert Counter(host.atoms.symbols) == {"Cu": 27, "C": 14, "N": 3}


def test_a_strain_above_the_limit_is_refused_and_stated() -> None:
    with pytest.raises(RecipeError, match=r"graphene on Ag needs a strain of -14\.9 %"):
        make("graphene-on-metal", metal="Ag")


@pytest.mark.parametrize("metal", ["Fe", "Qq", "C"])
def test_a_metal_that_is_not_close_packed_is_refused(metal: str) -> None:
    with pytest.raises(RecipeError, match="no fcc or hcp metal"):
        make("graphene-on-metal", metal=metal)
