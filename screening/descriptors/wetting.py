"""Wetting: contact angle of a film of the metal, and of the melt, on the host."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.coverage import Coverage, coverage
from screening.descriptors.coverage import cost as coverage_cost
from screening.descriptors.film import (
    film_energy_j_m2,
    molten_angle_deg,
    strain_energy_j_m2,
    wetting,
)
from screening.descriptors.layers import lattice_constant
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.slabs import METAL_LAYERS, face_area
from screening.descriptors.surface import SURFACE_ATOMS, metal_surfaces
from screening.descriptors.value import Value

LEAST_GAMMA_J_M2 = 0.05
"""An engine that gives the metal less surface energy than this does not see its surface."""

MONOLAYER = Coverage(fractions=(1.0,))


class Wets(DescriptorSettings):
    """Contact angle and work of adhesion, from a full monolayer and the metal's own surfaces."""


COLUMNS = (
    Column(
        "contact_angle_deg",
        "°",
        "Contact angle of a film of the metal on the host, by Young's equation, its strain taken "
        "off; 0: it spreads.",
        "{:.0f}",
        better="less",
        energy=True,
    ),
    Column(
        "molten_angle_deg",
        "°",
        "Contact angle of the molten metal at its melting point, from that of the film.",
        "{:.0f}",
        better="less",
        energy=True,
    ),
    Column(
        "adhesion_j_m2",
        "J/m²",
        "Work of adhesion between metal and host, by the engine itself.",
        "{:.2f}",
        better="more",
        energy=True,
    ),
)


def cost(_settings: Wets, size: Size) -> Iterator[Work]:
    """Count a monolayer, and the slabs of the metal."""
    yield from coverage_cost(MONOLAYER, size)
    slabs = sum(len(layers) for layers in METAL_LAYERS.values())
    yield Work("slab", slabs, SURFACE_ATOMS, per="ion")


@descriptor("wetting", *COLUMNS, cost=cost)
def wets(_settings: Wets, pair: Pair, bound: Bound) -> Steps[Found]:
    """Young's equation with the energy of a monolayer and of the metal's surface.

    Film and surface are of one engine, whose softness cancels: the metal on itself spreads. Where
    the engine gives the metal no surface to speak of, there is no angle.
    """
    layer = yield from coverage(MONOLAYER, pair, bound)
    if (energy := layer.values.get("e_ml_ev")) is None:
        return Found(lacks=layer.lacks, notes=layer.notes)
    metal = yield from metal_surfaces(pair, bound, Found())
    if (gamma := metal.values.get("gamma_metal_j_m2")) is None:
        return Found(lacks=metal.lacks)
    if gamma.number < LEAST_GAMMA_J_M2:
        return Found().noted(
            f"wetting: the engine gives {pair.ion} a surface energy of {gamma.number:.3f} J/m²"
        )
    full = layer.details["coverage"][-1]
    area = face_area(bound.host.atoms)
    film = film_energy_j_m2(energy.number * full.n, area)
    lattice = lattice_constant(bound.metal.atoms)
    strain = sqrt(1 / full.theta) - 1
    thickness = full.n * lattice**3 / 2 / area
    found = wetting(film - strain_energy_j_m2(pair.ion, strain, thickness), gamma.number)
    return Found().given(
        contact_angle_deg=Value(found.angle_deg, "engine", task=full.task),
        molten_angle_deg=Value(molten_angle_deg(found.angle_deg, pair.ion), "engine"),
        adhesion_j_m2=Value(found.adhesion_j_m2, "engine"),
    )
