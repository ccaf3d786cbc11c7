"""The kernel of corrections: classes of hosts that share nothing, and a random effect of the host.

The first column of all features is the class of a host, a label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.optimize import minimize

from screening.surrogate.gaussian import Posterior, explained, same

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
    total: np.ndarray = (a[:, :1] == b[:, 0]) * explained(
        a[:, 1:], b[:, 1:], offset=OFFSET_EV, linear=h.linear, smooth=h.smooth, length=h.length
    )
    return total


def observations(
    x: np.ndarray, hosts: Sequence[str], h: Hyperparameters, spread: np.ndarray | float = 0.0
) -> np.ndarray:
    """Prior covariance of corrections as measured: with host effect and noise, eV².

    Parameters
    ----------
    spread
        Standard deviation of each point's reference energy, eV, beside the noise.
    """
    total: np.ndarray = covariance(x, x, h) + h.host**2 * same(hosts, hosts)
    return total + np.diag(np.full(len(x), h.noise**2) + np.square(spread))


@dataclass(frozen=True)
class Corrections:
    """Corrections that were measured on hosts, and what they say of others.

    Attributes
    ----------
    x, y
        Features, shape (n_points, n_features), and corrections, eV, shape (n_points,).
    hosts
        Of each point.
    spread
        Standard deviations of their reference energies, eV, shape (n_points,).
    """

    x: np.ndarray
    y: np.ndarray
    hosts: Sequence[str]
    settings: Hyperparameters
    spread: np.ndarray | float = 0.0

    @cached_property
    def _posterior(self) -> Posterior:
        return Posterior(observations(self.x, self.hosts, self.settings, self.spread), self.y)

    def predict(
        self, new: np.ndarray, host: str = "", likeness: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the correction on one of the hosts, or a new one, eV."""
        mean, spread = self.predict_jointly(new, host, likeness)
        return mean, np.sqrt(np.maximum(np.diag(spread), self.settings.noise**2))

    def predict_jointly(
        self, new: np.ndarray, host: str = "", likeness: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean, eV, and covariance, eV², of the corrections of several structures of one host.

        Their random effect of the host is the same; `likeness` is its correlation with that of
        the points on `host`.
        """
        h, posterior = self.settings, self._posterior
        cross = covariance(new, self.x, h) + likeness * h.host**2 * same([host], self.hosts)
        prior = covariance(new, new, h) + h.host**2 + h.noise**2 * np.eye(len(new))
        whitened = posterior.whitened(cross)
        return posterior.mean(cross), prior - whitened.T @ whitened


def select(
    x: np.ndarray, y: np.ndarray, hosts: Sequence[str], spread: np.ndarray | float = 0.0
) -> Hyperparameters:
    """Return the settings of largest posterior probability, the same for the same data.

    The marginal likelihood (Rasmussen & Williams, eqs. 5.8–5.9) times a normal prior on the
    logarithms of the settings, which keeps those that the data say little about where they
    started; without it a few hosts would be overfitted.
    """
    start = Hyperparameters.prior(x.shape[1] - 1).logs()
    spreads, names = np.broadcast_to(spread, len(x)), np.asarray(hosts)
    # Classes share nothing, so that their likelihoods multiply.
    parts = [np.flatnonzero(x[:, 0] == label) for label in np.unique(x[:, 0])]
    known = [(x[part], y[part], names[part].tolist(), spreads[part]) for part in parts]

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        off, h = (logs - start) / PRIOR_WIDTH, Hyperparameters.of_logs(logs)
        value, gradient = off @ off / 2, off / PRIOR_WIDTH
        for data in known:
            found, slope = _unlikely(*data, h)
            value, gradient = value + found, gradient + slope
        return float(value), gradient

    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    return Hyperparameters.of_logs(found.x)


def _unlikely(
    x: np.ndarray, y: np.ndarray, hosts: Sequence[str], spread: np.ndarray, h: Hyperparameters
) -> tuple[float, np.ndarray]:
    """Negative log likelihood of one class, and its slopes by the logarithms of the settings."""
    total = observations(x, hosts, h, spread)
    inverse = np.linalg.inv(total)
    weighted = inverse @ y
    value = (y @ weighted + np.linalg.slogdet(total)[1]) / 2
    slope = (inverse - np.outer(weighted, weighted)) / 2  # by each element of the covariance
    f, u = x[:, 1:], x[:, 1:] / h.length
    smooth = slope * explained(u, u, offset=0.0, linear=0.0, smooth=h.smooth, length=1.0)
    linear = 2 * np.square(h.linear) * (f * (slope @ f)).sum(axis=0)
    length = 2 * (u * (smooth.sum(axis=1)[:, None] * u - smooth @ u)).sum(axis=0)
    host = 2 * h.host**2 * (slope * same(hosts, hosts)).sum()
    rest = [2 * smooth.sum(), host, 2 * h.noise**2 * np.trace(slope)]
    return float(value), np.array([*linear, *length, *rest])
