"""Relaxation of independent structures in lock-step, with honest convergence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.calculators.interface import Point
from screening.evaluate.minimise import Minimiser
from screening.evaluate.potential import Potential
from screening.evaluate.stiffness import stiffness, uncoupled
from screening.structure import fixed_indices

NET_FORCE = 0.5
"""Share of the largest force that the sum of all may reach by an engine's noise."""


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
    return float(np.linalg.norm(free_forces(atoms, forces), axis=1).max(initial=0.0))


def free_forces(atoms: Atoms, forces: np.ndarray) -> np.ndarray:
    """Return the forces along what constraints leave free, eV/Å, shape (n_atoms, 3)."""
    free = forces.copy()
    for constraint in atoms.constraints:
        constraint.adjust_forces(atoms, free)
    return free


def free_indices(atoms: Atoms) -> np.ndarray:
    """Return the indices of the atoms that `FixAtoms` does not hold, shape (n_free,)."""
    return np.setdiff1d(np.arange(len(atoms)), fixed_indices(atoms))


def free_block(hessian: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return the part of a Hessian (3 n_atoms, 3 n_atoms) that belongs to the free atoms."""
    rows = (3 * free[:, None] + np.arange(3)).ravel()
    block: np.ndarray = hessian[np.ix_(rows, rows)]
    return block


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
        Indices of loosely bound atoms, as adsorbed ions are: their springs are guessed softer.

    Returns
    -------
    list of Relaxation
        In the order of the input.
    """
    walkers = [_Walker(atoms, soft) for atoms in structures]
    done: dict[int, Relaxation] = {}
    for step in range(max_steps + 1):
        active = [index for index in range(len(walkers)) if index not in done]
        if not active:
            break
        points = potential.compute([walkers[index].atoms for index in active])
        for index, point in zip(active, points, strict=True):
            atoms = walkers[index].atoms
            largest = max_force(atoms, point.forces)
            if largest < fmax or step == max_steps:
                done[index] = _finish(atoms, point, largest, largest < fmax, step)
            else:
                walkers[index].move(point.forces)
    return [done[index] for index in range(len(walkers))]


class _Walker:
    """One structure on its way down."""

    def __init__(self, atoms: Atoms, soft: Sequence[int]) -> None:
        self.atoms: Atoms = atoms.copy()
        self.atoms.calc = None
        self.free, self.soft = free_indices(atoms), soft
        self.minimiser: Minimiser | None = None

    def move(self, forces: np.ndarray) -> None:
        """Take one step, within the constraints, by the forces on all atoms."""
        if self.minimiser is None:
            guess = stiffness(self.atoms, self.soft)
            guess = guess if _balanced(forces) else uncoupled(guess)
            self.minimiser = Minimiser([free_block(guess, self.free)])
        along = free_forces(self.atoms, forces)[self.free]
        here = self.atoms.positions
        there = here.copy()
        there[self.free] += self.minimiser.step(here[self.free], along)
        self.atoms.set_positions(there)


def _balanced(forces: np.ndarray) -> bool:
    """Whether atoms are held by each other alone, and not by something fixed in space."""
    largest = float(np.linalg.norm(forces, axis=1).max(initial=0.0))
    return bool(np.linalg.norm(forces.sum(axis=0)) < NET_FORCE * largest)


def _finish(atoms: Atoms, point: Point, largest: float, converged: bool, steps: int) -> Relaxation:
    final = atoms.copy()
    final.calc = None
    return Relaxation(final, point.energy_ev, point.forces, largest, converged, steps)
