"""A Gaussian process over corrections: values, intervals and differences, by features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from screening.surrogate.correction import Corrections, Hyperparameters
from screening.surrogate.domain import Domain, Estimate, Factors, blend, too_far
from screening.surrogate.features import CLASSES, FEATURES, ION_COLUMNS, class_of
from screening.surrogate.recognise import STRANGER, Match

DOMAIN = Domain(reach=2.5, full=0.6, foreign=0.1, far=1.5)
"""Corrections fade from 0.6 of the reach: two starts in one minimum do not get values an
electronvolt apart. Foreign atoms may be a few: a dopant in a sheet changes the energy through the
network's electrons, which the features see. Far off, deviations are the corrections of the host's
class, or of all if it has none."""


@dataclass(frozen=True)
class Process:
    """Corrections of an engine's adsorption energies, by features.

    Attributes
    ----------
    x, y
        Features, shape (n_points, n_features), and corrections, eV, shape (n_points,). Features
        are those of `FEATURES`, then the components, zero on hosts that are not carbon.
    keys
        Hash of the clean structure of each point's host.
    spread
        Standard deviation of each point's reference energy, eV, shape (n_points,).
    factors
        Half-width of the 90 % interval in predicted standard deviations.
    """

    x: np.ndarray
    y: np.ndarray
    keys: tuple[str, ...]
    spread: np.ndarray
    hyperparameters: Hyperparameters
    factors: Factors

    def at(
        self, x: np.ndarray, e_raw_ev: float, host: Match = STRANGER, *, without: str = ""
    ) -> Estimate:
        """Calibrate a value whose features, shape (n_features,), are known."""
        known = self._class(x[0], without) if without else self._classes.get(x[0])
        distance, share = (np.inf, 0.0) if known is None else _distance(x, known, host)
        far = self._far(e_raw_ev, too_far(distance), class_of(x))
        if not share or known is None:
            return far
        mean, deviation = known.predict(x[np.newaxis], host.key, host.likeness)
        half = self.factors.of(class_of(x), host.likeness) * float(deviation[0])
        return blend(e_raw_ev, float(mean[0]), half, far.upper90_ev - e_raw_ev, share)

    @cached_property
    def _classes(self) -> dict[float, Corrections]:
        """Training points by the label of their class."""
        return {label: self._class(label) for label in np.unique(self.x[:, 0]).tolist()}

    def _class(self, label: float, without: str = "") -> Corrections:
        keep = (self.x[:, 0] == label) & (np.array(self.keys) != without)
        keys = tuple(key for key, kept in zip(self.keys, keep, strict=True) if kept)
        spread = self.spread[keep]
        return Corrections(self.x[keep], self.y[keep], keys, self.hyperparameters, spread)

    def difference(
        self, first: np.ndarray, second: np.ndarray, host: Match = STRANGER
    ) -> tuple[float, float]:
        """Correction of an energy difference on one host, and half of its 90 % interval, eV.

        What no feature explains of a host is the same at both ends and drops out.

        Parameters
        ----------
        first, second
            Features of two structures with the same ions on the same host; second less first.
        host
            The training host that it is.
        """
        known = self._classes.get(first[0]) or self._class(first[0])
        both = np.array([first, second])
        mean, spread = known.predict_jointly(both, host.key, host.likeness)
        variance = spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]
        factor = self.factors.of(class_of(first), 1.0)
        return float(mean[1] - mean[0]), factor * float(np.sqrt(max(variance, 0.0)))

    def _far(self, e_raw_ev: float, reason: str, kind: str) -> Estimate:
        alike = self.y[self.x[:, 0] == CLASSES[kind]]
        return DOMAIN.outside(e_raw_ev, alike if len(alike) else self.y, reason)


def _distance(x: np.ndarray, known: Corrections, host: Match) -> tuple[float, float]:
    """Distance to the nearest training point, and the share of the correction to apply.

    What one ion shows of a host is known for the others: a known host's own points are as near
    for all ions.
    """
    away = (known.x - x)[:, : len(FEATURES)]
    distance = float(np.linalg.norm(away, axis=1).min(initial=np.inf))
    own = away[np.array([key == host.key for key in known.hosts], dtype=bool)]
    own[:, list(ION_COLUMNS)] = 0.0
    nearest = float(np.linalg.norm(own, axis=1).min(initial=np.inf))
    share = max(DOMAIN.trust(distance), host.likeness * DOMAIN.trust(nearest))
    return min(distance, nearest), share
