"""Constraints of other programs as the one that is kept here: atoms fixed in full."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms, FixCartesian, FixedLine, FixedPlane, FixScaled

from screening.builders.gaps import gap, normal

_HOLDING = (FixAtoms, FixCartesian, FixScaled, FixedPlane, FixedLine)


def with_fixed_atoms(atoms: Atoms) -> tuple[Atoms, list[str]]:
    """Copy whose only constraint is `FixAtoms`, and statements of what that changed.

    An atom held along the normal, the direction of the widest vacuum, is fixed in full; one that
    may move along it is free; so is everything else that a constraint ties.
    """
    plain: Atoms = atoms.copy()
    if not atoms.constraints or all(isinstance(c, FixAtoms) for c in atoms.constraints):
        return plain, []
    widest = int(np.argmax([gap(atoms, axis)[0] for axis in range(3)]))
    directions = [normal(atoms, widest), *np.eye(3)]
    held = np.array([_held(atoms, direction) for direction in directions])
    full, touched = held[1:].all(axis=0), _touched(atoms)
    fixed = full | held[0]
    said = []
    if (fixed & ~full).any():
        count = int((fixed & ~full).sum())
        said.append(
            f"{count} atoms that the file holds along the normal, not in all directions, "
            "are fixed in full"
        )
    if (touched & ~fixed).any():
        count = int((touched & ~fixed).sum())
        said.append(f"{count} atoms that the file holds in the plane only are free")
    others = {type(c).__name__ for c in atoms.constraints if not isinstance(c, _HOLDING)}
    if others:
        said.append(f"constraints of kind {', '.join(sorted(others))} are not kept")
    plain.set_constraint([FixAtoms(np.flatnonzero(fixed))] if fixed.any() else None)
    return plain, said


def _held(atoms: Atoms, direction: np.ndarray) -> np.ndarray:
    """Whether a force along a direction leaves no force along it on each atom, (n_atoms,)."""
    return np.asarray(np.abs(_left(atoms, direction) @ direction) < 1e-6)


def _touched(atoms: Atoms) -> np.ndarray:
    """Whether constraints change any force on each atom, (n_atoms,)."""
    left = np.array([_left(atoms, direction) - direction for direction in np.eye(3)])
    return np.asarray(np.abs(left).max(axis=(0, 2)) > 1e-6)


def _left(atoms: Atoms, direction: np.ndarray) -> np.ndarray:
    forces = np.tile(direction, (len(atoms), 1)).astype(float)
    for constraint in atoms.constraints:
        if isinstance(constraint, _HOLDING):
            constraint.adjust_forces(atoms, forces)
    return forces
