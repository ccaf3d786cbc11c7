"""Quasi-Newton steps from forces alone, in the metric of a stiffness that is guessed beforehand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import solve_triangular

MAX_STEP_A = 0.3
"""Longest displacement of an atom in one step."""
DAMPED = 0.2
"""Share of the curvature expected along a displacement below which a new one is not believed."""
SHORT = 1e-7
"""Å, or a share of a vector's length: shorter ones are rounding errors and teach nothing."""


class Minimiser:
    """Damped BFGS whose first Hessian is any positive definite matrix.

    Broyden, Fletcher, Goldfarb and Shanno with Powell's damping, which keeps the Hessian positive
    where the energy curves downwards (Nocedal & Wright, Numerical Optimization, 2nd ed., 2006,
    procedure 18.2). In coordinates in which the first Hessian is the unit matrix, the Hessian
    differs from it only within the displacements and gradients seen so far: what is kept, and what
    a step costs, grows with the steps taken and not with the square of the atoms.

    Parameters
    ----------
    stiffness
        Diagonal blocks of the first Hessian, eV/Å², each of shape (3 n, 3 n): one a structure, or
        one an image of a path.
    """

    def __init__(self, stiffness: Sequence[np.ndarray]) -> None:
        self._factors = [np.linalg.cholesky(block) for block in stiffness]
        self._ends = np.cumsum([len(block) for block in stiffness])
        self._basis = np.empty((int(self._ends[-1]), 0))
        self._hessian = np.empty((0, 0))
        self._last: tuple[np.ndarray, np.ndarray] | None = None

    def step(self, positions: np.ndarray, forces: np.ndarray) -> np.ndarray:
        """Return where to go from positions with these forces, as a displacement.

        Parameters
        ----------
        positions, forces
            Å and eV/Å, shape (n, 3), the atoms of all blocks one after the other.

        Returns
        -------
        np.ndarray
            Å, shape (n, 3); no atom moves further than `MAX_STEP_A`.
        """
        parts = self._split(positions)
        here = np.concatenate([f.T @ x for f, x in zip(self._factors, parts, strict=True)])
        gradient = -self._solve(forces)
        if self._last is not None:
            self._learn(here - self._last[0], gradient - self._last[1])
        self._last = here, gradient
        known = self._basis.T @ gradient
        newton = gradient + self._basis @ (np.linalg.solve(self._hessian, known) - known)
        moves = -self._solve(newton, transposed=True).reshape(-1, 3)
        longest = float(np.linalg.norm(moves, axis=1).max(initial=0.0))
        limited: np.ndarray = moves * min(1.0, MAX_STEP_A / max(longest, SHORT))
        return limited

    def _learn(self, moved: np.ndarray, change: np.ndarray) -> None:
        """Update the Hessian from a displacement and the change of the gradient along it."""
        if np.abs(moved).max(initial=0.0) < SHORT:
            return
        self._include(moved)
        self._include(change)
        s, y = self._basis.T @ moved, self._basis.T @ change
        guess = self._hessian @ s
        seen, guessed = float(s @ y), float(s @ guess)
        if seen < DAMPED * guessed:
            share = (1 - DAMPED) * guessed / (guessed - seen)
            y = share * y + (1 - share) * guess
            seen = DAMPED * guessed
        self._hessian = self._hessian + np.outer(y, y) / seen - np.outer(guess, guess) / guessed

    def _include(self, vector: np.ndarray) -> None:
        """Add a direction to those along which the Hessian may differ from the first one."""
        rest = vector / max(float(np.linalg.norm(vector)), SHORT)
        for _ in range(2):  # once more for the rounding errors of the first time
            rest = rest - self._basis @ (self._basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > SHORT:
            self._basis = np.column_stack([self._basis, rest / size])
            self._hessian = np.pad(self._hessian, (0, 1))
            self._hessian[-1, -1] = 1.0

    def _split(self, values: np.ndarray) -> list[np.ndarray]:
        return np.split(values.ravel(), self._ends[:-1])

    def _solve(self, values: np.ndarray, *, transposed: bool = False) -> np.ndarray:
        """Divide by the factor of the first Hessian, or by its transpose."""
        pairs = zip(self._factors, self._split(values), strict=True)
        return np.concatenate(
            [solve_triangular(f, x, lower=True, trans="T" if transposed else "N") for f, x in pairs]
        )
