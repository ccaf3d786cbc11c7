"""Hosts unlike any in training: there a second engine's opinion counts as well.

Where two networks differ, the first is likelier wrong, and by more. On known hosts, whose own error
is known already, the opinion only adds its own (docs/surrogate.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from screening.errors import TaskError
from screening.surrogate.correction import Hyperparameters
from screening.surrogate.domain import Factors
from screening.surrogate.identity import Identity, identity
from screening.surrogate.latent import Change
from screening.surrogate.sample import Sample

OPINION_EV = 0.3
"""A difference of one scale between two engines."""


@dataclass(frozen=True)
class Strangers:
    """What tells the process of strangers from that of known hosts: one feature, and its settings.

    Attributes
    ----------
    engine
        Identity of the engine that is asked.
    opinions
        Scaled feature of each training point, shape (n_points,).
    """

    engine: Identity
    opinions: np.ndarray
    hyperparameters: Hyperparameters
    factors: Factors

    def joined(self, samples: Sequence[Sample]) -> Strangers:
        """Return the process with more points."""
        return replace(self, opinions=np.append(self.opinions, opinions_of(samples)))

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "engine": dict(self.engine),
            "opinions": self.opinions.tolist(),
            "hyperparameters": asdict(self.hyperparameters),
            "factors": self.factors.as_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Strangers:
        """Undo `as_json`."""
        return cls(
            identity(data["engine"]),
            np.array(data["opinions"], dtype=float),
            Hyperparameters.from_json(data["hyperparameters"]),
            Factors.from_json(data["factors"]),
        )


def opinion(change: Change, e_raw_ev: float) -> float:
    """Return the feature that a second engine adds: its energy less the first one's, scaled.

    Raises
    ------
    TaskError
        If it was not asked, or said nothing.
    """
    if change.second_ev is None:
        raise TaskError("no second engine gave its energy, which the calibration needs")
    return (change.second_ev - e_raw_ev) / OPINION_EV


def opinions_of(samples: Sequence[Sample]) -> np.ndarray:
    """Return the `opinion` of each sample, shape (n_samples,)."""
    return np.array([opinion(s.change, s.e_raw_ev) for s in samples])
