"""Wetting: contact angle and work of adhesion of a film of the metal on a host.

Young's equation with the energies of layers: ``cos(theta) = 1 - G / gamma``, where ``G`` is what a
film costs against bulk metal per area, beyond the strain of its inside, and ``gamma`` the surface
energy of the metal. The host's own surface energy cancels. The work of adhesion is Dupre's,
``W = gamma (1 + cos(theta))``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from screening.electrochemistry import SURFACE_ENERGY_J_M2
from screening.errors import TaskError
from screening.units import EV_PER_A2_IN_J_PER_M2, Ion

LIQUID_SURFACE_J_M2: Mapping[Ion, float] = MappingProxyType({"Li": 0.398, "Na": 0.191, "K": 0.115})
"""Surface tension of the liquid at the melting point, J/m² (Keene, Int. Mater. Rev. 38, 157 (1993),
doi:10.1179/imr.1993.38.4.157; recalled)."""

BIAXIAL_MODULUS_GPA: Mapping[Ion, float] = MappingProxyType({"Li": 11.0, "Na": 6.0, "K": 3.3})
"""Young's modulus over (1 - Poisson ratio) of the polycrystal, GPa (Young 7.8, 4.1, 2.3 GPa and
Poisson 0.31 to 0.36 from Simmons & Wang, Single Crystal Elastic Constants (1971); Robertson &
Montgomery, Phys. Rev. 117, 440 (1960), for Li; rounded): good to a fifth."""


@dataclass(frozen=True)
class Wetting:
    """How a film of the metal holds on to a host.

    Attributes
    ----------
    adhesion_j_m2
        Work of adhesion, J/m²: twice the metal's surface energy means that it wets completely.
    angle_deg
        Contact angle, degrees; 0 where the film spreads, 180 where it does not stick at all.
    """

    adhesion_j_m2: float
    angle_deg: float


def strain_energy_j_m2(ion: Ion, strain: float, thickness_a: float) -> float:
    """Elastic energy of a film strained alike in both directions, J/m²: ``M e² h``.

    Parameters
    ----------
    strain
        Of the film, a fraction.
    thickness_a
        Å.
    """
    return BIAXIAL_MODULUS_GPA[ion] * 1e9 * strain**2 * thickness_a * 1e-10


def film_energy_j_m2(energy_ev: float, area_a2: float) -> float:
    """Cost of a film against host and bulk metal, J/m².

    Parameters
    ----------
    energy_ev
        ``E(host + n A) - E(host) - n mu_A`` of the cell, eV.
    area_a2
        Of one face, Å².

    Raises
    ------
    TaskError
        For an area that is not above 0.
    """
    if not area_a2 > 0:
        raise TaskError(f"a film has no energy per area on {area_a2:g} Å²")
    return energy_ev / area_a2 * EV_PER_A2_IN_J_PER_M2


def wetting(film_j_m2: float, surface_j_m2: float) -> Wetting:
    """Contact angle of the solid metal, or of the liquid, from the energy of a film.

    Parameters
    ----------
    film_j_m2
        `film_energy_j_m2`, less the strain of the film.
    surface_j_m2
        Surface energy of the metal at the same level, J/m².

    Raises
    ------
    TaskError
        For a surface energy that is not above 0: an engine that gives none says nothing here.
    """
    if not surface_j_m2 > 0:
        raise TaskError(f"the metal's surface energy is {surface_j_m2:g} J/m² at this level")
    adhesion = min(max(2 * surface_j_m2 - film_j_m2, 0.0), 2 * surface_j_m2)
    return Wetting(adhesion, _angle(adhesion, surface_j_m2))


def molten_angle_deg(angle_deg: float, ion: Ion) -> float:
    """Contact angle of the molten metal at its melting point, from that of its film, degrees.

    Dupre's work of adhesion, with the measured surface energy of the solid and the measured tension
    of the liquid: a melt, whose surface is softer by a quarter, wets better than its solid film.
    """
    adhesion = SURFACE_ENERGY_J_M2[ion] * (1 + np.cos(np.radians(angle_deg)))
    return _angle(float(adhesion), LIQUID_SURFACE_J_M2[ion])


def _angle(adhesion_j_m2: float, surface_j_m2: float) -> float:
    cosine = min(max(adhesion_j_m2 / surface_j_m2 - 1, -1.0), 1.0)
    return float(np.degrees(np.arccos(cosine)))
