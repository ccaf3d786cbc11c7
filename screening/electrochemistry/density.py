"""How many nuclei: the stationary rate of nucleation, and the density at which nuclei stop it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.constants import Avogadro, elementary_charge

from screening.electrochemistry.inputs import Floats, angle, not_negative, positive
from screening.electrochemistry.nucleation import (
    critical_atoms,
    critical_radius_m,
    nucleation_barrier_ev,
    thermal_energy_ev,
)
from screening.errors import InputError


def nucleation_rate_m2_s(
    overpotential_v: ArrayLike,
    *,
    exchange_a_m2: ArrayLike,
    surface_energy_j_m2: ArrayLike,
    molar_volume_m3: ArrayLike,
    temperature_k: ArrayLike,
    angle_deg: ArrayLike = 180.0,
) -> Floats:
    """Return the stationary rate of nucleation on a flat host, nuclei/(m² s).

    ``N0 Z w exp(-dG*/kT)``: a place for each atom of the metal's cross section
    ``N0 = (N_A / V_m)^(2/3)``, Zeldovich's factor ``Z = [dG* / (3 pi kT N*^2)]^(1/2)``, and the
    attachment of ions to the cap, ``w = (j0 / e) 2 pi r*^2 (1 - cos t) exp(e eta / 2kT)``, by the
    exchange current and a transfer coefficient of 1/2.

    Parameters
    ----------
    overpotential_v, surface_energy_j_m2, molar_volume_m3, angle_deg
        As in `critical_radius_m` and `contact_factor`.
    exchange_a_m2
        Exchange current density j0 of the metal, A/m².
    temperature_k
        K.

    Raises
    ------
    InputError
        For an angle of 0, at which no nucleus stands in the way, and unless all else is finite and
        above 0.

    References
    ----------
    Volmer & Weber, Z. Phys. Chem. 119, 277 (1926); Kashchiev, Nucleation (2000), ch. 13; Milchev,
    Electrocrystallization (2002), ch. 2.
    """
    contact = angle(angle_deg)
    if (contact == 0).any():
        raise InputError("at an angle of 0 there is no nucleus", where="angle_deg")
    metal = {"surface_energy_j_m2": surface_energy_j_m2, "molar_volume_m3": molar_volume_m3}
    eta, exchange, volume = positive(
        overpotential_v=overpotential_v,
        exchange_a_m2=exchange_a_m2,
        molar_volume_m3=molar_volume_m3,
    )
    thermal = thermal_energy_ev(temperature_k)
    barrier = nucleation_barrier_ev(eta, **metal, angle_deg=contact)
    atoms = critical_atoms(eta, **metal, angle_deg=contact)
    zeldovich = np.sqrt(barrier / (3 * np.pi * thermal)) / atoms
    radius = critical_radius_m(eta, **metal)
    cap = 2 * np.pi * radius**2 * (1 - np.cos(np.radians(contact)))
    attachment = exchange / elementary_charge * cap
    places = (Avogadro / volume) ** (2 / 3)
    return np.asarray(
        places * zeldovich * attachment * np.exp(eta / (2 * thermal) - barrier / thermal)
    )


def nuclei_density_m2(
    rate_m2_s: ArrayLike,
    *,
    diffusivity_m2_s: ArrayLike,
    concentration_mol_m3: ArrayLike,
    molar_volume_m3: ArrayLike,
) -> Floats:
    """Return the density of nuclei that are there in the end, nuclei/m².

    Each nucleus empties the electrolyte around it, where no other forms: of progressive
    nucleation ``N_s = [A / (2 k D)]^(1/2)`` with ``k = (4/3) (8 pi c V_m)^(1/2)`` are there when
    these zones have covered the host. Dense nuclei grow into a layer, few into mounds.

    Parameters
    ----------
    rate_m2_s
        Stationary rate A, nuclei/(m² s); 0 gives 0.
    diffusivity_m2_s, concentration_mol_m3
        Of the ion in the electrolyte that covers the host, m²/s and mol/m³.

    Raises
    ------
    InputError
        For a negative rate, and unless all else is finite and above 0.

    References
    ----------
    Scharifker & Hills, Electrochim. Acta 28, 879 (1983), doi:10.1016/0013-4686(83)85163-9.
    """
    rate = not_negative("rate_m2_s", rate_m2_s)
    diffusivity, concentration, volume = positive(
        diffusivity_m2_s=diffusivity_m2_s,
        concentration_mol_m3=concentration_mol_m3,
        molar_volume_m3=molar_volume_m3,
    )
    spread = 4 / 3 * np.sqrt(8 * np.pi * concentration * volume)
    return np.asarray(np.sqrt(rate / (2 * spread * diffusivity)))
