"""Gaussian processes over hosts: what the calibration and the instant model have in common.

Rasmussen & Williams, Gaussian Processes for Machine Learning (MIT Press, 2006): prediction is
eqs. 2.25–2.26; leaving out a point (eqs. 5.10–5.12) is extended to leaving out a group's block.
All of it works on covariances; kernels are in `correction` and `instant`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.spatial.distance import cdist

PerFeature = float | Sequence[float]
"""One number for all features, or one a feature."""


def explained(
    a: np.ndarray,
    b: np.ndarray,
    *,
    offset: float,
    linear: PerFeature,
    smooth: float,
    length: PerFeature,
) -> np.ndarray:
    """Prior covariance of what features explain, shape (len(a), len(b)), eV²."""
    u, v = np.divide(a, length), np.divide(b, length)
    curved = smooth**2 * np.exp(-cdist(u, v, "sqeuclidean") / 2)
    total: np.ndarray = offset**2 + (a * np.square(linear)) @ b.T + curved
    return total


def same(a: Sequence[str], b: Sequence[str]) -> np.ndarray:
    """Whether two points are of one host, shape (len(a), len(b))."""
    equal: np.ndarray = np.asarray(a, object)[:, None] == np.asarray(b, object)[None, :]
    return equal


class Posterior:
    """A process that has seen data.

    Parameters
    ----------
    observed
        Prior covariance of the data as measured, noise included, shape (n, n), eV².
    y
        The data, eV, shape (n,).
    """

    def __init__(self, observed: np.ndarray, y: np.ndarray) -> None:
        self._factor = cho_factor(observed, lower=True) if len(y) else (observed, True)
        self._y = y

    @cached_property
    def _weights(self) -> np.ndarray:
        weights: np.ndarray = cho_solve(self._factor, self._y) if len(self._y) else self._y
        return weights

    def mean(self, cross: np.ndarray) -> np.ndarray:
        """Means of new points, eV, from their covariances with the data, shape (n_new, n)."""
        found: np.ndarray = cross @ self._weights
        return found

    def whitened(self, cross: np.ndarray) -> np.ndarray:
        """Covariances with the data in the basis of its Cholesky factor, shape (n, n_new).

        Their products are what the data take from the prior covariance of new points.
        """
        if not len(self._y):
            return cross.T
        found: np.ndarray = solve_triangular(self._factor[0], cross.T, lower=True)
        return found


def leave_group_out(
    observed: np.ndarray, y: np.ndarray, groups: Sequence[str], own: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each point, predicted without its group, eV.

    Parameters
    ----------
    own
        Standard deviation of each measured value that its prediction does not have, eV, shape (n,).
    """
    own = np.broadcast_to(np.square(own), len(y))
    mean, deviation = np.empty(len(y)), np.empty(len(y))
    for block, spread, missed in _blocks(observed, y, groups):
        mean[block] = y[block] - missed
        deviation[block] = np.sqrt(np.diag(spread) - own[block])
    return mean, deviation


def leave_all_but_one_out(
    observed: np.ndarray,
    y: np.ndarray,
    groups: Sequence[str],
    noise: float,
    own: np.ndarray | float = 0.0,
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Error and standard deviation of each point predicted from one other point of its group, eV.

    All ordered pairs of points of each group, the group's other points left out; with the group of
    each pair. No deviation is below the noise; `own` as in `leave_group_out`.
    """
    own = np.broadcast_to(np.square(own), len(y))
    errors, deviations, owners = [], [], []
    for block, spread, missed in _blocks(observed, y, groups):
        variance = np.diag(spread)
        gain = spread / variance  # column: by how much a point moves with the one that is known
        apart = ~np.eye(len(block), dtype=bool)
        errors.append((missed[:, None] - gain * missed)[apart])
        left = (variance - own[block])[:, None] - gain * spread
        deviations.append(np.sqrt(np.maximum(left[apart], noise**2)))
        owners += [groups[block[0]]] * int(apart.sum())
    return np.concatenate(errors), np.concatenate(deviations), owners


def _blocks(
    observed: np.ndarray, y: np.ndarray, groups: Sequence[str]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Iterate over groups: their points, and covariance and error of these without them."""
    inverse = np.linalg.inv(observed)
    weighted, names = inverse @ y, np.asarray(groups)
    for group in dict.fromkeys(groups):
        block = np.flatnonzero(names == group)
        spread = np.linalg.inv(inverse[np.ix_(block, block)])
        yield block, spread, spread @ weighted[block]


def host_weights(hosts: Iterable[str]) -> np.ndarray:
    """Weights that make every host count the same, summing to one."""
    _, index, counts = np.unique(np.asarray(hosts), return_inverse=True, return_counts=True)
    weights: np.ndarray = 1.0 / counts[index] / len(counts)
    return weights


def conformal_score(
    errors: np.ndarray,
    deviations: np.ndarray,
    hosts: Sequence[str],
    coverage: float,
    shares: np.ndarray | None = None,
) -> float:
    """Multiple of the standard deviation that covers that share of the hosts left out.

    Split-conformal quantile of ``|error| / deviation`` with every host of equal weight and one
    host more than there are, the new one (Dunn, Wasserman & Ramdas, J. Am. Stat. Assoc. 118,
    2491, 2023, doi:10.1080/01621459.2022.2060112).

    Parameters
    ----------
    shares
        What each point's host counts, at most 1 (weighted exchangeability: Tibshirani et al.,
        NeurIPS 32, 2019); 1 if not given.
    """
    scores = np.abs(errors) / deviations
    order = np.argsort(scores)
    count = len(set(hosts))
    weights = host_weights(hosts) * count * (np.ones(len(scores)) if shares is None else shares)
    reached = np.cumsum(weights[order])
    wanted = min(coverage * (reached[-1] + 1), reached[-1])
    position = int(np.searchsorted(reached, wanted - 1e-9))
    return float(scores[order][min(position, len(scores) - 1)])
