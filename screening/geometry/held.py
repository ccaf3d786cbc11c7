"""Starts that symmetry holds: in the middle of a flat pore an ion feels no force, hill or not."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from screening.geometry.symmetry import SYMPREC, symmetry_operations
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice

SHAKE_A = 0.1
"""Å; a relaxation takes it back where the middle is a minimum."""
ASKEW = np.array([1.0, 2.0, 3.0]) / 14**0.5
"""Along no axis and in no mirror plane of a usual host."""


def freed(clean: Atoms, start: Atoms, geometry: Geometry) -> Atoms:
    """Return the start, its ion moved a little if the host's symmetry holds it on all sides.

    Where no vector stays itself under all operations that leave the ion in its place, its force
    vanishes for that reason alone, and a relaxation would end at once, on a hill too.

    Parameters
    ----------
    clean
        Host.
    start
        The same with the ion as its last atom; left untouched.
    """
    place, lattice = start.positions[-1], Lattice.of(clean, geometry)
    stay = [
        operation.rotation
        for operation in symmetry_operations(clean, geometry)
        if np.linalg.norm(lattice.minimum_image(operation.apply(place) - place)) < SYMPREC
    ]
    if not np.allclose(np.mean(stay, axis=0), 0.0, atol=1e-3):
        return start
    moved: Atoms = start.copy()
    moved.positions[-1] += SHAKE_A * ASKEW
    return moved
