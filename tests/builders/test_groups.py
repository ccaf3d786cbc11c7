"""Functional groups: bond lengths, places chosen by the seed, stated O/C ratios, no clashes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.data import covalent_radii

from screening.builders import build
from screening.builders.registry import Recipe
from screening.errors import StructureError
from screening.structure.neighbours import close_pairs


def graphene(**parameters: Any) -> Atoms:
    return build(Recipe(id="g", builder="graphene", parameters=parameters)).atoms


def lengths(atoms: Atoms, one: str, other: str, cutoff: float) -> list[float]:
    first, second, _, distance = close_pairs(atoms, cutoff)
    wanted = zip(first, second, distance, strict=True)
    return [float(d) for i, j, d in wanted if (atoms.symbols[i], atoms.symbols[j]) == (one, other)]


@pytest.mark.parametrize(
    ("group", "added", "bond", "expected"),
    [
        ("epoxide", {"O": 1}, ("O", "C"), [1.46, 1.46]),
        ("hydroxyl", {"O": 1, "H": 1}, ("O", "C"), [1.40]),
        ("fluoride", {"F": 1}, ("F", "C"), [1.37]),
        ("carboxyl", {"C": 1, "O": 2, "H": 1}, ("O", "C"), [1.22, 1.35]),
    ],
)
def test_a_group_has_its_atoms_and_bond_lengths(
    group: str, added: dict[str, int], bond: tuple[str, str], expected: list[float]
) -> None:
    atoms = graphene(groups=[group])
    assert Counter(atoms.symbols) == Counter({"C": 18}) + Counter(added)
    assert sorted(lengths(atoms, *bond, 1.6)) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("group", ["hydroxyl", "carboxyl"])
def test_acidic_hydrogen_sits_on_oxygen(group: str) -> None:
    assert lengths(graphene(groups=[group]), "H", "O", 1.2) == pytest.approx([0.97], abs=0.02)


def test_the_carbon_under_a_group_rises_towards_it() -> None:
    atoms = graphene(groups=["hydroxyl"])
    carbon = atoms[atoms.symbols == "C"]
    assert np.ptp(carbon.positions[:, 2]) == pytest.approx(0.35)


def test_groups_alternate_between_the_faces() -> None:
    atoms = graphene(size=[4, 4], groups=["fluoride"] * 4)
    plane = np.median(atoms.positions[:, 2])
    sides = np.sign(atoms.positions[atoms.symbols == "F", 2] - plane)
    assert sides.tolist() == [1, -1, 1, -1]


@pytest.mark.parametrize("seed", range(5))
def test_the_seed_chooses_the_places_and_nothing_clashes(seed: int) -> None:
    parameters = {
        "size": [4, 4],
        "groups": ["epoxide", "hydroxyl", "carboxyl"],
        "o_to_c": 0.2,
        "seed": seed,
    }
    atoms = graphene(**parameters)
    assert atoms == graphene(**parameters)
    first, second, _, distance = close_pairs(atoms, 2.0)
    closest = distance / (
        covalent_radii[atoms.numbers[first]] + covalent_radii[atoms.numbers[second]]
    )
    assert closest.min() > 0.85


def test_different_seeds_give_different_places() -> None:
    places = {
        tuple(graphene(size=[4, 4], groups=["fluoride", "fluoride"], seed=s).positions[-1].round(3))
        for s in range(6)
    }
    assert len(places) > 3


@pytest.mark.parametrize("ratio", [0.05, 0.1, 0.2, 0.25])
def test_the_stated_oxygen_to_carbon_ratio_is_met(ratio: float) -> None:
    atoms = graphene(size=[5, 5], groups=["epoxide", "hydroxyl"], o_to_c=ratio)
    count = Counter(atoms.symbols)
    assert count["O"] / count["C"] == pytest.approx(ratio, abs=0.51 / 50)


def test_groups_keep_off_the_motif() -> None:
    atoms = graphene(size=[4, 4], motif="pyridinic", dopant="N", count=3, groups=["hydroxyl"])
    assert min(lengths(atoms, "N", "O", 9.0)) > 2.5


def test_carbonyls_stand_in_a_hole_with_pyridinic_nitrogen() -> None:
    atoms = graphene(
        size=[4, 4], motif="pyridinic", dopant="N", missing=6, count=4, groups=["carbonyl"] * 2
    )
    assert Counter(atoms.symbols) == {"C": 22, "N": 4, "O": 2}
    assert lengths(atoms, "O", "C", 1.6) == pytest.approx([1.23, 1.23])
    assert min(lengths(atoms, "O", "N", 4.0)) > 2.3
    assert min(lengths(atoms, "O", "O", 4.0)) > 2.8


def test_a_carbonyl_without_a_hole_is_refused() -> None:
    with pytest.raises(StructureError, match="needs a hole of 6"):
        graphene(groups=["carbonyl"])


def test_more_groups_than_there_is_room_for_are_refused() -> None:
    with pytest.raises(StructureError, match="has no room"):
        graphene(size=[2, 2], groups=["hydroxyl"] * 20)


def test_rim_groups_close_bare_atoms_of_a_vacancy() -> None:
    atoms = graphene(motif="vacancy", rim_groups=["fluoride"])
    assert lengths(atoms, "F", "C", 1.6) == pytest.approx([1.37])
    with pytest.raises(StructureError, match="4 rim groups on 3"):
        graphene(motif="vacancy", rim_groups=["hydrogen"] * 4)
