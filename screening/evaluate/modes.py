"""Vibrations of one atom on a rigid host: whether it is in a minimum, and how fast it tries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.units import _amu, _e

from screening.evaluate.potential import Potential

STEP_A = 0.02
"""Displacement for central differences, Å: large against the noise of single precision."""


@dataclass(frozen=True)
class Modes:
    """Partial Hessian of one atom.

    Attributes
    ----------
    curvatures_ev_a2
        Eigenvalues in ascending order, eV/Å², shape (3,); a minimum has none below zero.
    frequencies_thz
        Of the positive ones, THz.
    """

    curvatures_ev_a2: np.ndarray
    frequencies_thz: np.ndarray

    def is_minimum(self, tolerance: float = 0.02) -> bool:
        """Whether no curvature lies below −`tolerance` eV/Å²."""
        return bool(self.curvatures_ev_a2[0] > -tolerance)


def atom_modes(atoms: Atoms, index: int, potential: Potential) -> Modes:
    """Modes of one atom with all others at rest, from six evaluations.

    The rest of the host is heavy or stiff against an alkali adatom, so the partial Hessian gives
    the attempt frequency of a hop (Vineyard 1957, doi:10.1016/0022-3697(57)90059-8, reduced to the
    adatom).
    """
    curvatures = np.linalg.eigvalsh(atom_hessian(atoms, index, potential))
    mass_kg = atoms.get_masses()[index] * _amu
    # 1 eV/Å² = e · 10²⁰ J/m².
    omega = np.sqrt(curvatures[curvatures > 0] * _e * 1e20 / mass_kg)
    return Modes(curvatures, omega / (2 * np.pi) / 1e12)


def atom_hessian(atoms: Atoms, index: int, potential: Potential) -> np.ndarray:
    """Hessian of one atom with all others at rest, eV/Å², shape (3, 3), from six evaluations."""
    displaced = []
    for axis in range(3):
        for sign in (1, -1):
            copy = atoms.copy()
            copy.positions[index, axis] += sign * STEP_A
            displaced.append(copy)
    forces = np.array([point.forces[index] for point in potential.compute(displaced)])
    slopes = -(forces[0::2] - forces[1::2]) / (2 * STEP_A)
    hessian: np.ndarray = (slopes + slopes.T) / 2
    return hessian
