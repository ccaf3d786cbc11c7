"""Calibration: the adsorption energy as the reference level would have it, with its error bar."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors.adsorption import best_site
from screening.descriptors.record import Row
from screening.pipeline.pair import Bound, Pair, Steps
from screening.surrogate import calibration_for


def calibrate(pair: Pair, bound: Bound, row: Row) -> Steps:
    """Calibrate the best site's energy; outside the domain it stays raw, and a flag says so."""
    yield from ()
    model = calibration_for(pair.context.engine.level)
    best = best_site(bound.adsorbed)
    if model is None or best is None or best.state is None or best.row.e_ads_ev is None:
        return row
    raw = best.row.e_ads_ev
    found = model.estimate(bound.host.atoms, best.state.atoms, (bound.ion_index,), raw)
    flag = () if found.in_domain else (f"e_ads_ev is raw, {found.reason}",)
    return replace(
        row,
        e_ads_ev=found.e_ads_ev,
        e_ads_raw_ev=raw,
        e_ads_lower90_ev=found.lower90_ev,
        e_ads_upper90_ev=found.upper90_ev,
        in_domain=found.in_domain,
        calibration=model.fingerprint,
        flags=(*row.flags, *flag),
    )
