"""Sheets that symmetry alone may hold flat."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from screening.structure import Geometry, fixed_indices

FLAT_A = 0.05
"""A sheet whose atoms span less than this along z has no force out of its plane."""
PUSH_A = 0.08
"""Standard deviation of the atoms' heights after the push, Å."""


def lies_flat(atoms: Atoms, geometry: Geometry) -> bool:
    """Whether a host is a sheet in one plane."""
    return geometry == "sheet" and len(atoms) > 1 and float(np.ptp(atoms.positions[:, 2])) < FLAT_A


def buckled(atoms: Atoms) -> Atoms:
    """Return the sheet with its free atoms pushed out of the plane, always in the same way."""
    pushed: Atoms = atoms.copy()
    pushed.set_constraint()
    heights = np.random.default_rng(0).normal(scale=PUSH_A, size=len(atoms))
    heights[fixed_indices(atoms)] = 0.0
    pushed.positions[:, 2] += heights - heights.mean()
    pushed.set_constraint([c for c in atoms.constraints if isinstance(c, FixAtoms)])
    return pushed
