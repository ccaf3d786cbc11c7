"""Which pairs to compute next: expected improvement, one believed pick after the other.

Expected improvement: Jones, Schonlau & Welch, J. Global Optim. 13, 455 (1998),
doi:10.1023/A:1008306431147. Picks of one batch: the kriging believer of Ginsbourger, Le Riche &
Carraro (2010), doi:10.1007/978-3-642-10701-6_6: a picked value is taken to be what was predicted,
which leaves all means as they are and makes alike hosts less uncertain, so that a batch spreads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from screening.surrogate.domain import NORMAL90
from screening.surrogate.instant import Instant
from screening.surrogate.prescreen import Guess

TARGET = 5
"""Improvement counts against this best value of an ion: five hosts are what a lab tries a month."""

SHORTLIST = 5000
"""Pairs with the largest expected improvement among which picks are made."""

REMEMBERED = 1000
"""Computed pairs, the most promising ones, whose likes count as known."""


class Chooser:
    """Picks pairs by expected improvement of the adsorption energy at the reference level.

    Parameters
    ----------
    guesses
        All pairs of the run.
    known
        Energies of computed pairs by index: the calibrated value, or None where there is none at
        the reference level; then the instant value stands for it.
    """

    def __init__(
        self, guesses: Sequence[Guess], known: dict[int, float | None], model: Instant
    ) -> None:
        self._model = model
        self._inside = [i for i, g in enumerate(guesses) if g.estimate.in_domain]
        self._outside = [
            i for i, g in enumerate(guesses) if not g.estimate.in_domain and i not in known
        ]
        targets = _targets(guesses, known, self._inside)
        wanted = self._shortlist(guesses, known, targets)
        self._index = np.array(wanted, dtype=int)
        self._target = np.array([targets[guesses[i].ion] for i in wanted])
        self._open = np.array([i not in known for i in wanted], dtype=bool)
        self._variance = np.empty(0)
        self._steps: list[np.ndarray] = []
        if wanted:
            x = np.array([guesses[i].x for i in wanted])
            self._found = model.predict(x, [guesses[i].candidate for i in wanted])
            self._variance = self._found.deviation**2
            for position in np.flatnonzero(~self._open):
                self._believe(int(position))

    def best(self, passed: set[int]) -> tuple[int, float | None] | None:
        """Return the pair with the largest gain, eV, that is neither taken nor passed over.

        A pair outside the domain, whose gain nobody knows, comes after all those inside, in the
        order of the run.
        """
        allowed = self._open & ~np.isin(self._index, list(passed))
        if allowed.any():
            gains = np.where(allowed, self._gains(), -np.inf)
            position = int(gains.argmax())
            return int(self._index[position]), float(gains[position])
        return next(((i, None) for i in self._outside if i not in passed), None)

    def take(self, index: int) -> None:
        """Mark a pair as taken, and believe its prediction."""
        if index in self._outside:
            self._outside.remove(index)
            return
        position = int(np.flatnonzero(self._index == index)[0])
        self._open[position] = False
        self._believe(position)

    def _gains(self) -> np.ndarray:
        # The conformal interval says how wide the predicted distribution really is.
        width = np.sqrt(self._variance) * self._model.score / NORMAL90
        return improvement(self._found.mean, width, self._target)

    def _believe(self, position: int) -> None:
        """Condition all pairs on one of them: one more row of the Cholesky factor."""
        row = self._model.covariance(self._found, position)
        for step in self._steps:
            row = row - step[position] * step
        noise = self._model.kernel.noise**2
        step = row / np.sqrt(max(row[position], 0.0) + noise)
        self._steps.append(step)
        self._variance = np.maximum(self._variance - step**2, noise)

    def _shortlist(
        self, guesses: Sequence[Guess], known: dict[int, float | None], targets: dict[str, float]
    ) -> list[int]:
        """Pairs worth a look: believing lowers a gain and never raises one."""
        value = {i: guesses[i].estimate.e_ads_ev for i in self._inside}
        seen = sorted((i for i in self._inside if i in known), key=value.__getitem__)
        new = [i for i in self._inside if i not in known]
        half = np.array([guesses[i].estimate.upper90_ev - value[i] for i in new])
        mean, target = [value[i] for i in new], [targets[guesses[i].ion] for i in new]
        gains = improvement(np.array(mean), half / NORMAL90, np.array(target))
        order = np.argsort(-gains, kind="stable")[:SHORTLIST]
        return sorted([*seen[:REMEMBERED], *(new[i] for i in order)])


def improvement(mean: np.ndarray, deviation: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return by how much, eV, normal distributions are expected to fall below their targets."""
    z = (target - mean) / deviation
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    gain: np.ndarray = deviation * (z * ndtr(z) + density)
    return gain


def _targets(
    guesses: Sequence[Guess], known: dict[int, float | None], inside: Sequence[int]
) -> dict[str, float]:
    """Value of the `TARGET`-th best pair of each ion, computed where it is, guessed elsewhere."""
    values: dict[str, list[float]] = {}
    for index in inside:
        computed = known.get(index)
        value = guesses[index].estimate.e_ads_ev if computed is None else computed
        values.setdefault(guesses[index].ion, []).append(value)
    return {ion: sorted(found)[:TARGET][-1] for ion, found in values.items()}
