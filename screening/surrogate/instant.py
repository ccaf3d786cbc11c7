"""The instant model: an adsorption energy with an error bar for a host as built.

Two fidelities in one Gaussian process: a screen by a cheap engine says how hosts differ, the few
reference points say how far that engine is off (Kennedy & O'Hagan, Biometrika 87, 1, 2000,
doi:10.1093/biomet/87.1.1, with ρ = 1). Levels are never mixed: a point belongs to one of the two,
and only the reference level is predicted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from scipy.spatial.distance import cdist

from screening.surrogate.domain import Domain, Estimate, too_far
from screening.surrogate.files import ModelFile
from screening.surrogate.gaussian import Posterior, explained, same
from screening.surrogate.instant_features import INSTANT_FEATURES, describe_instant

OFFSET_EV, GAP_OFFSET_EV = 1.0, 0.5
"""Standard deviations of the two constant terms before any data are seen, eV."""

DOMAIN = Domain(reach=2.0, full=1.0, foreign=0.0, far=1.25)
"""It ends at once: outside, nothing is known of a host as built. Far off, deviations are those of
the ion's training values from their median."""

CHUNK = 20_000


@dataclass(frozen=True)
class Kernel:
    """Standard deviations of the parts of an adsorption energy, eV; `length` in scales.

    Attributes
    ----------
    linear, smooth, length, host, noise
        As for the calibration: slope, non-linear part, unexplained by host and by point.
    gap_linear, gap_smooth, gap_host
        The same for the difference between reference and engine.
    """

    linear: float
    smooth: float
    length: float
    host: float
    noise: float
    gap_linear: float = 0.0
    gap_smooth: float = 0.0
    gap_host: float = 0.0

    def covariance(self, a: Points, b: Points) -> np.ndarray:
        """Prior covariance of the explained parts, shape (len(a.x), len(b.x)), eV²."""
        plain = explained(
            a.x, b.x, offset=OFFSET_EV, linear=self.linear, smooth=self.smooth, length=self.length
        )
        gap = explained(
            a.x,
            b.x,
            offset=GAP_OFFSET_EV,
            linear=self.gap_linear,
            smooth=self.gap_smooth,
            length=self.length,
        )
        total: np.ndarray = plain + np.outer(a.exact, b.exact) * gap
        return total

    def same_host(self, a: Points, b: Points) -> np.ndarray:
        """Covariance of what no feature explains between points of one host, eV²."""
        gap = np.outer(a.exact, b.exact) * self.gap_host**2
        shared: np.ndarray = same(a.hosts, b.hosts) * (self.host**2 + gap)
        return shared

    def observations(self, points: Points) -> np.ndarray:
        """Prior covariance of points as measured: with host effect and noise, eV²."""
        total: np.ndarray = self.covariance(points, points) + self.same_host(points, points)
        total += self.noise**2 * np.eye(len(points.x))
        return total

    def variance(self, points: Points) -> np.ndarray:
        """Prior variance of each point, noise included, shape (len(points.x),), eV²."""
        squared = (points.x**2).sum(axis=1)
        plain = OFFSET_EV**2 + self.linear**2 * squared + self.smooth**2 + self.host**2
        gap = GAP_OFFSET_EV**2 + self.gap_linear**2 * squared
        gap += self.gap_smooth**2 + self.gap_host**2
        total: np.ndarray = plain + points.exact * gap + self.noise**2
        return total


@dataclass(frozen=True)
class Points:
    """Features, shape (n_points, n_features), hosts, and whether each is at the reference level."""

    x: np.ndarray
    hosts: tuple[str, ...]
    exact: np.ndarray

    def take(self, keep: np.ndarray) -> Points:
        """Return those points that a mask keeps."""
        names = tuple(host for host, kept in zip(self.hosts, keep, strict=True) if kept)
        return Points(self.x[keep], names, self.exact[keep])


@dataclass(frozen=True)
class Prediction:
    """Means and standard deviations of new points, eV, shape (n_points,).

    Attributes
    ----------
    whitened
        Cross-covariances with the training data in their Cholesky basis, shape
        (n_training, n_points): what `Instant.covariance` needs.
    """

    points: Points
    mean: np.ndarray
    deviation: np.ndarray
    whitened: np.ndarray


