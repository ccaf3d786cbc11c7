"""Cell-level numbers of the best hosts: from stored values by closed formulas (docs/cell.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from screening.descriptors.record import Row
from screening.electrochemistry import (
    MOLAR_VOLUME_M3,
    SURFACE_ENERGY_J_M2,
    Electrolyte,
    critical_atoms,
    critical_radius_m,
    limiting_current_a_m2,
    nucleation_barrier_ev,
    sand_time_s,
    thermal_energy_ev,
)
from screening.ranking.rank import Ranked, Ranking
from screening.units import Ion

A_M2_PER_MA_CM2 = 10.0


@dataclass(frozen=True)
class Depletion:
    """When the salt runs out at the electrode.

    Attributes
    ----------
    current_ma_cm2
        Current density, mA/cm².
    sand_s
        Sand's time, s.
    reached
        Whether the current is above the limiting one: below it the salt never runs out.
    """

    current_ma_cm2: float
    sand_s: float
    reached: bool


@dataclass(frozen=True)
class Nucleus:
    """Critical nucleus of the metal at the nucleation overpotential of one host.

    Attributes
    ----------
    eta_mv
        The host's limiting nucleation overpotential, mV; None if it was not computed.
    gamma_j_m2, gamma_host
        Surface energy of the metal, J/m², and the slab of the metal it was computed on; None if
        it is from literature.
    radius_nm, atoms, barrier_ev, barrier_kt
        Of the critical nucleus, nm, eV and units of kT; None with `reason`.
    """

    entry: Ranked
    eta_mv: float | None
    gamma_j_m2: float
    gamma_host: str | None
    radius_nm: float | None = None
    atoms: float | None = None
    barrier_ev: float | None = None
    barrier_kt: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class CellReport:
    """What one electrolyte and the best hosts of its ion come to in a cell."""

    electrolyte: Electrolyte
    temperature_k: float
    limiting_ma_cm2: float
    depletion: tuple[Depletion, ...]
    nuclei: tuple[Nucleus, ...]


def cell_report(
    ranking: Ranking,
    electrolyte: Electrolyte,
    currents_ma_cm2: Sequence[float],
    temperature_k: float,
    top: int,
) -> CellReport:
    """Transport in the electrolyte and nucleation on the `top` best hosts of its ion.

    Raises
    ------
    InputError
        For a current or temperature that is not finite and above 0.
    """
    salt = {
        "diffusivity_m2_s": electrolyte.diffusivity_m2_s,
        "concentration_mol_m3": electrolyte.concentration_mol_m3,
        "transference": electrolyte.transference,
    }
    limit = float(limiting_current_a_m2(electrolyte.distance_m, **salt)) / A_M2_PER_MA_CM2
    times = sand_time_s([A_M2_PER_MA_CM2 * current for current in currents_ma_cm2], **salt)
    return CellReport(
        electrolyte,
        temperature_k,
        limit,
        tuple(
            Depletion(current, float(time), current > limit)
            for current, time in zip(currents_ma_cm2, times, strict=True)
        ),
        tuple(
            _nucleus(entry, ranking.ion, _metal_row(ranking, entry.row), temperature_k)
            for entry in ranking.ranked[:top]
        ),
    )


def _nucleus(entry: Ranked, ion: Ion, metal: Row | None, temperature_k: float) -> Nucleus:
    eta_mv = entry.row.eta_nuc_mv
    computed = metal.gamma_j_m2 if metal else None
    gamma = SURFACE_ENERGY_J_M2[ion] if computed is None else computed
    nucleus = Nucleus(entry, eta_mv, gamma, metal.candidate if metal else None)
    if eta_mv is None:
        why = f": {entry.row.reason}" if "nucleation" in entry.row.reason else ""
        return replace(nucleus, reason=f"no nucleation overpotential was computed{why}")
    if eta_mv <= 0:
        return replace(
            nucleus, reason="no overpotential: the first atoms bind better than in the metal"
        )
    eta_v = eta_mv / 1e3
    values = {"surface_energy_j_m2": gamma, "molar_volume_m3": MOLAR_VOLUME_M3[ion]}
    barrier = float(nucleation_barrier_ev(eta_v, **values))
    return replace(
        nucleus,
        radius_nm=1e9 * float(critical_radius_m(eta_v, **values)),
        atoms=float(critical_atoms(eta_v, **values)),
        barrier_ev=barrier,
        barrier_kt=barrier / float(thermal_energy_ev(temperature_k)),
    )


def _metal_row(ranking: Ranking, row: Row) -> Row | None:
    """Slab of the ion's own metal with the lowest surface energy at the level of a row."""
    rows = [entry.row for entry in ranking.ranked] + [entry.row for entry in ranking.unranked]
    slabs = [
        (other.gamma_j_m2, other.candidate, other)
        for other in rows
        if other.formula.rstrip("0123456789") == ranking.ion
        and other.level.fingerprint == row.level.fingerprint
        and other.gamma_j_m2 is not None
        and other.gamma_j_m2 > 0
    ]
    return min(slabs, key=lambda slab: slab[:2])[2] if slabs else None
