"""What an ion has still to gain at the reference level where only an engine relaxed it.

Reference points are single points at an engine's minimum, where the reference pushes the ion on.
With the reference's force f and the engine's Hessian H of the ion, a Newton step ``s = H⁻¹ f``
gains ``½ fᵀ H⁻¹ f`` (Nocedal & Wright, Numerical Optimization, 2nd ed., Springer 2006, section
2.2). Curvatures are floored, as an engine's soft directions may be stiff at the reference level,
and a step beyond `LIMIT_A` is not believed: docs/reference.md compares with displaced copies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SMALL_EV_A = 0.05
"""Forces below this are a relaxation's own tolerance: nothing is to gain."""

FLOOR_EV_A2 = 1.0
"""Least curvature."""

LIMIT_A = 0.4
"""Longest step over which one Hessian describes the ion."""

LARGEST_EV = 0.3
"""Most that is thought possible where the step is not believed."""

SHARE = 0.5
"""Standard deviation of a gain as a share of it: engine's and reference's curvatures differ by a
factor of two at most displaced copies."""


@dataclass(frozen=True)
class Gain:
    """Energy that the ions of a reference point have still to gain, per ion.

    Attributes
    ----------
    energy_ev
        Not negative; 0 where the step is not believed.
    error_ev
        Standard deviation.
    step_a
        Longest Newton step, Å.
    """

    energy_ev: float = 0.0
    error_ev: float = 0.0
    step_a: float = 0.0

    @property
    def believed(self) -> bool:
        """Whether every step is within the limit."""
        return self.step_a <= LIMIT_A


NOTHING = Gain()


def gain_of(forces: np.ndarray, hessians: np.ndarray) -> Gain:
    """Return what ions gain that are each free to move alone.

    Parameters
    ----------
    forces
        At the reference level, eV/Å, shape (n_ions, 3).
    hessians
        Of each ion, eV/Å², shape (n_ions, 3, 3).
    """
    curvatures, axes = np.linalg.eigh(hessians)
    along = np.einsum("nij,ni->nj", axes, forces)
    steps = along / np.maximum(curvatures, FLOOR_EV_A2)
    energy = float((along * steps).sum(axis=1).mean() / 2)
    longest = float(np.linalg.norm(steps, axis=1).max())
    if longest > LIMIT_A:
        return Gain(0.0, min(energy, LARGEST_EV), longest)
    return Gain(energy, SHARE * energy, longest)
