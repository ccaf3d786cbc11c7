"""Host stability: what it costs to bend the host into the shape that it has under the ion."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors.adsorption import best_site
from screening.descriptors.distortion import NOISE_EV, host_distortion, without_ion
from screening.descriptors.record import Row
from screening.pipeline.pair import Bound, Pair, Steps, without


def distortion(pair: Pair, bound: Bound, row: Row) -> Steps:
    """Evaluate the host of the structure behind `e_ads_ev` once, without its ion."""
    best = best_site(bound.adsorbed)
    if best is None or best.state is None:
        return without(row, "host distortion: no adsorbed ion")
    frozen = without_ion(best.state.atoms, bound.ion_index)
    (point,) = yield [pair.task("points", (frozen,), {}, best.row.site)]
    if point.failed:
        return without(row, f"host distortion: {point.reason}")
    cost = host_distortion(point.data["energies_ev"][0], bound.host)
    row = replace(row, host_distortion_ev=cost)
    if cost < -NOISE_EV:
        flag = f"the ion led the host to a shape {-cost:.2f} eV below its own minimum"
        row = replace(row, flags=(*row.flags, flag))
    return row
