"""Estimates, and how far a model is believed: less and less away from its training points."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from screening.units import COHESIVE_EV

Scale = Literal["engine", "calibrated", "reference"]

NORMAL90 = 1.6449
"""Half-width of the 90 % interval of a normal distribution, in standard deviations."""

CEILING_EV = 0.05
"""An adsorbed ion is at most this far above the free atom, which it could become."""


@dataclass(frozen=True)
class Estimate:
    """An adsorption energy with its 90 % interval, eV.

    Attributes
    ----------
    e_ads_ev
        The engine's own value, more and more corrected towards the inside of the domain.
    in_domain
        Whether the nearest training point is within `REACH`: anything is corrected.
    reason
        Why the host is outside the domain; empty inside.
    scale
        ``reference`` where this very structure was computed at the reference level, ``engine``
        where nothing is corrected.
    """

    e_ads_ev: float
    lower90_ev: float
    upper90_ev: float
    in_domain: bool
    reason: str = ""
    scale: Scale = "calibrated"

    def below_free_atom(self, ion: str) -> Estimate:
        """Return the estimate with value and interval cut at the free atom of the ion."""
        ceiling = ceiling_ev(ion)
        if self.upper90_ev <= ceiling:
            return self
        return replace(
            self,
            e_ads_ev=min(self.e_ads_ev, ceiling),
            lower90_ev=min(self.lower90_ev, ceiling),
            upper90_ev=ceiling,
        )


def ceiling_ev(ion: str) -> float:
    """Highest adsorption energy that an ion at a minimum can have, eV, against the bulk metal.

    The free atom is one cohesive energy above the metal, and every surface lets go of an ion that
    is higher; `CEILING_EV` allows for numerical errors of both levels.
    """
    return COHESIVE_EV["PBE"][ion] + CEILING_EV


def above_free_atom(ion: str, e_ads_ev: float) -> str:
    """Say that an ion is above the free atom; empty if it is not."""
    ceiling = ceiling_ev(ion)
    if e_ads_ev <= ceiling:
        return ""
    return f"e_ads {e_ads_ev:.2f} eV is above the free atom ({ceiling:.2f} eV)"


@dataclass(frozen=True)
class Domain:
    """Where a model is believed: near its training points, and on their elements.

    Attributes
    ----------
    reach
        Distance to the nearest training point, in scales of the features, at which it ends.
    full
        Share of it up to which the model is believed altogether.
    foreign
        Share of a host's atoms that may be of elements that no training host has.
    far
        Half-width of the interval outside, in multiples of the largest deviation seen.
    """

    reach: float
    full: float
    foreign: float
    far: float

    def trust(self, distance: float) -> float:
        """Share of a model that holds at a distance: one near by, none far off, smooth between."""
        if distance <= self.full * self.reach:
            return 1.0
        if not distance < self.reach:  # nor where it is no number
            return 0.0
        t = (distance / self.reach - self.full) / (1.0 - self.full)
        return float(1.0 - t * t * (3.0 - 2.0 * t))

    def unknown(self, symbols: Sequence[str], known: Collection[str]) -> list[str]:
        """Return elements that no training host has, if more than a few atoms are of them."""
        strange = [symbol for symbol in symbols if symbol not in known]
        return sorted(set(strange)) if len(strange) > self.foreign * len(symbols) else []

    def outside(self, value: float, deviations: np.ndarray, reason: str) -> Estimate:
        """Return what is known of any host: a value, an interval as wide as all deviations."""
        half = self.far * float(np.abs(deviations).max())
        return Estimate(
            value, value - half, value + half, in_domain=False, reason=reason, scale="engine"
        )


def too_far(distance: float) -> str:
    """Say that a host is unlike all others."""
    return f"unlike every training host (distance {distance:.1f})"


def blend(e_raw_ev: float, mean: float, half: float, far: float, share: float) -> Estimate:
    """Return an estimate that is corrected by a share of the mean, with its interval.

    Parameters
    ----------
    mean, half
        Correction and half-width of its interval inside the domain, eV.
    far
        Half-width where nothing is known, eV.
    share
        See `Domain.trust`.
    """
    value = e_raw_ev + share * mean
    width = share * half + (1.0 - share) * max(far, half)
    scale: Scale = "calibrated" if share > 0.0 else "engine"
    return Estimate(value, value - width, value + width, in_domain=True, scale=scale)


@dataclass(frozen=True)
class Factors:
    """Half-width of a 90 % interval in predicted standard deviations, by class of host.

    Attributes
    ----------
    stranger, known
        For hosts that no reference point is of, and for those with at least one.
    """

    stranger: Mapping[str, float]
    known: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        return {"stranger": dict(self.stranger), "known": dict(self.known)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Factors:
        """Undo `as_json`."""
        return cls(dict(data["stranger"]), dict(data["known"]))

    def of(self, kind: str, likeness: float = 0.0) -> float:
        """Factor of a host that is that much like one that is known."""
        return likeness * self.known[kind] + (1.0 - likeness) * self.stranger[kind]
