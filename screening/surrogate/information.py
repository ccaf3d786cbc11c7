"""Which points teach the calibration most for their cost.

Expected reduction of the mean predicted variance: Cohn, Ghahramani & Jordan, J. Artif. Intell. Res.
4, 129 (1996), doi:10.1613/jair.295, section 2. With the settings of a Gaussian process fixed, its
variances do not depend on measured values, so that the expectation is exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screening.surrogate.correction import Hyperparameters, covariance, observations
from screening.surrogate.gaussian import host_weights


@dataclass(frozen=True)
class Pick:
    """A point to compute next.

    Attributes
    ----------
    index
        Of the pool.
    reduction_ev2
        Fall of the predicted variance, mean over hosts, given all earlier picks, eV².
    cost
        Of the frames it needs that no earlier pick needs.
    """

    index: int
    reduction_ev2: float
    cost: float


def choose(
    known: tuple[np.ndarray, Sequence[str]],
    pool: tuple[np.ndarray, Sequence[str]],
    needs: Sequence[frozenset[str]],
    costs: Mapping[str, float],
    h: Hyperparameters,
    *,
    budget: float = math.inf,
    points: int | None = None,
) -> list[Pick]:
    """Pick points one after the other, each the one that lowers the variance most for its cost.

    The variance is that of predictions at the features of all points, known and pool, hosts of
    equal weight, as for hosts not seen before: what is learned of one host only, its random
    effect, is of no use to the next and does not count.

    Parameters
    ----------
    known, pool
        Features, shape (n_points, n_features), and hosts; computed, and to choose from.
    needs
        For each point of the pool, the frames that have to be computed for it. Frames are shared:
        the first pick on a host pays for the clean host.
    costs
        Of each frame, positive.
    budget
        Largest sum of costs; a point that does not fit is passed over.
    points
        Largest number of picks; None for no limit.
    """
    x = np.vstack([known[0], pool[0]])
    hosts = [*known[1], *pool[1]]
    weights, first = host_weights(hosts), len(known[1])
    latent, observed = covariance(x, x, h), observations(x, hosts, h)
    for index in range(first):
        latent, observed = _given(latent, observed, index)
    picks: list[Pick] = []
    bought: set[str] = set()
    left, remaining = budget, list(range(len(needs)))
    while remaining and (points is None or len(picks) < points):
        columns = np.array(remaining) + first
        gains = weights @ latent[:, columns] ** 2 / np.diag(observed)[columns]
        prices = np.array([math.fsum(costs[f] for f in needs[i] - bought) for i in remaining])
        rates = np.where(prices <= left, gains / prices, -np.inf)
        best = int(rates.argmax())
        if not np.isfinite(rates[best]):
            break
        index = remaining.pop(best)
        picks.append(Pick(index, float(gains[best]), float(prices[best])))
        left -= picks[-1].cost
        bought |= needs[index]
        latent, observed = _given(latent, observed, index + first)
    return picks


def _given(latent: np.ndarray, observed: np.ndarray, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Condition on one more measured point.

    `latent` holds covariances of what is predicted with what is measured, `observed` those among
    what is measured; both have a row and a column a point.
    """
    row = observed[index] / observed[index, index]
    return latent - np.outer(latent[:, index], row), observed - np.outer(observed[:, index], row)
