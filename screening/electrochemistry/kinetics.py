"""From a cell's current to the overpotential that drives nuclei, and with temperature."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from screening.electrochemistry.inputs import Floats, at_least_one, not_negative, positive
from screening.electrochemistry.nucleation import thermal_energy_ev


def local_current_a_m2(current_a_m2: ArrayLike, area_factor: ArrayLike) -> Floats:
    """Return the current density on the true area of a three-dimensional host, A/m².

    Parameters
    ----------
    current_a_m2
        On the area of the cell, A/m².
    area_factor
        Wetted area of the host over that of the cell, at least 1.

    Raises
    ------
    InputError
        For a current that is not above 0 or a factor below 1.
    """
    current, factor = positive(
        current_a_m2=current_a_m2, area_factor=at_least_one("area_factor", area_factor)
    )
    return np.asarray(current / factor)


def overpotential_v(
    current_a_m2: ArrayLike, *, exchange_a_m2: ArrayLike, temperature_k: ArrayLike
) -> Floats:
    """Overpotential of charge transfer at a current, V, as a positive number.

    Butler-Volmer with equal transfer coefficients of 1/2 and one electron,
    ``J = 2 j0 sinh(e eta / 2kT)``, solved for eta.

    Parameters
    ----------
    current_a_m2
        On the true area, A/m².
    exchange_a_m2
        Exchange current density j0, A/m².
    temperature_k
        K.

    Raises
    ------
    InputError
        Unless all are finite and greater than 0.

    References
    ----------
    Newman & Thomas-Alyea, Electrochemical Systems, 3rd ed. (2004), ch. 8.
    """
    current, exchange, temperature = positive(
        current_a_m2=current_a_m2, exchange_a_m2=exchange_a_m2, temperature_k=temperature_k
    )
    return np.asarray(2 * thermal_energy_ev(temperature) * np.arcsinh(current / (2 * exchange)))


def arrhenius(activation_ev: ArrayLike, temperature_k: ArrayLike, reference_k: ArrayLike) -> Floats:
    """Factor of a rate between two temperatures: ``exp(-E/k (1/T - 1/T0))``.

    Parameters
    ----------
    activation_ev
        Activation energy, eV, not negative.
    temperature_k, reference_k
        Temperature asked for, and that at which the rate is known, K.

    Raises
    ------
    InputError
        For a negative energy or a temperature that is not above 0.
    """
    energy = not_negative("activation_ev", activation_ev)
    inverse = 1 / thermal_energy_ev(temperature_k) - 1 / thermal_energy_ev(reference_k)
    return np.asarray(np.exp(-energy * inverse))
