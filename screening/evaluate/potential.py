"""Energies and forces of a batch of structures, counted and timed."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from screening.calculators.interface import BatchCalculator, LatentCalculator, Point
from screening.errors import TaskError


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
