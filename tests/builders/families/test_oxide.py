"""Oxide slabs that a referee accepts: stoichiometric, symmetric, without a dipole."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.neighborlist import neighbor_list

from screening.builders import Recipe, build
from screening.builders.families.oxide import OXIDES
from screening.builders.slab import atomic_planes, has_equal_faces
from screening.errors import RecipeError
from screening.structure import fixed_indices

CHARGE = {"O": -2, "Sn": 4, "Ni": 2, "Al": 3, "Zn": 2}
SURFACES = [
    ("SnO2", [1, 1, 0], {"termination": "O"}),
    ("NiO", [1, 0, 0], {}),
    ("NiO", [1, 1, 1], {"treatment": "octopolar", "termination": "Ni"}),
    ("NiO", [1, 1, 1], {"treatment": "octopolar", "termination": "O"}),
    ("Al2O3", [0, 0, 0, 1], {"termination": "Al"}),
    ("ZnO", [1, 0, -1, 0], {}),
]


def slab(oxide: str, miller: list[int], **parameters: object) -> Atoms:
    parameters = {"oxide": oxide, "miller": miller, **parameters}
    return build(Recipe(id="host", builder="oxide", parameters=parameters)).atoms


def film(**parameters: object) -> Atoms:
    recipe = Recipe(id="host", builder="alumina-on-metal", parameters=dict(parameters))
    return build(recipe).atoms


def coordination(atoms: Atoms, symbol: str, cutoff: float) -> list[int]:
    first, second = neighbor_list("ij", atoms, cutoff)
    unlike = atoms.numbers[first] != atoms.numbers[second]
    return [int(np.sum(first[unlike] == i)) for i in atoms.symbols.search(symbol)]


@pytest.mark.parametrize("name", sorted(OXIDES))
def test_a_crystal_has_its_space_group(name):
    atoms = OXIDES[name].atoms()
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    assert spglib.get_spacegroup(cell, symprec=1e-3).endswith(f"({OXIDES[name].spacegroup})")


@pytest.mark.parametrize(
    ("name", "cation", "neighbours", "shortest", "longest"),
    [
        ("SnO2", "Sn", 6, 2.04, 2.07), ("NiO", "Ni", 6, 2.08, 2.10),
        ("Al2O3", "Al", 6, 1.85, 1.98), ("ZnO", "Zn", 4, 1.97, 2.00),
    ],
)  # fmt: skip
def test_bonds_in_the_crystal_are_the_measured_ones(name, cation, neighbours, shortest, longest):
    atoms = OXIDES[name].atoms()
    assert set(coordination(atoms, cation, 2.2)) == {neighbours}
    distances = neighbor_list("d", atoms, {(cation, "O"): 2.2})
    assert shortest < distances.min() <= distances.max() < longest


@pytest.mark.parametrize(("name", "miller", "parameters"), SURFACES)
def test_slabs_are_stoichiometric_and_have_no_dipole_of_formal_charges(name, miller, parameters):
    atoms = slab(name, miller, **parameters)
    charges = np.array([CHARGE[s] for s in atoms.symbols])
    assert charges.sum() == 0
    assert charges @ atoms.positions[:, 2] == pytest.approx(0, abs=1e-6)
    assert 0 < len(fixed_indices(atoms)) < len(atoms)


@pytest.mark.parametrize(
    ("name", "miller", "parameters"), [s for s in SURFACES if s[1] != [1, 1, 1]]
)
def test_both_faces_are_equal(name, miller, parameters):
    assert has_equal_faces(slab(name, miller, **parameters))


def test_sno2_110_shows_bridging_oxygen_and_five_and_sixfold_tin():
    atoms = slab("SnO2", [1, 1, 0], termination="O", thickness=5.5)
    planes = atomic_planes(atoms)
    assert set(atoms.symbols[planes[-1]]) == {"O"}
    oxygen = dict(zip(atoms.symbols.search("O"), coordination(atoms, "O", 2.2), strict=True))
    assert {oxygen[i] for i in planes[-1]} == {2}
    top = [i for i in planes[-2] if atoms.symbols[i] == "Sn"]
    tin = dict(zip(atoms.symbols.search("Sn"), coordination(atoms, "Sn", 2.2), strict=True))
    assert sorted(tin[i] for i in top) == [5, 5, 6, 6]


def test_alumina_ends_in_threefold_aluminium():
    atoms = slab("Al2O3", [0, 0, 0, 1], termination="Al", thickness=4.5)
    planes = atomic_planes(atoms)
    aluminium = dict(zip(atoms.symbols.search("Al"), coordination(atoms, "Al", 2.1), strict=True))
    assert {aluminium[i] for i in (*planes[0], *planes[-1])} == {3}


def test_octopolar_nickel_oxide_lacks_three_quarters_and_one_quarter():
    atoms = slab("NiO", [1, 1, 1], treatment="octopolar", termination="Ni", layers=6)
    assert [str(atoms.symbols[p]) for p in atomic_planes(atoms)] == [
        "O", "Ni3", "O4", "Ni4", "O3", "Ni",
    ]  # fmt: skip
    summit = atomic_planes(atoms)[-1][0]
    assert coordination(atoms, "Ni", 2.2)[list(atoms.symbols.search("Ni")).index(summit)] == 3


@pytest.mark.parametrize(
    ("name", "miller", "parameters", "message"),
    [
        ("NiO", [1, 1, 1], {}, "polar"),
        ("ZnO", [0, 0, 0, 1], {}, "polar"),
        ("Al2O3", [0, 0, 0, 1], {"termination": "Sn"}, "do not end in Sn"),
        ("SnO2", [1, 1, 0], {"treatment": "octopolar"}, "rocksalt"),
        ("NiO", [1, 1, 1], {"treatment": "octopolar", "size": [3, 3]}, "2×2"),
    ],
)
def test_polar_or_impossible_surfaces_are_refused(name, miller, parameters, message):
    with pytest.raises(RecipeError, match=message):
        slab(name, miller, **parameters)


@pytest.mark.parametrize(
    ("metal", "miller", "layers"), [("Na", [1, 1, 0], 3), ("K", [1, 1, 1], 5), ("Li", [1, 1, 0], 3)]
)
def test_an_alumina_film_keeps_its_own_lattice_on_strained_metal(metal, miller, layers):
    atoms = film(metal=metal, miller=miller, oxygen_layers=1, metal_layers=layers)
    counts = Counter(atoms.symbols)
    assert counts["O"] * 2 == counts["Al"] * 3
    assert len([p for p in atomic_planes(atoms) if set(atoms.symbols[p]) == {metal}]) == layers
    area = np.linalg.det(atoms.cell[:2, :2])
    assert area / (counts["O"] / 3) == pytest.approx(4.7602**2 * 3**0.5 / 2, rel=1e-6)
    assert set(atoms.symbols[fixed_indices(atoms)]) == {metal}
    bonds = neighbor_list("d", atoms, {("Al", "O"): 2.0})
    assert bonds == pytest.approx(1.85, abs=0.02)


def test_a_strain_that_no_cell_reaches_is_refused():
    with pytest.raises(RecipeError, match="no common cell"):
        film(metal="K", max_strain=0.001, max_area=60.0)
