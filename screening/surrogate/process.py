"""A Gaussian process over corrections: values, intervals and differences, by features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from screening.surrogate.domain import FAR_FACTOR, Estimate, Factors, blend, trust
from screening.surrogate.features import CLASSES, FEATURES, ION_COLUMNS, class_of
from screening.surrogate.gaussian import Hyperparameters, predict, predict_jointly
from screening.surrogate.recognise import STRANGER, Match


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
    factors
        Half-width of the 90 % interval in predicted standard deviations.
    """

    x: np.ndarray
    y: np.ndarray
    keys: tuple[str, ...]
    hyperparameters: Hyperparameters
    factors: Factors

    def at(
        self, x: np.ndarray, e_raw_ev: float, host: Match = STRANGER, *, without: str = ""
    ) -> Estimate:
        """Calibrate a value whose features, shape (n_features,), are known."""
        keep = np.array([key != without for key in self.keys]) & (self.x[:, 0] == x[0])
        keys = [key for key, kept in zip(self.keys, keep, strict=True) if kept]
        distance, share = self._distance(x, keep, host)
        far = self._far(
            e_raw_ev, f"unlike every training host (distance {distance:.1f})", class_of(x)
        )
        if not share:
            return far
        mean, deviation = predict(
            self.x[keep],
            self.y[keep],
            keys,
            self.hyperparameters,
            x[np.newaxis],
            host=host.key,
            likeness=host.likeness,
        )
        half = self.factors.of(class_of(x), host.likeness) * float(deviation[0])
        return blend(e_raw_ev, float(mean[0]), half, far.upper90_ev - e_raw_ev, share)

    def _distance(self, x: np.ndarray, keep: np.ndarray, host: Match) -> tuple[float, float]:
        """Distance to the nearest training point, and the share of the correction to apply.

        What one ion shows of a host is known for the others: a known host's own points are as
        near for all ions.
        """
        away = (self.x[keep] - x)[:, : len(FEATURES)]
        distance = float(np.linalg.norm(away, axis=1).min(initial=np.inf))
        mine = np.array([key == host.key for key in self.keys]) & keep
        own = (self.x[mine] - x)[:, : len(FEATURES)]
        own[:, list(ION_COLUMNS)] = 0.0
        known = float(np.linalg.norm(own, axis=1).min(initial=np.inf))
        share = max(trust(distance), host.likeness * trust(known))
        return min(distance, known), share

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
        keep = self.x[:, 0] == first[0]
        keys = [key for key, kept in zip(self.keys, keep, strict=True) if kept]
        both, likeness = np.array([first, second]), host.likeness
        mean, spread = predict_jointly(
            self.x[keep],
            self.y[keep],
            keys,
            self.hyperparameters,
            both,
            host=host.key,
            likeness=likeness,
        )
        variance = spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]
        factor = self.factors.of(class_of(first), 1.0)
        return float(mean[1] - mean[0]), factor * float(np.sqrt(max(variance, 0.0)))

    def _far(self, e_raw_ev: float, reason: str, kind: str) -> Estimate:
        alike = np.abs(self.y[self.x[:, 0] == CLASSES[kind]])
        half = FAR_FACTOR * float(alike.max() if len(alike) else np.abs(self.y).max())
        raw = e_raw_ev
        return Estimate(raw, raw - half, raw + half, in_domain=False, reason=reason, scale="engine")
