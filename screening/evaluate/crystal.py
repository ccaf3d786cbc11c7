"""Relaxation of a crystal with its cell, within its space group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixSymmetry
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS

from screening.errors import TaskError
from screening.evaluate.potential import Potential


@dataclass(frozen=True)
class Crystallisation:
    """A crystal at the engine's own lattice.

    Attributes
    ----------
    atoms
        Relaxed cell, no constraints, no calculator.
    energy_ev
        Energy of the cell, eV.
    fmax_ev_a
        Largest force on an atom or component of the cell's gradient (virial over atoms), eV/Å.
    force_calls
        Evaluations that it took.
    """

    atoms: Atoms
    energy_ev: float
    fmax_ev_a: float
    converged: bool
    force_calls: int


def relax_crystal(
    atoms: Atoms, potential: Potential, *, fmax: float, max_steps: int, fixed_cell: bool = False
) -> Crystallisation:
    """Minimise the energy over positions and cell; the symmetry of the start is kept.

    Parameters
    ----------
    atoms
        Periodic along three directions; left untouched.
    fmax
        Limit on forces and on the gradient by the cell (Larsen et al., J. Phys.: Condens. Matter
        29, 273002 (2017); the cell moves by the exponential of a strain), eV/Å.
    max_steps
        Optimiser steps; the last state is returned, unconverged, after that.
    fixed_cell
        Relax positions only: a molecule in a box.

    Raises
    ------
    TaskError
        If the engine fails or has no stress.
    """
    work = atoms.copy()
    work.calc = potential.calculator
    work.set_constraint(FixSymmetry(work))
    target: Any = work if fixed_cell else FrechetCellFilter(work)
    optimiser = BFGS(target, logfile=None, maxstep=0.1)
    try:
        optimiser.run(fmax=fmax, steps=max_steps)
        largest = float(np.linalg.norm(target.get_forces(), axis=1).max(initial=0.0))
        energy = float(work.get_potential_energy())
    except Exception as error:
        raise TaskError(f"relaxation of the crystal: {type(error).__name__}: {error}") from error
    if not (np.isfinite(energy) and np.isfinite(largest)):
        raise TaskError("the calculator returned an energy or force that is not finite")
    calls = optimiser.nsteps + 1
    potential.force_calls += calls
    final = work.copy()
    final.calc = None
    final.set_constraint()
    return Crystallisation(final, energy, largest, largest < fmax, calls)
