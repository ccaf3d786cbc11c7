"""Gaussian process with classes and a random effect of the host; leave-one-host-out in closed form.

The first column of all features is the class of a host, a label: classes share nothing.

Rasmussen & Williams, Gaussian Processes for Machine Learning (MIT Press, 2006): prediction is
eqs. 2.25–2.26; leaving out a point (eqs. 5.10–5.12) is extended to leaving out a host's block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

OFFSET_EV = 0.5
"""Standard deviation of the mean correction of a class before any data are seen, eV."""

PRIOR = MappingProxyType({"linear": 0.3, "length": 2.0, "smooth": 0.3, "host": 0.15, "noise": 0.05})
"""Settings that training starts from, and is held to: eV a scale, scales, eV, eV, eV."""
PRIOR_WIDTH = 1.0
"""Standard deviation of the logarithms of the settings about `PRIOR`."""


@dataclass(frozen=True)
class Hyperparameters:
    """Standard deviations of the parts of a correction, eV.

    Attributes
    ----------
    linear
        Slope along each feature but the class, eV a scale.
    length
        Length along each of these over which the non-linear part changes, scales.
    smooth
        Amplitude of the non-linear part.
    host
        What hosts differ by that no feature explains.
    noise
        What geometries of one host differ by that no feature explains.
    """

    linear: tuple[float, ...]
    length: tuple[float, ...]
    smooth: float
    host: float
    noise: float

    @classmethod
    def prior(cls, features: int) -> Hyperparameters:
        """Return where training starts, for that many features, the class not counted."""
        return cls(
            (PRIOR["linear"],) * features,
            (PRIOR["length"],) * features,
            PRIOR["smooth"],
            PRIOR["host"],
            PRIOR["noise"],
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Hyperparameters:
        """Undo `dataclasses.asdict` and JSON."""
        linear, length = (tuple(map(float, data[name])) for name in ("linear", "length"))
        smooth, host, noise = (float(data[name]) for name in ("smooth", "host", "noise"))
        return cls(linear, length, smooth, host, noise)

    def logs(self) -> np.ndarray:
        """Logarithms of all settings, shape (2 n_features + 1,), n_features with the class."""
        logs: np.ndarray = np.log([*self.linear, *self.length, self.smooth, self.host, self.noise])
        return logs

    @classmethod
    def of_logs(cls, logs: np.ndarray) -> Hyperparameters:
        """Undo `logs`."""
        *vectors, smooth, host, noise = np.exp(logs).tolist()
        half = len(vectors) // 2
        return cls(tuple(vectors[:half]), tuple(vectors[half:]), smooth, host, noise)


def covariance(a: np.ndarray, b: np.ndarray, h: Hyperparameters) -> np.ndarray:
    """Prior covariance of the explained part of the correction, shape (len(a), len(b)), eV²."""
    same = a[:, :1] == b[:, 0]
    a, b = a[:, 1:], b[:, 1:]
    u, v = a / h.length, b / h.length
    squared = (u**2).sum(axis=1)[:, None] + (v**2).sum(axis=1)[None, :] - 2 * u @ v.T
    smooth = h.smooth**2 * np.exp(-np.maximum(squared, 0.0) / 2)
    total: np.ndarray = same * (OFFSET_EV**2 + (a * np.square(h.linear)) @ b.T + smooth)
    return total


def observations(x: np.ndarray, hosts: Sequence[str], h: Hyperparameters) -> np.ndarray:
    """Prior covariance of corrections as measured: with host effect and noise, eV²."""
    names = np.asarray(hosts)
    same = names[:, None] == names[None, :]
    total: np.ndarray = covariance(x, x, h) + h.host**2 * same + h.noise**2 * np.eye(len(x))
    return total


def predict(
    x: np.ndarray,
    y: np.ndarray,
    hosts: Sequence[str],
    h: Hyperparameters,
    new: np.ndarray,
    *,
    host: str = "",
    likeness: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the correction on one of `hosts`, or on a new host, eV."""
    mean, spread = predict_jointly(x, y, hosts, h, new, host=host, likeness=likeness)
    return mean, np.sqrt(np.maximum(np.diag(spread), h.noise**2))


