"""MXene sheets: stacking, stoichiometry, fcc terminations, mixtures by seed, pillars."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import numpy as np
import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list

from screening.builders import Recipe, build
from screening.builders.families.mxene import Metal
from screening.builders.slab import atomic_planes, has_equal_faces
from screening.errors import InputError, RecipeError


def sheet(builder: str = "mxene", **parameters: object) -> Atoms:
    parameters = {"metal": "Ti", **parameters}
    return build(Recipe(id="host", builder=builder, parameters=parameters)).atoms


def coordination(atoms: Atoms, centre: str, neighbour: str, cutoff: float) -> set[int]:
    first, second = neighbor_list("ij", atoms, cutoff)
    bonds = Counter(
        int(i)
        for i, j in zip(first, second, strict=True)
        if atoms.symbols[i] == centre and atoms.symbols[j] == neighbour
    )
    return {bonds[i] for i, s in enumerate(atoms.symbols) if s == centre}


@pytest.mark.parametrize("nonmetal", ["C", "N"])
@pytest.mark.parametrize("metal", get_args(Metal))
@pytest.mark.parametrize("n", [1, 2, 3])
def test_bare_sheets_have_n_plus_one_metals_per_n_nonmetals(metal, nonmetal, n):
    atoms = sheet(metal=metal, nonmetal=nonmetal, n=n, size=[1, 1])
    assert Counter(atoms.symbols) == {metal: n + 1, nonmetal: n}
    assert has_equal_faces(atoms)
    assert coordination(sheet(metal=metal, nonmetal=nonmetal, n=n), nonmetal, metal, 2.55) == {6}


@pytest.mark.parametrize(("group", "bond"), [("O", 1.98), ("F", 2.15), ("OH", 2.17)])
def test_terminations_bind_three_metals_at_the_right_distance(group, bond):
    atoms = sheet(termination=group)
    first, second, distance = neighbor_list("ijd", atoms, 2.4)
    pairs = (atoms.symbols[first] == group[0]) & (atoms.symbols[second] == "Ti")
    assert distance[pairs] == pytest.approx(bond, abs=0.02)
    assert coordination(atoms, group[0], "Ti", 2.4) == {3}


def test_terminations_stand_over_the_metal_of_the_second_layer():
    atoms = sheet(termination="O", size=[1, 1])
    planes = atomic_planes(atoms)
    top = atoms.positions[[planes[-1][0], planes[-4][0]], :2]
    assert atoms.symbols[planes[-4][0]] == "Ti"
    assert top[0] == pytest.approx(top[1], abs=1e-6)


def test_hydroxyl_points_outwards_on_both_faces():
    atoms = sheet(termination="OH")
    planes = atomic_planes(atoms)
    assert set(atoms.symbols[planes[0]]) == set(atoms.symbols[planes[-1]]) == {"H"}
    assert coordination(atoms, "H", "O", 1.1) == {1}


def test_a_mixture_keeps_its_fractions_on_each_face_and_its_seed():
    mixture = {"termination": {"O": 0.5, "F": 0.25, "OH": 0.25}, "size": [2, 2]}
    atoms = sheet(seed=3, **mixture)
    assert Counter(atoms.symbols) == {"Ti": 12, "C": 8, "O": 6, "F": 2, "H": 2}
    middle = atoms.positions[:, 2].mean()
    upper = Counter(
        s for s, z in zip(atoms.symbols, atoms.positions[:, 2], strict=True) if z > middle
    )
    assert (upper["O"], upper["F"], upper["H"]) == (3, 1, 1)
    assert atoms == sheet(seed=3, **mixture)
    assert len({sheet(seed=s, **mixture).positions.tobytes() for s in range(6)}) > 1


def test_a_partial_termination_leaves_sites_bare():
    atoms = sheet(termination={"O": 0.5}, size=[2, 2])
    assert Counter(atoms.symbols)["O"] == 4


def test_a_mixture_that_exceeds_the_sites_is_refused():
    with pytest.raises(RecipeError, match=r"add up to 1\.2"):
        sheet(termination={"O": 0.6, "F": 0.6})


def gallery(guest: str, spacing: float) -> tuple[Atoms, np.ndarray]:
    """A pillared bilayer and the distances of its pillar from the oxygen around it."""
    parameters = {"termination": "O", "guest": guest, "size": [2, 2], "a": 3.04}
    atoms = sheet("pillared-mxene", spacing=spacing, **parameters)
    (pillar,) = atoms.symbols.search(guest)
    return atoms, np.sort(atoms.get_distances(pillar, atoms.symbols.search("O"), mic=True))


def test_large_pillars_stand_in_a_prism_of_six_oxygens():
    atoms, distances = gallery("K", 9.8)
    assert Counter(atoms.symbols) == {"Ti": 24, "C": 16, "O": 16, "K": 1}
    assert distances[:6] == pytest.approx(distances[0], abs=1e-6)
    metal = np.sort(atoms.positions[atoms.symbols.search("Ti"), 2])
    assert metal[12:].mean() - metal[:12].mean() == pytest.approx(9.8)


def test_small_pillars_are_bonded_to_one_sheet():
    _, distances = gallery("Sn", 11.8)
    assert distances[:3] == pytest.approx(2.05, abs=0.05)
    assert distances[3] > 3.0


def test_a_decorated_sheet_is_one_wall_of_the_gallery():
    atoms = sheet("decorated-mxene", termination="O", guest="Sn", guests=2, size=[2, 2])
    assert Counter(atoms.symbols)["Sn"] == 2
    assert atoms.positions[:, 2].argmax() in atoms.symbols.search("Sn")


def test_a_gallery_must_have_room_for_its_pillars():
    with pytest.raises(RecipeError, match="leaves no gallery"):
        sheet("pillared-mxene", termination="O", guest="Sn", spacing=7.0)
    with pytest.raises(RecipeError, match="do not fit"):
        sheet("pillared-mxene", termination="O", guest="Sn", spacing=11.0, guests=5, size=[2, 2])


@pytest.mark.parametrize(
    "wrong",
    [{"metal": "Fe"}, {"nonmetal": "O"}, {"n": 4}, {"n": True}, {"termination": "Q"}, {"seed": -1}],
)
def test_unknown_compositions_are_refused(wrong):
    with pytest.raises(InputError):
        sheet(**wrong)


@pytest.mark.parametrize("wrong", ["Q", {"Cl": 0.5}, {"O": 2.0}, {"O": 0.0}, {}])
def test_a_wrong_termination_is_named_with_what_is_allowed(wrong):
    with pytest.raises(InputError, match=r"termination: .*give bare, O, F, OH"):
        sheet(termination=wrong)
