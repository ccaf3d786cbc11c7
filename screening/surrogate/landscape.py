"""Calibrated energies of several structures of one host and ion, and what tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from screening.surrogate.process import Process
from screening.surrogate.recognise import Match


@dataclass(frozen=True)
class Landscape:
    """Structures of one ion on one host at the reference level.

    Attributes
    ----------
    energies_ev
        The engine's plus their corrections, on any common scale, shape (n,).
    features
        What the calibration sees of each, shape (n, n_features).
    host
        The training host that it is; false if it is none.
    """

    energies_ev: np.ndarray
    features: np.ndarray
    model: Process
    host: Match

    def barrier(self, low: int, top: int) -> tuple[float, float, float]:
        """Energy from one structure up to another, and the ends of its 90 % interval, eV.

        What is left of the host's own error is the same at both ends and drops out. A barrier is
        not negative.
        """
        height = float(self.energies_ev[top] - self.energies_ev[low])
        half = self._half(low, top)
        return height, max(height - half, 0.0), height + half

    def below(self, low: int, others: Sequence[int]) -> bool:
        """Whether a structure is lower than all others by more than the 90 % interval leaves."""
        best = min(others, key=self.energies_ev.__getitem__)
        drop = float(self.energies_ev[best] - self.energies_ev[low])
        return drop > self._half(low, best)

    def _half(self, first: int, second: int) -> float:
        _, half = self.model.difference(self.features[first], self.features[second], self.host)
        return half
