"""What follows from structures alone: capacity, volume, misfit with the metal, dopants."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors.capacity import alloy_volume_change, capacity
from screening.descriptors.doping import doping
from screening.descriptors.misfit import misfit
from screening.descriptors.record import Row
from screening.errors import TaskError
from screening.pipeline.pair import Bound, Pair, Steps, noted
from screening.pipeline.workflow import HostSettings


def host_facts(settings: HostSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Fill in what needs no further energy.

    A fact that does not apply to a host (the misfit of a tube, dopants of a metal, the volume
    change of a sheet) stays missing, with its reason, and does not make the row partial.
    """
    yield from ()
    host, geometry = bound.host.atoms, pair.candidate.geometry
    row = replace(row, capacity_mah_g=capacity(host, pair.ion, 1).host_mah_g)
    try:
        found = misfit(host, geometry, bound.metal.atoms, settings.max_area_a2)
        row = replace(
            row, misfit=found.strain, misfit_plane=found.plane, misfit_area_a2=found.area_a2
        )
    except TaskError as error:
        row = noted(row, f"misfit: {error}")
    try:
        polar = doping(host)
        row = replace(row, delta_chi=polar.delta_chi, local_dipole_e_a=polar.local_dipole_e_a)
    except TaskError as error:
        row = noted(row, f"doping: {error}")
    try:
        change = alloy_volume_change(pair.candidate.recipe, pair.ion)
        row = replace(row, volume_change=change.swelling, volume_change_anode=change.reaction)
    except TaskError as error:
        row = noted(row, f"volume change: {error}")
    return row
