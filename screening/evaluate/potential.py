"""Energies and forces of a batch of structures, counted and timed."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from numbers import Real
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator

from screening.calculators.interface import BatchCalculator, LatentCalculator, Point
from screening.errors import TaskError, brief


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
        start, process = time.perf_counter(), os.getpid()
        if isinstance(self.calculator, BatchCalculator):
            points = self.calculator.compute_batch(structures)
        else:
            points = [self._one(atoms) for atoms in structures]
        if os.getpid() != process:  # a child that the engine forked must not go on with our work
            os._exit(0)
        self.seconds += time.perf_counter() - start
        if len(points) != len(structures):
            raise TaskError(f"the calculator returned {len(points)} of {len(structures)} results")
        return [_checked(p, len(atoms)) for p, atoms in zip(points, structures, strict=True)]

    def strained(self, atoms: Atoms) -> tuple[Point, np.ndarray]:
        """Evaluate a crystal; also the energy's derivative by strain, eV, shape (3, 3).

        Raises
        ------
        TaskError
            If the calculator fails, has no stress, or gives a number that is not finite.
        """
        self.force_calls += 1
        work, start = atoms.copy(), time.perf_counter()
        work.calc = self.calculator
        try:
            stress = work.get_stress(voigt=False)  # first: many engines give all with it
            point = Point(work.get_potential_energy(), work.get_forces())
        except (Exception, SystemExit) as error:  # engines raise anything; the row keeps the text
            raise TaskError(brief(f"stress: {type(error).__name__}: {error}")) from error
        self.seconds += time.perf_counter() - start
        if not np.isfinite(stress).all():
            raise TaskError("the calculator returned a stress that is not finite")
        return _checked(point, len(atoms)), stress * atoms.cell.volume

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
            energy = work.get_potential_energy()
            forces = np.array(work.get_forces(apply_constraint=False))
        except (Exception, SystemExit) as error:  # engines raise anything; the row keeps the text
            raise TaskError(brief(f"{type(error).__name__}: {error}")) from error
        return Point(energy, forces)


def _checked(point: Point, n_atoms: int) -> Point:
    """Return an engine's numbers as floats, if they are numbers, of the right shape, and finite.

    NumPy would read the text "-3.0" and True as numbers, and spread one force over all atoms.
    """
    energy, forces = np.asarray(point.energy_ev), np.asarray(point.forces)
    if energy.dtype.kind not in "fiu" or energy.size != 1:
        raise TaskError(f"the calculator returned an energy that is no number: {_text(energy)}")
    if forces.dtype == object:
        with suppress(TypeError, ValueError):
            forces = np.array([[_real(x) for x in force] for force in forces])
    if forces.dtype.kind not in "fiu" or forces.shape != (n_atoms, 3):
        raise TaskError(
            f"the calculator returned forces of shape {forces.shape} and type {forces.dtype} "
            f"for {n_atoms} atoms"
        )
    if not (np.isfinite(energy).all() and np.isfinite(forces).all()):
        raise TaskError("the calculator returned an energy or force that is not finite")
    return Point(float(energy.item()), forces.astype(float))


def _real(number: Any) -> float:
    if isinstance(number, bool | str) or not isinstance(number, Real):
        raise TypeError
    return float(number)


def _text(value: Any) -> str:
    return brief(repr(value), 80)
