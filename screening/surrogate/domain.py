"""Estimates, and how far a model is believed: less and less away from its training points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from screening.units import COHESIVE_EV

Scale = Literal["engine", "calibrated", "reference"]

REACH = 2.5
"""Distance to the nearest training point, in scales of the features, at which the domain ends."""

FULL = 0.6
"""Share of `REACH` up to which the correction is applied in full; from there to the end it fades
and the interval grows: two starts in one minimum do not get values an electronvolt apart."""

FOREIGN_SHARE = 0.1
"""Share of a host's atoms that may be of elements that no training host has: a dopant in a sheet
changes the energy through the network's electrons, which the features see."""

FAR_FACTOR = 1.5
"""Half-width of the interval outside the domain: this multiple of the largest correction of the
host's class, or of any class if it has none."""

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


def trust(distance: float) -> float:
    """Share of the correction that is applied at a distance to the nearest training point.

    One up to `FULL` of `REACH`, none from `REACH`, smooth between.
    """
    t = np.clip((distance / REACH - FULL) / (1.0 - FULL), 0.0, 1.0)
    return float(1.0 - t * t * (3.0 - 2.0 * t))


def blend(e_raw_ev: float, mean: float, half: float, far: float, share: float) -> Estimate:
    """Return an estimate that is corrected by a share of the mean, with its interval.

    Parameters
    ----------
    mean, half
        Correction and half-width of its interval inside the domain, eV.
    far
        Half-width where nothing is known, eV.
    share
        See `trust`.
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

    def of(self, kind: str, likeness: float = 0.0) -> float:
        """Factor of a host that is that much like one that is known."""
        return likeness * self.known[kind] + (1.0 - likeness) * self.stranger[kind]
