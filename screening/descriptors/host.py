"""What follows from structures alone: capacity, volume, misfit with the metal, dopants."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from screening.descriptors.bound import Bound
from screening.descriptors.capacity import alloy_volume_change, capacity
from screening.descriptors.columns import Column
from screening.descriptors.doping import doping
from screening.descriptors.misfit import misfit
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.registry import DescriptorSettings, descriptor
from screening.descriptors.row import Found
from screening.errors import TaskError


class Host(DescriptorSettings):
    """Capacity, misfit with the metal's planes up to an area, and doping descriptors."""

    max_area_a2: Annotated[float, Field(gt=5, le=400)] = 100.0


COLUMNS = (
    Column(
        "volume_change",
        "",
        "Volume of an alloy's crystal over that of its host element, minus 1.",
        "{:+.2f}",
        better="less",
    ),
    Column(
        "volume_change_anode",
        "",
        "Volume of an alloy's crystal over that of its host element and metal together, minus 1.",
        "{:+.2f}",
    ),
    Column(
        "capacity_mah_g",
        "mAh/g",
        "Capacity of one ion on the host's cell, per gram of host.",
        "{:.0f}",
        better="more",
    ),
    Column(
        "misfit",
        "",
        "Smallest strain between the host's surface cell and a plane of the metal.",
        better="less",
    ),
    Column("misfit_plane", "", "That plane of the metal."),
    Column("misfit_area_a2", "Å²", "Area of the common cell.", "{:.0f}"),
    Column("delta_chi", "", "Electronegativity difference of the dopants of a carbon host."),
    Column("local_dipole_e_a", "e Å", "Local dipole of the dopants of a carbon host."),
)


@descriptor("host", *COLUMNS)
def host_facts(settings: Host, pair: Pair, bound: Bound) -> Steps[Found]:
    """Capacity, misfit, doping and volume change: what needs no further energy.

    A fact that does not apply to a host (the misfit of a tube, dopants of a metal, the volume
    change of a sheet) stays missing, with its reason, and does not make the row partial.
    """
    yield from ()
    host, geometry = bound.host.atoms, pair.candidate.geometry
    found = Found().given(capacity_mah_g=capacity(host, pair.ion, 1).host_mah_g)
    try:
        fit = misfit(host, geometry, bound.metal.atoms, settings.max_area_a2)
        found = found.given(misfit=fit.strain, misfit_plane=fit.plane, misfit_area_a2=fit.area_a2)
    except TaskError as error:
        found = found.noted(f"misfit: {error}")
    try:
        polar = doping(host)
        found = found.given(delta_chi=polar.delta_chi, local_dipole_e_a=polar.local_dipole_e_a)
    except TaskError as error:
        found = found.noted(f"doping: {error}")
    try:
        change = alloy_volume_change(pair.candidate.recipe, pair.ion)
        found = found.given(volume_change=change.swelling, volume_change_anode=change.reaction)
    except TaskError as error:
        found = found.noted(f"volume change: {error}")
    return found
