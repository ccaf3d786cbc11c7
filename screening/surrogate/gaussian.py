"""Gaussian process with a random effect of the host; leave-one-host-out in closed form.

Rasmussen & Williams, Gaussian Processes for Machine Learning (MIT Press, 2006): prediction is
eqs. 2.25–2.26; leaving out a point (eqs. 5.10–5.12) is extended to leaving out a host's block.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

OFFSET_EV = 1.0
"""Standard deviation of the constant term before any data are seen, eV."""


@dataclass(frozen=True)
class Hyperparameters:
    """Standard deviations of the parts of a correction, eV.

    Attributes
    ----------
    linear
        Slope per feature, eV a scale.
    smooth, length
        Amplitude and length (in scales) of the non-linear part.
    host
        What hosts differ by that no feature explains.
    noise
        What geometries of one host differ by that no feature explains.
    """

    linear: float
    smooth: float
    length: float
    host: float
    noise: float


def candidates() -> Iterator[Hyperparameters]:
    """Iterate over the settings that training tries: few and coarse, as the data are few."""
    for linear, smooth, length, host, noise in itertools.product(
        (0.03, 0.1, 0.2, 0.4), (0.0, 0.1, 0.3), (1.0, 2.0), (0.05, 0.1, 0.2), (0.03, 0.08)
    ):
        if smooth or length == 1.0:
            yield Hyperparameters(linear, smooth, length, host, noise)


def covariance(a: np.ndarray, b: np.ndarray, h: Hyperparameters) -> np.ndarray:
    """Prior covariance of the explained part of the correction, shape (len(a), len(b)), eV²."""
    squared = ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)
    smooth = h.smooth**2 * np.exp(-squared / (2 * h.length**2))
    total: np.ndarray = OFFSET_EV**2 + h.linear**2 * (a @ b.T) + smooth
    return total


def _observed(x: np.ndarray, hosts: Sequence[str], h: Hyperparameters) -> np.ndarray:
    names = np.asarray(hosts)
    same = names[:, None] == names[None, :]
    total: np.ndarray = covariance(x, x, h) + h.host**2 * same + h.noise**2 * np.eye(len(x))
    return total


def predict(
    x: np.ndarray, y: np.ndarray, hosts: Sequence[str], h: Hyperparameters, new: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the correction on hosts not seen before, eV."""
    factor = cho_factor(_observed(x, hosts, h), lower=True)
    cross = covariance(new, x, h)
    mean: np.ndarray = cross @ cho_solve(factor, y)
    explained = np.einsum("ij,ji->i", cross, cho_solve(factor, cross.T))
    prior = np.diag(covariance(new, new, h)) + h.host**2 + h.noise**2
    return mean, np.sqrt(np.maximum(prior - explained, h.noise**2))


def leave_one_host_out(
    x: np.ndarray, y: np.ndarray, hosts: Sequence[str], h: Hyperparameters
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation for each point, predicted without its host, eV."""
    inverse = np.linalg.inv(_observed(x, hosts, h))
    weighted = inverse @ y
    mean, deviation = np.empty(len(y)), np.empty(len(y))
    names = np.asarray(hosts)
    for host in dict.fromkeys(hosts):
        block = np.flatnonzero(names == host)
        spread = np.linalg.inv(inverse[np.ix_(block, block)])
        mean[block] = y[block] - spread @ weighted[block]
        deviation[block] = np.sqrt(np.diag(spread))
    return mean, deviation


def host_weights(hosts: Sequence[str]) -> np.ndarray:
    """Weights that make every host count the same, summing to one."""
    _, index, counts = np.unique(np.asarray(hosts), return_inverse=True, return_counts=True)
    weights: np.ndarray = 1.0 / counts[index] / len(counts)
    return weights


def select(x: np.ndarray, y: np.ndarray, hosts: Sequence[str]) -> Hyperparameters:
    """Return the setting with the best log density of the hosts left out, one by one."""
    weights = host_weights(hosts)

    def loss(h: Hyperparameters) -> float:
        mean, deviation = leave_one_host_out(x, y, hosts, h)
        return float(weights @ (((y - mean) / deviation) ** 2 / 2 + np.log(deviation)))

    return min(candidates(), key=loss)


def conformal_score(
    errors: np.ndarray, deviations: np.ndarray, hosts: Sequence[str], coverage: float
) -> float:
    """Multiple of the standard deviation that covers that share of the hosts left out.

    Split-conformal quantile of ``|error| / deviation`` with every host of equal weight and one
    host more than there are, the new one (Dunn, Wasserman & Ramdas, J. Am. Stat. Assoc. 118,
    2491, 2023, doi:10.1080/01621459.2022.2060112).
    """
    scores = np.abs(errors) / deviations
    order = np.argsort(scores)
    count = len(set(hosts))
    reached = np.cumsum(host_weights(hosts)[order])
    wanted = min(coverage * (count + 1) / count, 1.0)
    position = int(np.searchsorted(reached, wanted - 1e-9))
    return float(scores[order][min(position, len(scores) - 1)])
