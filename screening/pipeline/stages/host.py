"""What follows from structures alone: capacity, misfit with the metal, polarity of dopants."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors.capacity import capacity
from screening.descriptors.doping import doping
from screening.descriptors.misfit import misfit
from screening.descriptors.record import Row
from screening.errors import TaskError
from screening.pipeline.pair import Bound, Pair, Steps
from screening.pipeline.workflow import HostSettings


def host_facts(settings: HostSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Fill in what needs no further energy.

    A fact that does not apply to a host (the misfit of a tube, dopants of a metal) stays missing,
    with its reason, and does not make the row partial.
    """
    yield from ()
    host, geometry = bound.host.atoms, pair.candidate.geometry
    row = replace(row, capacity_mah_g=capacity(host, pair.ion, 1).host_mah_g)
    reasons = [row.reason] if row.reason else []
    try:
        found = misfit(host, geometry, bound.metal.atoms, settings.max_area_a2)
        row = replace(
            row, misfit=found.strain, misfit_plane=found.plane, misfit_area_a2=found.area_a2
        )
    except TaskError as error:
        reasons.append(f"misfit: {error}")
    try:
        polar = doping(host)
        row = replace(row, delta_chi=polar.delta_chi, local_dipole_e_a=polar.local_dipole_e_a)
    except TaskError as error:
        reasons.append(f"doping: {error}")
    return replace(row, reason="; ".join(reasons))
