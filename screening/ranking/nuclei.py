"""Critical nuclei of the metal on one host: at its own overpotential, and at a cell's currents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from screening.descriptors import Row
from screening.electrochemistry import (
    MOLAR_VOLUME_M3,
    SURFACE_ENERGY_J_M2,
    Electrolyte,
    critical_atoms,
    critical_radius_m,
    nucleation_barrier_ev,
    nucleation_rate_m2_s,
    nuclei_density_m2,
    thermal_energy_ev,
)
from screening.ranking.rank import Ranked, Ranking

WULFF = "Wulff average"
"""Where a surface energy is from if not a slab's: the mean over the metal's Wulff shape."""

SPHERE_DEG = 180.0
"""Contact angle where none is known: the nucleus touches nothing."""

SPREADS = "contact angle 0: the metal spreads without a nucleus"


@dataclass(frozen=True)
class Nucleus:
    """Critical nucleus of the metal on one host at one overpotential.

    Attributes
    ----------
    eta_mv
        The host's limiting nucleation overpotential, or that of charge transfer at a current, mV;
        None if it is not known.
    gamma_j_m2, gamma_source
        Surface energy of the metal, J/m², and what it was computed for: `WULFF`, or the slab of
        the metal; None if it is from literature.
    angle_deg
        Contact angle of the host, degrees; None if none was computed: the nucleus is a sphere.
    current_ma_cm2
        Current of the cell that drives it, mA/cm²; None at the host's own overpotential.
    radius_nm, atoms, barrier_ev, barrier_kt
        Of the critical nucleus, nm, eV and units of kT; None with `reason`.
    density_cm2
        Nuclei on the host when their diffusion zones cover it, 1/cm²; None without a current.
    """

    entry: Ranked
    eta_mv: float | None
    gamma_j_m2: float
    gamma_source: str | None
    angle_deg: float | None = None
    current_ma_cm2: float | None = None
    radius_nm: float | None = None
    atoms: float | None = None
    barrier_ev: float | None = None
    barrier_kt: float | None = None
    density_cm2: float | None = None
    reason: str = ""


def own_nucleus(entry: Ranked, ranking: Ranking, temperature_k: float) -> Nucleus:
    """Nucleus at the limiting nucleation overpotential of the host."""
    eta_mv = entry.row["eta_nuc_mv"]
    bare = _bare(entry, ranking, eta_mv)
    if eta_mv is None:
        why = f": {entry.row.reason}" if "nucleation" in entry.row.reason else ""
        return replace(bare, reason=f"no nucleation overpotential was computed{why}")
    if eta_mv <= 0:
        return replace(
            bare, reason="no overpotential: the first atoms bind better than in the metal"
        )
    return _critical(bare, ranking, eta_mv, temperature_k)


def driven_nuclei(
    entry: Ranked,
    ranking: Ranking,
    salt: Electrolyte,
    driving: Sequence[tuple[float, float | None]],
) -> list[Nucleus]:
    """Nuclei at the overpotentials of charge transfer, each the whole driving force.

    Parameters
    ----------
    driving
        Current of the cell, mA/cm², and overpotential at it, mV; None where the electrolyte
        states no exchange current, which leaves it out.
    """
    found = []
    for current, eta_mv in driving:
        if eta_mv is None or salt.exchange_a_m2 is None:
            continue
        bare = replace(_bare(entry, ranking, eta_mv), current_ma_cm2=current)
        nucleus = _critical(bare, ranking, eta_mv, salt.temperature_k)
        if nucleus.barrier_ev is not None:
            volume = MOLAR_VOLUME_M3[ranking.ion]
            rate = nucleation_rate_m2_s(
                eta_mv / 1e3,
                exchange_a_m2=salt.exchange_a_m2,
                surface_energy_j_m2=nucleus.gamma_j_m2,
                molar_volume_m3=volume,
                temperature_k=salt.temperature_k,
                angle_deg=_angle(nucleus),
            )
            density = nuclei_density_m2(
                rate,
                diffusivity_m2_s=salt.diffusivity_m2_s,
                concentration_mol_m3=salt.concentration_mol_m3,
                molar_volume_m3=volume,
            )
            nucleus = replace(nucleus, density_cm2=float(density) / 1e4)
        found.append(nucleus)
    return found


def _bare(entry: Ranked, ranking: Ranking, eta_mv: float | None) -> Nucleus:
    gamma, source = _surface_energy(ranking, entry.row)
    return Nucleus(entry, eta_mv, gamma, source, entry.row["contact_angle_deg"])


def _angle(nucleus: Nucleus) -> float:
    return SPHERE_DEG if nucleus.angle_deg is None else nucleus.angle_deg


def _critical(bare: Nucleus, ranking: Ranking, eta_mv: float, temperature_k: float) -> Nucleus:
    angle = _angle(bare)
    if angle <= 0:
        return replace(bare, reason=SPREADS)
    metal = {
        "surface_energy_j_m2": bare.gamma_j_m2,
        "molar_volume_m3": MOLAR_VOLUME_M3[ranking.ion],
    }
    eta_v = eta_mv / 1e3
    barrier = float(nucleation_barrier_ev(eta_v, **metal, angle_deg=angle))
    return replace(
        bare,
        radius_nm=1e9 * float(critical_radius_m(eta_v, **metal)),
        atoms=float(critical_atoms(eta_v, **metal, angle_deg=angle)),
        barrier_ev=barrier,
        barrier_kt=barrier / float(thermal_energy_ev(temperature_k)),
    )


def _surface_energy(ranking: Ranking, row: Row) -> tuple[float, str | None]:
    """Surface energy of the ion's metal at the level of a row, J/m², and where it is from.

    The Wulff average if any row has it, which is the same for all hosts; else the lowest of the
    slabs of the metal alone; else literature.
    """
    known = [entry.row for entry in ranking.ranked] + [entry.row for entry in ranking.unranked]
    rows = [other for other in known if other.level.fingerprint == row.level.fingerprint]
    averages = [gamma for other in rows if (gamma := other["gamma_metal_j_m2"]) is not None]
    if averages:
        return averages[0], WULFF
    slabs = [
        (other["gamma_j_m2"], other.candidate)
        for other in rows
        if other.formula.rstrip("0123456789") == ranking.ion
        and other["gamma_j_m2"] is not None
        and other["gamma_j_m2"] > 0
    ]
    return min(slabs) if slabs else (SURFACE_ENERGY_J_M2[ranking.ion], None)
