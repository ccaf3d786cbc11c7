"""Energies and forces of a batch of structures, counted and timed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from screening.errors import TaskError


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


class Potential:
    """An ASE calculator seen as a function of batches; counts its force calls and their seconds.

    Parameters
    ----------
    calculator
        Any ASE calculator. One that also has ``compute_batch`` gets whole batches.
    """

    def __init__(self, calculator: Calculator) -> None:
        self.calculator = calculator
        self.force_calls = 0
        self.seconds = 0.0

    def compute(self, structures: Sequence[Atoms]) -> list[Point]:
        """Evaluate independent structures; the inputs are left untouched.

        Raises
        ------
        TaskError
            If the calculator fails, or an energy or force is not finite.
        """
        self.force_calls += len(structures)
        start = time.perf_counter()
        if isinstance(self.calculator, BatchCalculator):
            points = self.calculator.compute_batch(structures)
        else:
            points = [self._one(atoms) for atoms in structures]
        self.seconds += time.perf_counter() - start
        for point in points:
            if not (np.isfinite(point.energy_ev) and np.isfinite(point.forces).all()):
                raise TaskError("the calculator returned an energy or force that is not finite")
        return points

    def latent(self, structures: Sequence[Atoms]) -> np.ndarray | None:
        """Latent features of structures, shape (n, n_features); None if the calculator has none.

        Raises
        ------
        TaskError
            If a feature is not finite.
        """
        if not isinstance(self.calculator, LatentCalculator):
            return None
        self.force_calls += len(structures)
        start = time.perf_counter()
        found = self.calculator.latent(structures)
        self.seconds += time.perf_counter() - start
        if not np.isfinite(found).all():
            raise TaskError("the calculator returned a latent feature that is not finite")
        return found

    def _one(self, atoms: Atoms) -> Point:
        work = atoms.copy()
        work.calc = self.calculator
        try:
            energy = float(work.get_potential_energy())
            forces = np.array(work.get_forces(apply_constraint=False), dtype=float)
        except Exception as error:  # engines raise anything; the row keeps the text
            raise TaskError(f"{type(error).__name__}: {error}") from error
        return Point(energy, forces)
