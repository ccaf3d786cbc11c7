"""Adsorption free energy: harmonic modes of the ion, entropy of where it may sit."""

from __future__ import annotations

from collections.abc import Sequence

from ase import Atoms
from ase.build import make_supercell
from ase.thermochemistry import HarmonicThermo
from ase.units import kB
from scipy.constants import physical_constants
from scipy.special import xlogy

from screening.errors import TaskError

EV_PER_THZ = physical_constants["Planck constant in eV/Hz"][0] * 1e12
BULK_REPEAT = 2
"""Cubic cells along each axis of the bcc crystal in which one atom vibrates: against three cells,
`7net-0` changes by 2.3 (Li), 0.8 (Na) and 0.1 meV (K) at 300 K."""
CRYSTAL_ATOMS = 2 * BULK_REPEAT**3


def vibrational_free_energy(frequencies_thz: Sequence[float], temperature_k: float) -> float:
    """Helmholtz free energy of one atom's three harmonic modes, zero-point energy included, eV.

    ``sum_i [h nu_i / 2 + kT ln(1 - exp(-h nu_i / kT))]``, by ASE's `HarmonicThermo`.

    Parameters
    ----------
    frequencies_thz
        Of the real modes, THz, shape (3,).

    Raises
    ------
    TaskError
        If fewer are real: the atom is on a saddle, whose free energy means nothing.
    """
    real = [nu for nu in frequencies_thz if nu > 0]
    if len(real) < 3:
        raise TaskError(f"{3 - len(real)} of 3 modes are imaginary: the atom is not in a minimum")
    thermo = HarmonicThermo([EV_PER_THZ * nu for nu in real])
    return float(thermo.get_helmholtz_energy(temperature_k, verbose=False))


def lattice_gas_free_energy(coverage: float, temperature_k: float) -> float:
    """Free energy of the disorder of an ideal lattice gas, per particle, eV.

    ``kT [ln x + (1 - x) / x ln(1 - x)]`` at coverage x: the mean of the differential one,
    ``kT ln(x' / (1 - x'))``, over the filling of the sites from x' = 0 to x (Hill, An Introduction
    to Statistical Thermodynamics, 1960, ch. 7). Zero at x = 1.

    Parameters
    ----------
    coverage
        Particles per site, above 0 and at most 1.

    Raises
    ------
    ValueError
        If the coverage is not in that range.
    """
    if not 0 < coverage <= 1:
        raise ValueError(f"coverage {coverage} is not above 0 and at most 1")
    filled, empty = xlogy(coverage, coverage), xlogy(1 - coverage, 1 - coverage)
    return float(kB * temperature_k * (filled + empty) / coverage)


def adsorption_free_energy(
    e_ads_ev: float,
    ion_thz: Sequence[float],
    metal_thz: Sequence[float],
    *,
    coverage: float,
    temperature_k: float,
) -> float:
    """Adsorption free energy per ion against the bulk metal, eV; negative binds.

    ``e_ads + F_vib(ion) - F_vib(metal) + F_lattice_gas``. Both atoms vibrate alone, with all others
    at rest, so that what this leaves out largely cancels; the metal's mode is that of an Einstein
    crystal.

    Parameters
    ----------
    ion_thz, metal_thz
        Frequencies of the ion's and of a bulk atom's real modes, THz.
    coverage
        Ions per site of the kind that holds the ion.

    Raises
    ------
    TaskError
        If one of the two is not in a minimum.
    """
    parts = []
    for name, frequencies in (("ion", ion_thz), ("bulk metal", metal_thz)):
        try:
            parts.append(vibrational_free_energy(frequencies, temperature_k))
        except TaskError as error:
            raise TaskError(f"{name}: {error}") from error
    ion, metal = parts
    return e_ads_ev + ion - metal + lattice_gas_free_energy(coverage, temperature_k)


def metal_crystal(metal: Atoms) -> Atoms:
    """Cubic supercell of the relaxed bcc metal, in which its atom 0 may vibrate alone."""
    cubic = make_supercell(metal, [[0, 1, 1], [1, 0, 1], [1, 1, 0]])
    crystal: Atoms = cubic.repeat(BULK_REPEAT)
    return crystal
