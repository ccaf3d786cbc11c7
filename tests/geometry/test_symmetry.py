"""Isometries of hosts."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.cluster import Icosahedron
from ase.constraints import FixAtoms

from screening.geometry.symmetry import symmetry_operations
from screening.structure.lattice import Lattice
from tests.geometry.hosts import boron_doped, janus, sheet, slab, tube, vacancy


@pytest.mark.parametrize(
    ("atoms", "geometry", "order"),
    [
        (sheet(1), "sheet", 24),  # p6/mmm
        (sheet(2), "sheet", 4 * 24),
        (boron_doped(), "sheet", 12),  # p-6m2
        (vacancy(), "sheet", 12),
        (janus(), "sheet", 4 * 6),  # p3m1
        (slab("fcc111"), "slab", 4 * 6),
        (slab("fcc100"), "slab", 4 * 8),
        (slab("bcc110", "Li", a=3.51), "slab", 4 * 4),  # c2mm
        (tube(5, 0, 1), "tube", 40),
        (Icosahedron("Cu", 2), "cluster", 120),
        (molecule("C60"), "cluster", 120),
        (molecule("CH4"), "cluster", 24),
        (molecule("C6H6"), "cluster", 24),
        (Atoms("Cu"), "cluster", 1),
    ],
)
def test_order_of_the_group(atoms: Atoms, geometry: str, order: int) -> None:
    assert len(symmetry_operations(atoms, geometry)) == order


@pytest.mark.parametrize(
    ("atoms", "geometry"),
    [
        (sheet(), "sheet"),
        (slab("fcc111"), "slab"),
        (tube(), "tube"),
        (Icosahedron("Cu", 2), "cluster"),
    ],
)
def test_each_operation_carries_atoms_onto_their_own_kind(atoms: Atoms, geometry: str) -> None:
    lattice = Lattice.of(atoms, geometry)
    for operation in symmetry_operations(atoms, geometry):
        landed = atoms.positions[operation.permutation]
        offset = lattice.minimum_image(operation.apply(atoms.positions) - landed)
        assert np.abs(offset).max() < 1e-3
        assert (atoms.numbers[operation.permutation] == atoms.numbers).all()
        assert sorted(operation.permutation) == list(range(len(atoms)))


def test_identity_comes_first() -> None:
    first = symmetry_operations(sheet(), "sheet")[0]
    assert first.rotation == pytest.approx(np.eye(3), abs=1e-9)
    assert first.permutation.tolist() == list(range(18))


def test_fixed_atoms_stay_fixed() -> None:
    free, held = slab("fcc100"), slab("fcc100")
    held.constraints[0].index = held.constraints[0].index[1:]
    assert len(symmetry_operations(held, "slab")) < len(symmetry_operations(free, "slab"))


def test_small_distortions_are_within_tolerance_and_large_ones_are_not() -> None:
    relaxed, broken = sheet(), sheet()
    relaxed.rattle(0.01, seed=1)
    broken.positions[0] += (0.3, 0.1, 0.0)
    assert len(symmetry_operations(relaxed, "sheet")) == 9 * 24
    assert len(symmetry_operations(broken, "sheet")) == 2


def test_operations_of_one_structure_are_found_once() -> None:
    first = symmetry_operations(sheet(2), "sheet")
    assert symmetry_operations(sheet(2), "sheet") is first


def test_a_host_that_was_moved_held_or_called_another_geometry_is_another_host() -> None:
    atoms = sheet(2)
    order = len(symmetry_operations(atoms, "sheet"))
    assert len(symmetry_operations(atoms, "slab")) == order // 2
    held = atoms.copy()
    held.set_constraint(FixAtoms([0]))
    assert len(symmetry_operations(held, "sheet")) < order
    atoms.positions[0] += (0.3, 0.2, 0.1)
    assert len(symmetry_operations(atoms, "sheet")) < order
