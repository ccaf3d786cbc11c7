"""Intermetallic slabs: right prototype, right termination, right composition."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.neighborlist import neighbor_list

from screening.builders import Recipe, build
from screening.builders.families.alloy import ALLOYS
from screening.builders.slab import atomic_planes, has_equal_faces
from screening.errors import RecipeError


def slab(compound: str, miller: list[int], **parameters: object) -> Atoms:
    parameters = {"compound": compound, "miller": miller, **parameters}
    return build(Recipe(id="host", builder="alloy", parameters=parameters)).atoms


def surface_alloy(**parameters: object) -> Atoms:
    parameters = {"element": "Cu", "miller": [1, 1, 1], "guest": "Ag", "layers": 4, **parameters}
    return build(Recipe(id="host", builder="surface-alloy", parameters=parameters)).atoms


@pytest.mark.parametrize("name", sorted(ALLOYS))
def test_a_prototype_has_its_space_group_and_a_source(name):
    crystal = ALLOYS[name]
    atoms = crystal.atoms()
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    assert (
        spglib.get_spacegroup_type(
            spglib.get_symmetry_dataset(cell, symprec=1e-3).hall_number
        ).number
        == crystal.spacegroup
    )
    assert crystal.source
    assert 2.4 < neighbor_list("d", atoms, 5.0).min() < 3.8


@pytest.mark.parametrize(
    ("name", "unlike", "factor"),
    [("LiAg", 8, 3**0.5 / 2), ("LiAl", 4, 3**0.5 / 4), ("LiZn", 4, 3**0.5 / 4)],
)
def test_b2_has_eight_unlike_neighbours_and_b32_four(name, unlike, factor):
    atoms = ALLOYS[name].atoms()
    bond = factor * atoms.cell.lengths()[0]
    first, second = neighbor_list("ij", atoms, bond + 0.01)
    different = atoms.numbers[first] != atoms.numbers[second]
    assert Counter(first[different].tolist()) == dict.fromkeys(range(len(atoms)), unlike)


@pytest.mark.parametrize("name", sorted(ALLOYS))
def test_a_slab_keeps_the_compound_s_composition(name):
    atoms, bulk = slab(name, [1, 1, 0] if name != "Na3Bi" else [0, 0, 1]), ALLOYS[name].atoms()
    counts, wanted = Counter(atoms.symbols), Counter(bulk.symbols)
    assert {s: n / len(atoms) for s, n in counts.items()} == pytest.approx(
        {s: n / len(bulk) for s, n in wanted.items()}
    )


@pytest.mark.parametrize("element", ["Li", "Ag"])
def test_the_termination_is_the_stated_one(element):
    atoms = slab("LiAg", [1, 0, 0], termination=element)
    assert set(atoms.symbols[atomic_planes(atoms)[-1]]) == {element}
    both = slab("LiAg", [1, 0, 0], termination=element, faces="symmetric")
    assert set(both.symbols[atomic_planes(both)[0]]) == {element}
    assert has_equal_faces(both)


def test_a_termination_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(RecipeError, match="allowed: Ag, Li"):
        slab("LiAg", [1, 0, 0], termination="LiAg")
    with pytest.raises(RecipeError, match="unknown compound"):
        slab("LiXx", [1, 0, 0])


def test_a_single_atom_alloy_replaces_one_atom_of_the_top_plane():
    atoms = surface_alloy()
    guests = [i for i, s in enumerate(atoms.symbols) if s == "Ag"]
    assert len(guests) == 1
    assert guests[0] in atomic_planes(atoms)[-1]


def test_a_seed_fixes_the_arrangement():
    cell = {"size": [3, 3], "count": 3}
    assert surface_alloy(seed=5, **cell) == surface_alloy(seed=5, **cell)
    arrangements = {tuple(surface_alloy(seed=s, **cell).numbers) for s in range(8)}
    assert len(arrangements) > 1
    assert len({tuple(np.sort(n)) for n in arrangements}) == 1


@pytest.mark.parametrize("wrong", [{"guest": "Cu"}, {"guest": "Qq"}, {"count": 99}])
def test_a_guest_must_fit(wrong):
    with pytest.raises(RecipeError):
        surface_alloy(**wrong)
