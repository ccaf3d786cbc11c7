"""Relaxation of independent structures in lock-step, with honest convergence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.optimize import BFGS

from screening.calculators.interface import Point
from screening.evaluate.potential import Potential

STIFF_EV_A2 = 70.0
"""Initial curvature of a bound atom, eV/Å² (ASE's default for BFGS)."""

SOFT_EV_A2 = 8.0
"""Initial curvature of an adatom, eV/Å². The A–surface modes of Li, Na, K lie at 1–10 eV/Å²;
with `STIFF_EV_A2` a relaxation of Li on graphene takes 16 steps, with this 5
(benchmarks/README.md)."""


@dataclass(frozen=True)
class Relaxation:
    """The end of a relaxation, whether or not it converged.

    Attributes
    ----------
    atoms
        Final structure, constraints kept, no calculator.
    energy_ev, fmax_ev_a
        Energy and largest force on a free atom *of the final structure*.
    converged
        Whether `fmax_ev_a` is below the limit asked for.
    steps
        Optimiser steps; force calls are one more.
    """

    atoms: Atoms
    energy_ev: float
    forces: np.ndarray
    fmax_ev_a: float
    converged: bool
    steps: int

    @property
    def force_calls(self) -> int:
        """Evaluations that the relaxation took."""
        return self.steps + 1


def max_force(atoms: Atoms, forces: np.ndarray) -> float:
    """Largest force norm over the degrees of freedom that constraints leave free, eV/Å."""
    free = forces.copy()
    for constraint in atoms.constraints:
        constraint.adjust_forces(atoms, free)
    return float(np.linalg.norm(free, axis=1).max(initial=0.0))


def relax_batch(
    structures: Sequence[Atoms],
    potential: Potential,
    *,
    fmax: float,
    max_steps: int,
    soft: Sequence[int] = (),
) -> list[Relaxation]:
    """Relax structures that do not interact, one batched evaluation a step.

    Parameters
    ----------
    structures
        Starting points; not changed.
    fmax
        Limit on the largest force of a free atom, eV/Å.
    max_steps
        Optimiser steps a structure may take; the last state is returned, unconverged, after that.
    soft
        Indices of loosely bound atoms (adatoms), whose initial curvature is `SOFT_EV_A2`.

    Returns
    -------
    list of Relaxation
        In the order of the input.
    """
    works = [_optimiser(atoms, soft) for atoms in structures]
    done: dict[int, Relaxation] = {}
    for step in range(max_steps + 1):
        active = [index for index in range(len(works)) if index not in done]
        if not active:
            break
        points = potential.compute([works[index].atoms for index in active])
        for index, point in zip(active, points, strict=True):
            atoms = works[index].atoms
            largest = max_force(atoms, point.forces)
            if largest < fmax or step == max_steps:
                done[index] = _finish(atoms, point, largest, largest < fmax, step)
            else:
                attach(atoms, point)
                works[index].step()
    return [done[index] for index in range(len(works))]


def attach(atoms: Atoms, point: Point) -> None:
    """Let `atoms` serve the energy and forces of a point until it is moved."""
    atoms.calc = SinglePointCalculator(atoms, energy=point.energy_ev, forces=point.forces)


def curvature(n_atoms: int, soft: Sequence[int]) -> np.ndarray:
    """Diagonal of the initial Hessian, shape (3 n_atoms,), eV/Å²."""
    diagonal = np.full((n_atoms, 3), STIFF_EV_A2)
    diagonal[list(soft)] = SOFT_EV_A2
    return diagonal.ravel()


def _optimiser(atoms: Atoms, soft: Sequence[int]) -> BFGS:
    optimiser = BFGS(atoms.copy(), logfile=None)
    optimiser.H0 = np.diag(curvature(len(atoms), soft))
    return optimiser


def _finish(atoms: Atoms, point: Point, largest: float, converged: bool, steps: int) -> Relaxation:
    final = atoms.copy()
    final.calc = None
    return Relaxation(final, point.energy_ev, point.forces, largest, converged, steps)
