"""Adsorption free energy: harmonic modes of the ion, entropy of where it may sit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

from ase import Atoms
from ase.build import make_supercell
from ase.thermochemistry import HarmonicThermo
from ase.units import kB
from pydantic import Field
from scipy.constants import physical_constants
from scipy.special import xlogy

from screening.descriptors.bound import UNBOUND, Bound
from screening.descriptors.columns import Column
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.errors import TaskError
from screening.evaluate.task import Task

EV_PER_THZ = physical_constants["Planck constant in eV/Hz"][0] * 1e12
BULK_REPEAT = 2
"""Cubic cells along each axis of the bcc crystal in which one atom vibrates: against three cells,
`7net-0` changes by 2.3 (Li), 0.8 (Na) and 0.1 meV (K) at 300 K."""
CRYSTAL_ATOMS = 2 * BULK_REPEAT**3


class FreeEnergy(DescriptorSettings):
    """Adsorption free energy with harmonic modes and the entropy of the coverage."""

    temperature_k: Annotated[float, Field(ge=1, le=2000)] = 300.0


COLUMNS = (
    Column(
        "g_ads_ev",
        "eV",
        "Adsorption free energy against the bulk metal at the row's coverage.",
        "{:+.2f}",
        better="less",
        energy=True,
    ),
    Column("g_ads_temperature_k", "K", "Temperature of g_ads_ev.", "{:.0f}"),
)


def cost(_settings: FreeEnergy, size: Size) -> Iterator[Work]:
    """Modes of the ion, and of an atom of the metal, which all hosts share."""
    yield Work("modes", 1, size.atoms + 1)
    yield Work("modes", 1, CRYSTAL_ATOMS, per="ion")


@descriptor("free_energy", *COLUMNS, cost=cost)
def free_energy(settings: FreeEnergy, pair: Pair, bound: Bound) -> Steps[Found]:
    """Add the modes of the ion, those of an atom of the metal, and the choice among sites."""
    if bound.best is None or bound.best[0].outcome in UNBOUND or bound.best[0].e_ads is None:
        return Found().lacking("free energy: no adsorbed ion")
    best, state = bound.best
    energy = bound.best[0].e_ads
    site = {site.label: site for site in bound.sites}.get(best.final_site or "")
    if site is None:
        return Found().lacking("free energy: the ion is at none of the host's sites")
    crystal = Task(
        "modes",
        pair.context.engine,
        (metal_crystal(bound.metal.atoms),),
        {"atom": 0},
        {"ion": pair.ion},
    )
    adatom = pair.task("modes", (state.atoms,), {"atom": bound.ion_index}, best.site)
    metal, ion = yield [crystal, adatom]
    if problems := [result.reason for result in (metal, ion) if result.failed]:
        return Found().lacking(f"free energy: {problems[0]}")
    try:
        value = adsorption_free_energy(
            energy.number,
            ion.data["frequencies_thz"],
            metal.data["frequencies_thz"],
            coverage=1 / site.multiplicity,
            temperature_k=settings.temperature_k,
        )
    except TaskError as error:
        return Found().lacking(f"free energy: {error}")
    free = replace(energy, value=value, lower90=None, upper90=None, raw=None)
    return Found().given(g_ads_ev=free, g_ads_temperature_k=settings.temperature_k)


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
