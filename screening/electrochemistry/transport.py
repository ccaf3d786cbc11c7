"""Depletion of the salt at the electrode: when, and above which current."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import physical_constants

from screening.electrochemistry.inputs import (
    Floats,
    at_least_one,
    at_most_one,
    positive,
    transference_number,
)

FARADAY_C_MOL = physical_constants["Faraday constant"][0]


def sand_time_s(
    current_a_m2: ArrayLike,
    *,
    diffusivity_m2_s: ArrayLike,
    concentration_mol_m3: ArrayLike,
    transference: ArrayLike,
    charge: ArrayLike = 1,
    macmullin: ArrayLike = 1,
    porosity: ArrayLike = 1,
) -> Floats:
    """Sand's time: when the salt at a plating electrode runs out at constant current, s.

    ``tau = pi D (e / N_M) [z F c0 / (2 J (1 - t+))]^2``, for a binary salt before an electrode far
    from the other; between electrodes at a distance it is reached only above
    `limiting_current_a_m2`. In the pores of a separator the salt diffuses at ``D / (N_M e)`` and a
    volume holds the share ``e`` of it; both are 1 in the free electrolyte.

    Parameters
    ----------
    current_a_m2
        Current density J on the true area, A/m² (1 mA/cm² is 10 A/m²).
    diffusivity_m2_s
        Salt (ambipolar) diffusion coefficient D, m²/s.
    concentration_mol_m3
        Salt concentration c0, mol/m³ (1 mol/L is 1000 mol/m³).
    transference
        Cation transference number t+.
    charge
        Charge number z of the cation.
    macmullin
        MacMullin number N_M of the separator: by what it divides the conductivity, at least 1.
    porosity
        Share e of its volume that is electrolyte.

    Returns
    -------
    np.ndarray
        Shape to which the arguments broadcast.

    Raises
    ------
    InputError
        Unless t+ is in [0, 1), N_M at least 1, e at most 1, and all else finite and above 0.

    References
    ----------
    Sand, Philos. Mag. 1, 45 (1901), doi:10.1080/14786440109462590; with migration: Brissot et al.,
    J. Power Sources 81, 925 (1999), doi:10.1016/S0378-7753(98)00242-0.
    """
    current, diffusivity, concentration, z, anions, hindrance, pores = positive(
        current_a_m2=current_a_m2,
        diffusivity_m2_s=diffusivity_m2_s,
        concentration_mol_m3=concentration_mol_m3,
        charge=charge,
        anion_share=_anion_share(transference),
        macmullin=at_least_one("macmullin", macmullin),
        porosity=at_most_one("porosity", porosity),
    )
    root = z * FARADAY_C_MOL * concentration / (2 * current * anions)
    return np.asarray(np.pi * diffusivity * pores / hindrance * root**2)


def limiting_current_a_m2(
    distance_m: ArrayLike,
    *,
    diffusivity_m2_s: ArrayLike,
    concentration_mol_m3: ArrayLike,
    transference: ArrayLike,
    charge: ArrayLike = 1,
    macmullin: ArrayLike = 1,
) -> Floats:
    """Largest current that diffusion sustains between two electrodes, A/m².

    ``J_lim = 2 z F D c0 / ((1 - t+) L N_M)``. Above it the salt runs out after Sand's time, a space
    charge forms and ramified growth starts.

    Parameters
    ----------
    distance_m
        Distance L of the electrodes, m.
    diffusivity_m2_s, concentration_mol_m3, transference, charge, macmullin
        As in `sand_time_s`.

    Raises
    ------
    InputError
        Unless t+ is in [0, 1) and all else finite and greater than 0.

    References
    ----------
    Chazalviel, Phys. Rev. A 42, 7355 (1990), doi:10.1103/PhysRevA.42.7355; MacMullin numbers of
    separators: Landesfeind et al., J. Electrochem. Soc. 163, A1373 (2016),
    doi:10.1149/2.1141607jes.
    """
    distance, diffusivity, concentration, z, anions, hindrance = positive(
        distance_m=distance_m,
        diffusivity_m2_s=diffusivity_m2_s,
        concentration_mol_m3=concentration_mol_m3,
        charge=charge,
        anion_share=_anion_share(transference),
        macmullin=at_least_one("macmullin", macmullin),
    )
    return np.asarray(
        2 * z * FARADAY_C_MOL * diffusivity * concentration / (anions * distance * hindrance)
    )


def _anion_share(transference: ArrayLike) -> Floats:
    return np.asarray(1 - transference_number(transference))
