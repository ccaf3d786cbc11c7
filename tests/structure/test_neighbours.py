"""The compiled pair search finds the pairs that ASE's own finds, for any cell and periodicity."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list

from screening.structure.neighbours import close_pairs


@pytest.mark.parametrize("seed", range(20))
def test_the_same_pairs_as_ase(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cell = np.eye(3) * rng.uniform(3, 8) + rng.normal(size=(3, 3))
    points = rng.uniform(-10, 15, (int(rng.integers(1, 15)), 3))
    atoms = Atoms(f"C{len(points)}", points, cell=cell, pbc=rng.integers(0, 2, 3))
    before = atoms.copy()
    first, second, vector, distance = close_pairs(atoms, 3.0)
    expected = neighbor_list("ijd", atoms, 3.0)
    assert sorted(zip(first, second, distance.round(6), strict=True)) == sorted(
        zip(*expected[:2], expected[2].round(6), strict=True)
    )
    assert np.allclose(np.linalg.norm(vector, axis=1), distance)
    assert atoms == before


def test_no_cell_is_no_obstacle() -> None:
    first, *_ = close_pairs(Atoms("H2", [[0, 0, 0], [0, 0, 0.74]]), 1.0)
    assert len(first) == 2
