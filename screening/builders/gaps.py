"""Where a periodic structure is empty, and its atoms moved so that they hang together there."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from screening.structure.candidate import fixed_indices

VACUUM_GAP_A = 6.0
"""Empty space along a cell vector that counts as vacuum, Å: more than the layer distances of van
der Waals and pillared crystals, less than people leave in a surface cell."""


def gap(atoms: Atoms, axis: int) -> tuple[float, float]:
    """Widest empty space along a cell vector, Å, and the fraction at which matter starts again."""
    if not atoms.pbc[axis] or not atoms.cell[axis].any():
        return np.inf, 0.0
    fractions = np.sort(_fractions(atoms)[:, axis] % 1.0)
    steps = np.diff([*fractions, fractions[0] + 1.0])
    widest = int(np.argmax(steps))
    start = fractions[(widest + 1) % len(fractions)]
    return float(steps[widest]) * _height(atoms, axis), float(start)


def normal(atoms: Atoms, axis: int) -> np.ndarray:
    """Return the unit normal of the other two cell vectors, on the side of this one, (3,)."""
    cell = np.asarray(atoms.cell.complete())
    vector = np.cross(cell[(axis + 1) % 3], cell[(axis + 2) % 3])
    vector *= np.sign(vector @ cell[axis])
    return np.asarray(vector / np.linalg.norm(vector))


def gathered(atoms: Atoms, open_axes: list[int]) -> Atoms:
    """Copy with atoms moved by whole cell vectors so that the vacuum lies at the cell's faces.

    Nothing but species, positions, cell and fixed atoms is kept; axes of vacuum are not periodic.
    """
    joined: Atoms = atoms.copy()
    joined.info = {}
    for name in set(joined.arrays) - {"numbers", "positions"}:
        del joined.arrays[name]
    joined.set_constraint([FixAtoms(fixed_indices(atoms))] if len(fixed_indices(atoms)) else None)
    fractions = _fractions(atoms)
    for axis in range(3):
        start = gap(atoms, axis)[1]
        if atoms.pbc[axis] and atoms.cell[axis].any():
            shift = (start if axis in open_axes else 0.0) - 1e-6
            moves = np.floor(fractions[:, axis] - shift)
            joined.positions -= moves[:, None] * atoms.cell[axis]
    joined.pbc = [bool(p) and axis not in open_axes for axis, p in enumerate(atoms.pbc)]
    return joined


def _height(atoms: Atoms, axis: int) -> float:
    """Distance between the cell faces that a vector connects, Å; infinite without a vector."""
    reciprocal = float(np.linalg.norm(atoms.cell.complete().reciprocal()[axis]))
    return 1.0 / reciprocal if atoms.cell[axis].any() else np.inf


def _fractions(atoms: Atoms) -> np.ndarray:
    return np.asarray(np.linalg.solve(atoms.cell.complete().T, atoms.positions.T).T)