def predict_jointly(
    x: np.ndarray,
    y: np.ndarray,
    hosts: Sequence[str],
    h: Hyperparameters,
    new: np.ndarray,
    *,
    host: str = "",
    likeness: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean, eV, and covariance, eV², of the corrections of several structures of one host.

    Their random effect of the host is the same; `likeness` is its correlation with that of the
    training points on `host`.
    """
    factor = cho_factor(observations(x, hosts, h), lower=True)
    cross = covariance(new, x, h) + likeness * h.host**2 * (np.asarray(hosts) == host)
    mean: np.ndarray = cross @ cho_solve(factor, y)
    prior = covariance(new, new, h) + h.host**2 + h.noise**2 * np.eye(len(new))
    return mean, prior - cross @ cho_solve(factor, cross.T)


def leave_one_host_out(
    x: np.ndarray, y: np.ndarray, hosts: Sequence[str], h: Hyperparameters
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation for each point, predicted without its host, eV."""
    inverse = np.linalg.inv(observations(x, hosts, h))
    weighted = inverse @ y
    mean, deviation = np.empty(len(y)), np.empty(len(y))
    names = np.asarray(hosts)
    for host in dict.fromkeys(hosts):
        block = np.flatnonzero(names == host)
        spread = np.linalg.inv(inverse[np.ix_(block, block)])
        mean[block] = y[block] - spread @ weighted[block]
        deviation[block] = np.sqrt(np.diag(spread))
    return mean, deviation


def leave_all_but_one_out(
    x: np.ndarray, y: np.ndarray, hosts: Sequence[str], h: Hyperparameters
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Error and standard deviation of each point predicted from one other point of its host, eV.

    All ordered pairs of points of each host, the host's other points left out; with the host of
    each pair.
    """
    inverse = np.linalg.inv(observations(x, hosts, h))
    weighted, names = inverse @ y, np.asarray(hosts)
    errors, deviations, owners = [], [], []
    for host in dict.fromkeys(hosts):
        block = np.flatnonzero(names == host)
        spread = np.linalg.inv(inverse[np.ix_(block, block)])
        missed, variance = spread @ weighted[block], np.diag(spread)
        gain = spread / variance  # column: by how much a point moves with the one that is known
        apart = ~np.eye(len(block), dtype=bool)
        errors.append((missed[:, None] - gain * missed)[apart])
        left = variance[:, None] - gain * spread
        deviations.append(np.sqrt(np.maximum(left[apart], h.noise**2)))
        owners += [host] * int(apart.sum())
    return np.concatenate(errors), np.concatenate(deviations), owners


def host_weights(hosts: Sequence[str]) -> np.ndarray:
    """Weights that make every host count the same, summing to one."""
    _, index, counts = np.unique(np.asarray(hosts), return_inverse=True, return_counts=True)
    weights: np.ndarray = 1.0 / counts[index] / len(counts)
    return weights


def select(x: np.ndarray, y: np.ndarray, hosts: Sequence[str]) -> Hyperparameters:
    """Return the settings of largest posterior probability, the same for the same data.

    The marginal likelihood (Rasmussen & Williams, eqs. 5.8–5.9) times a normal prior on the
    logarithms of the settings, which keeps those that the data say little about where they
    started; without it a few hosts would be overfitted.
    """
    start = Hyperparameters.prior(x.shape[1] - 1).logs()

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        h = Hyperparameters.of_logs(logs)
        total = observations(x, hosts, h)
        inverse = np.linalg.inv(total)
        weighted = inverse @ y
        value = (y @ weighted + np.linalg.slogdet(total)[1]) / 2
        slope = (inverse - np.outer(weighted, weighted)) / 2
        gradient = np.array([(slope * part).sum() for part in _derivatives(x, hosts, h)])
        off = (logs - start) / PRIOR_WIDTH
        return float(value + off @ off / 2), gradient + off / PRIOR_WIDTH

    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    return Hyperparameters.of_logs(found.x)


def _derivatives(x: np.ndarray, hosts: Sequence[str], h: Hyperparameters) -> Iterator[np.ndarray]:
    """Iterate over the derivatives of the covariance by the logarithm of each setting."""
    names, f = np.asarray(hosts), x[:, 1:]
    same_class = x[:, :1] == x[:, 0]
    for slope, column in zip(h.linear, f.T, strict=True):
        yield 2 * slope**2 * same_class * np.outer(column, column)
    u = f / h.length
    squared = ((u[:, None, :] - u[None, :, :]) ** 2).transpose(2, 0, 1)
    smooth = h.smooth**2 * same_class * np.exp(-squared.sum(axis=0) / 2)
    for part in squared:
        yield smooth * part
    yield 2 * smooth
    yield 2 * h.host**2 * (names[:, None] == names[None, :])
    yield 2 * h.noise**2 * np.eye(len(x))


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