@dataclass(frozen=True)
class Instant(ModelFile):
    """Training data and settings of the instant model.

    Attributes
    ----------
    reference, screen
        Levels of the reference points and of the cheap engine.
    points, ions, y
        Training points, their ions, and adsorption energies, eV, shape (n_points,).
    elements
        Elements of the hosts.
    score
        Half-width of the 90 % interval in predicted standard deviations.
    """

    FORMAT: ClassVar[str] = "alkascreen-instant"
    VERSION: ClassVar[int] = 1
    NAMES: ClassVar[tuple[str, ...]] = tuple(INSTANT_FEATURES)
    COMMAND: ClassVar[str] = "alkascreen train --instant"

    reference: str
    screen: str
    points: Points
    ions: tuple[str, ...]
    y: np.ndarray
    elements: tuple[str, ...]
    kernel: Kernel
    score: float

    @cached_property
    def _posterior(self) -> Posterior:
        return Posterior(self.kernel.observations(self.points), self.y)

    def predict(self, x: np.ndarray, hosts: Sequence[str]) -> Prediction:
        """Predict the reference level at features of shape (n_points, n_features)."""
        new = Points(x, tuple(hosts), np.ones(len(x)))
        cross = self.kernel.covariance(new, self.points)
        whitened, mean = self._posterior.whitened(cross), self._posterior.mean(cross)
        variance = self.kernel.variance(new) - (whitened**2).sum(axis=0)
        return Prediction(new, mean, np.sqrt(np.maximum(variance, self.kernel.noise**2)), whitened)

    def covariance(self, found: Prediction, index: int) -> np.ndarray:
        """Posterior covariance of one predicted point with all of them, noise left out, eV²."""
        one = found.points.take(np.arange(len(found.mean)) == index)
        prior = self.kernel.covariance(one, found.points) + self.kernel.same_host(one, found.points)
        posterior: np.ndarray = prior[0] - found.whitened[:, index] @ found.whitened
        return posterior

    def estimate(self, host: Atoms, ions: Sequence[str]) -> list[Estimate]:
        """Estimate the adsorption energy of each ion on a host as built."""
        x = describe_instant(host, tuple(ions))
        return self.estimates(x, ions, [set(host.get_chemical_symbols())] * len(ions))

    def estimates(
        self, x: np.ndarray, ions: Sequence[str], symbols: Sequence[Iterable[str]]
    ) -> list[Estimate]:
        """Estimate points of known features, shape (n_points, n_features), and elements."""
        found: list[Estimate] = []
        for start in range(0, len(x), CHUNK):
            part = slice(start, start + CHUNK)
            reasons = self.outside(x[part], symbols[part])
            safe = np.where(np.isfinite(x[part]), x[part], 0.0)
            guess = self.predict(safe, [""] * len(safe))
            for row, reason in enumerate(reasons):
                if reason:
                    found.append(self._far(ions[part][row], reason))
                    continue
                mean, half = float(guess.mean[row]), self.score * float(guess.deviation[row])
                found.append(Estimate(mean, mean - half, mean + half, in_domain=True))
        return found

    def outside(self, x: np.ndarray, symbols: Sequence[Iterable[str]]) -> list[str]:
        """Return why each point is outside the domain; empty where it is inside."""
        distance = cdist(x, self.points.x).min(axis=1)
        reasons = []
        for near, elements in zip(distance, symbols, strict=True):
            if unknown := DOMAIN.unknown(list(elements), self.elements):
                reasons.append(f"no training host has {', '.join(unknown)}")
            else:
                reasons.append("" if DOMAIN.trust(near) else too_far(near))
        return reasons

    def _far(self, ion: str, reason: str) -> Estimate:
        """Return what is known of any host: the middle of the reference values, a wide interval."""
        mine, exact = np.array([other == ion for other in self.ions]), self.points.exact > 0
        known = mine & exact if (mine & exact).any() else exact
        middle = float(np.median(self.y[known]))
        return DOMAIN.outside(middle, self.y[mine | known] - middle, reason)

    def content(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "reference": self.reference,
            "screen": self.screen,
            "kernel": asdict(self.kernel),
            "score": self.score,
            "elements": list(self.elements),
            "hosts": list(self.points.hosts),
            "ions": list(self.ions),
            "exact": [bool(exact) for exact in self.points.exact],
            "y": self.y.tolist(),
            "x": self.points.x.tolist(),
        }

    @classmethod
    def from_content(cls, data: Mapping[str, Any]) -> Instant:
        """Undo `content` and JSON."""
        x = np.array(data["x"], dtype=float).reshape(-1, len(INSTANT_FEATURES))
        exact = np.array(data["exact"], dtype=float)
        return cls(
            reference=str(data["reference"]),
            screen=str(data["screen"]),
            points=Points(x, tuple(map(str, data["hosts"])), exact),
            ions=tuple(map(str, data["ions"])),
            y=np.array(data["y"], dtype=float),
            elements=tuple(map(str, data["elements"])),
            kernel=Kernel(**{str(k): float(v) for k, v in data["kernel"].items()}),
            score=float(data["score"]),
        )
