"""Two-dimensional crystals: composition, bonds and coordination of each monolayer."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list

from screening.builders import Recipe, build
from screening.errors import InputError


def sheet(material: str, **parameters: object) -> Atoms:
    parameters = {"material": material, **parameters}
    return build(Recipe(id="host", builder="layered", parameters=parameters)).atoms


@pytest.mark.parametrize(
    ("material", "composition", "thickness"),
    [
        ("h-BN", {"B": 1, "N": 1}, 0.0), ("g-C3N4", {"C": 6, "N": 8}, 0.0),
        ("MoS2", {"Mo": 1, "S": 2}, 3.172), ("phosphorene", {"P": 4}, 2.131),
    ],
)  # fmt: skip
def test_primitive_cells(material, composition, thickness):
    atoms = sheet(material, size=[1, 1])
    assert Counter(atoms.symbols) == composition
    assert np.ptp(atoms.positions[:, 2]) == pytest.approx(thickness, abs=1e-3)


@pytest.mark.parametrize(
    ("material", "bonds", "cutoff", "neighbours"),
    [
        ("h-BN", (1.446, 1.446), 1.7, {3: 2}),
        ("g-C3N4", (1.372, 1.373), 1.7, {3: 8, 2: 6}),
        ("MoS2", (2.41, 2.42), 2.7, {6: 1, 3: 2}),
        ("phosphorene", (2.22, 2.25), 2.5, {3: 4}),
    ],
)
def test_bond_lengths_and_coordination(material, bonds, cutoff, neighbours):
    atoms = sheet(material, size=[1, 1])
    first, distance = neighbor_list("id", atoms, cutoff)
    assert bonds[0] - 2e-3 < distance.min() <= distance.max() < bonds[1] + 2e-3
    assert Counter(Counter(first.tolist()).values()) == neighbours


def test_carbon_in_carbon_nitride_binds_nitrogen_only():
    atoms = sheet("g-C3N4")
    first, second = neighbor_list("ij", atoms, 1.7)
    assert (atoms.numbers[first] != atoms.numbers[second]).all()


def test_an_unknown_material_is_refused():
    with pytest.raises(InputError, match="material"):
        sheet("WS2")
