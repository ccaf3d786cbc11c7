"""The cyanovinylene framework and its linker: composition, topology, bond lengths, symmetry."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.neighborlist import neighbor_list

from screening.builders import Recipe, build

BONDED = {("C", "C"): 1.6, ("C", "H"): 1.2, ("C", "N"): 1.5}


def host(builder: str, **parameters: object) -> Atoms:
    return build(Recipe(id="host", builder=builder, parameters=dict(parameters))).atoms


@pytest.mark.parametrize(
    ("builder", "composition"),
    [
        ("cyanovinylene-cof", {"C": 21, "H": 9, "N": 3}),
        ("cyanovinylene-linker", {"C": 15, "H": 11, "N": 1}),
    ],
)
def test_composition_valence_and_bonds(builder, composition):
    atoms = host(builder)
    assert Counter(atoms.symbols) == composition
    first, second, distance = neighbor_list("ijd", atoms, BONDED)
    degree = Counter(first.tolist())
    valence = {"H": {1}, "N": {1}, "C": {2, 3}}
    assert all(degree[i] in valence[s] for i, s in enumerate(atoms.symbols))
    assert sum(degree[i] == 2 for i in atoms.symbols.search("C")) == composition["N"]
    carbon = (atoms.symbols[first] == "C") & (atoms.symbols[second] == "C")
    assert np.unique(np.round(distance[carbon], 2)) == pytest.approx([1.36, 1.40, 1.43, 1.46])


@pytest.mark.parametrize("builder", ["cyanovinylene-cof", "cyanovinylene-linker"])
def test_atoms_that_are_not_bonded_keep_apart(builder):
    atoms = host(builder)
    closest = {("H", "H"): 1.85, ("H", "N"): 2.0, ("H", "C"): 1.9}
    for pair, least in closest.items():
        distance = neighbor_list("d", atoms, {pair: least})
        assert (distance < 1.2).all()


def test_the_sheet_is_a_planar_honeycomb():
    atoms = host("cyanovinylene-cof")
    assert np.ptp(atoms.positions[:, 2]) == pytest.approx(0, abs=1e-9)
    assert atoms.cell.lengths()[0] == pytest.approx(atoms.cell.lengths()[1])
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    rotations = spglib.get_symmetry(cell, symprec=1e-3)["rotations"]
    assert len(rotations) == 6
