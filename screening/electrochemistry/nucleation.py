"""Classical nucleation of the metal: size, barrier and frequency of critical nuclei."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import Avogadro, elementary_charge, physical_constants

from screening.electrochemistry.inputs import Floats, angle, not_negative, positive
from screening.electrochemistry.transport import FARADAY_C_MOL

BOLTZMANN_EV_K = physical_constants["Boltzmann constant in eV/K"][0]


def critical_radius_m(
    overpotential_v: ArrayLike, *, surface_energy_j_m2: ArrayLike, molar_volume_m3: ArrayLike
) -> Floats:
    """Radius of the sphere of metal that neither grows nor dissolves, m.

    ``r* = 2 gamma V_m / (F eta)`` for a metal of charge number 1.

    Parameters
    ----------
    overpotential_v
        Nucleation overpotential eta as a positive number, V.
    surface_energy_j_m2
        Energy gamma of the metal's surface towards what surrounds it, J/m².
    molar_volume_m3
        Volume V_m of a mole of the metal, m³/mol.

    Raises
    ------
    InputError
        Unless all are finite and greater than 0.

    References
    ----------
    Pei et al., Nano Lett. 17, 1132 (2017), doi:10.1021/acs.nanolett.6b04755.
    """
    eta, gamma, volume = positive(
        overpotential_v=overpotential_v,
        surface_energy_j_m2=surface_energy_j_m2,
        molar_volume_m3=molar_volume_m3,
    )
    return np.asarray(2 * gamma * volume / (FARADAY_C_MOL * eta))


def contact_factor(angle_deg: ArrayLike) -> Floats:
    """Share of a sphere's volume, and of its barrier, that a cap of this contact angle has.

    ``f = (2 + cos t) (1 - cos t)^2 / 4``: 0 where the metal spreads, 1/2 at 90 degrees, 1 where it
    does not stick.

    Raises
    ------
    InputError
        Unless the angle is from 0 to 180 degrees.

    References
    ----------
    Volmer, Kinetik der Phasenbildung (1939); Ely & Garcia, J. Electrochem. Soc. 160, A662 (2013),
    doi:10.1149/1.057304jes, for lithium.
    """
    cosine = np.cos(np.radians(angle(angle_deg)))
    return np.asarray((2 + cosine) * (1 - cosine) ** 2 / 4)


def critical_atoms(
    overpotential_v: ArrayLike,
    *,
    surface_energy_j_m2: ArrayLike,
    molar_volume_m3: ArrayLike,
    angle_deg: ArrayLike = 180.0,
) -> Floats:
    """Atoms in the critical nucleus; below about ten the classical theory is out of its depth.

    ``N* = (4/3) pi r*^3 f N_A / V_m`` with `contact_factor` f; parameters and errors as in
    `critical_radius_m` and `contact_factor`.
    """
    radius = critical_radius_m(
        overpotential_v, surface_energy_j_m2=surface_energy_j_m2, molar_volume_m3=molar_volume_m3
    )
    (volume,) = positive(molar_volume_m3=molar_volume_m3)
    sphere = 4 / 3 * np.pi * radius**3 * Avogadro / volume
    return np.asarray(sphere * contact_factor(angle_deg))


def nucleation_barrier_ev(
    overpotential_v: ArrayLike,
    *,
    surface_energy_j_m2: ArrayLike,
    molar_volume_m3: ArrayLike,
    angle_deg: ArrayLike = 180.0,
) -> Floats:
    """Free energy of the critical nucleus, eV.

    ``dG* = 16 pi gamma^3 V_m^2 f / (3 (F eta)^2)`` with `contact_factor` f. The default angle is a
    sphere that touches nothing, the upper bound. Parameters and errors as in `critical_radius_m`
    and `contact_factor`.

    References
    ----------
    Volmer & Weber, Z. Phys. Chem. 119, 277 (1926), doi:10.1515/zpch-1926-11927;
    Pei et al., Nano Lett. 17, 1132 (2017), doi:10.1021/acs.nanolett.6b04755.
    """
    eta, gamma, volume = positive(
        overpotential_v=overpotential_v,
        surface_energy_j_m2=surface_energy_j_m2,
        molar_volume_m3=molar_volume_m3,
    )
    barrier_j = 16 * np.pi * gamma**3 * volume**2 / (3 * (FARADAY_C_MOL * eta) ** 2)
    return np.asarray(barrier_j * contact_factor(angle_deg) / elementary_charge)


def nucleation_rate(barrier_ev: ArrayLike, temperature_k: ArrayLike) -> Floats:
    """Rate of nucleation relative to that without a barrier: ``exp(-dG*/kT)``.

    Parameters
    ----------
    barrier_ev
        Nucleation barrier, eV, not negative.
    temperature_k
        K.

    Raises
    ------
    InputError
        For a negative barrier, a temperature not above 0, or a value that is not finite.
    """
    return np.asarray(
        np.exp(-not_negative("barrier_ev", barrier_ev) / thermal_energy_ev(temperature_k))
    )


def thermal_energy_ev(temperature_k: ArrayLike) -> Floats:
    """Thermal energy kT, eV.

    Raises
    ------
    InputError
        For a temperature that is not finite and above 0 K.
    """
    (temperature,) = positive(temperature_k=temperature_k)
    return np.asarray(BOLTZMANN_EV_K * temperature)
