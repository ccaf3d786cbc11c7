"""A symmetry that maps a path onto its reverse: half of the images tell all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.errors import TaskError

TOLERANCE_A = 1e-3


@dataclass(frozen=True)
class Mirror:
    """An isometry that swaps the end states of a path.

    Attributes
    ----------
    rotation
        Cartesian, shape (3, 3), its own inverse.
    permutation
        Atom i arrives where atom ``permutation[i]`` belongs, shape (n_atoms,).
    shift
        Translation of each atom, lattice vectors included, Å, shape (n_atoms, 3).
    """

    rotation: np.ndarray
    permutation: np.ndarray
    shift: np.ndarray

    @classmethod
    def between(
        cls,
        start: Atoms,
        end: Atoms,
        rotation: Sequence[Sequence[float]] | np.ndarray,
        permutation: Sequence[int] | np.ndarray,
    ) -> Mirror:
        """Mirror that carries `start` onto `end`.

        Raises
        ------
        TaskError
            If it does not carry `end` back onto `start`.
        """
        turn, order = np.asarray(rotation, dtype=float), np.asarray(permutation, dtype=int)
        mirror = cls(turn, order, end.positions[order] - start.positions @ turn.T)
        if np.abs(mirror.apply(end.positions) - start.positions).max() > TOLERANCE_A:
            raise TaskError("the symmetry of a path does not swap its end states")
        return mirror

    def apply(self, positions: np.ndarray) -> np.ndarray:
        """Mirrored positions, shape (n_atoms, 3)."""
        mirrored = np.empty_like(positions)
        mirrored[self.permutation] = positions @ self.rotation.T + self.shift
        return mirrored

    def centre(self, positions: np.ndarray) -> np.ndarray:
        """Nearest positions that the mirror leaves where they are, shape (n_atoms, 3)."""
        centred: np.ndarray = (positions + self.apply(positions)) / 2
        return centred
