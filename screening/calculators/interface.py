"""What an engine hands over, and what it may offer beyond an ASE calculator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from ase import Atoms


@dataclass(frozen=True)
class Point:
    """Energy (eV) and forces (eV/Å, shape (n_atoms, 3), without constraints) of one structure."""

    energy_ev: float
    forces: np.ndarray


@runtime_checkable
class BatchCalculator(Protocol):
    """An ASE calculator that can also evaluate independent structures in one go."""

    def compute_batch(self, structures: Sequence[Atoms]) -> list[Point]:
        """Return one point a structure, in order."""


@runtime_checkable
class LatentCalculator(Protocol):
    """A network that can tell what it sees of a structure, beyond the energy."""

    def latent(self, structures: Sequence[Atoms]) -> np.ndarray:
        """Features of the last hidden layer summed over atoms, shape (n, n_features).

        Extensive, like the energy: those of separate parts add up.
        """
