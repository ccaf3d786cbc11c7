"""From measured points to training samples, and back with leave-one-host-out estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening.surrogate.domain import Estimate
from screening.surrogate.sample import Sample
from screening.validation.measure import Measured


def as_samples(measured: Sequence[Measured]) -> list[Sample]:
    """Return a training sample for each point that the engine has a value for."""
    return [
        Sample(
            host=m.point.host,
            clean=m.point.clean,
            adsorbed=m.point.adsorbed,
            ions=m.point.ions,
            e_raw_ev=m.e_ads_raw_ev,
            e_ref_ev=m.e_ads_ref_ev,
            spread_ev=m.gain.error_ev,
            change=m.change,
        )
        for m in measured
        if m.e_ads_raw_ev is not None
    ]


def as_measured(
    measured: Sequence[Measured], estimates: Sequence[Estimate | None]
) -> list[Measured]:
    """Return the points of `as_samples` with the estimates made without their host, if any."""
    valued = [m for m in measured if m.e_ads_raw_ev is not None]
    return [
        replace(m, estimate=estimate, held_out=True)
        for m, estimate in zip(valued, estimates, strict=True)
        if estimate is not None
    ]
