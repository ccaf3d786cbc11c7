"""Cell-level numbers of the best hosts: from stored values by closed formulas (docs/battery.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from screening.descriptors import Row
from screening.electrochemistry import (
    A_M2_PER_MA_CM2,
    MOLAR_VOLUME_M3,
    SURFACE_ENERGY_J_M2,
    Electrolyte,
    critical_atoms,
    critical_radius_m,
    limiting_current_a_m2,
    local_current_a_m2,
    nucleation_barrier_ev,
    overpotential_v,
    sand_time_s,
    thermal_energy_ev,
)
from screening.ranking.rank import Ranked, Ranking

WULFF = "Wulff average"
"""Where a surface energy is from if not a slab's: the mean over the metal's Wulff shape."""


@dataclass(frozen=True)
class Depletion:
    """When the salt runs out at the electrode.

    Attributes
    ----------
    current_ma_cm2
        Current density of the cell, mA/cm².
    local_ma_cm2
        On the true area of the host, mA/cm²: Sand's time and the overpotential are those of it.
    sand_s
        Sand's time, s.
    overpotential_mv
        Of charge transfer, mV; None if the electrolyte states no exchange current.
    reached
        Whether the cell's current is above the limiting one, which the separator sets whatever the
        host's area: below it the salt never runs out.
    """

    current_ma_cm2: float
    local_ma_cm2: float
    sand_s: float
    reached: bool
    overpotential_mv: float | None


@dataclass(frozen=True)
class Nucleus:
    """Critical nucleus of the metal at the nucleation overpotential of one host.

    Attributes
    ----------
    eta_mv
        The host's limiting nucleation overpotential, mV; None if it was not computed.
    gamma_j_m2, gamma_source
        Surface energy of the metal, J/m², and what it was computed for: `WULFF`, or the slab of
        the metal; None if it is from literature.
    radius_nm, atoms, barrier_ev, barrier_kt
        Of the critical nucleus, nm, eV and units of kT; None with `reason`.
    """

    entry: Ranked
    eta_mv: float | None
    gamma_j_m2: float
    gamma_source: str | None
    radius_nm: float | None = None
    atoms: float | None = None
    barrier_ev: float | None = None
    barrier_kt: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class BatteryReport:
    """What one electrolyte, at its temperature, and the best hosts of its ion come to in a cell."""

    electrolyte: Electrolyte
    area_factor: float
    limiting_ma_cm2: float
    depletion: tuple[Depletion, ...]
    nuclei: tuple[Nucleus, ...]

    @property
    def temperature_k(self) -> float:
        """Temperature of all of it, K."""
        return self.electrolyte.temperature_k


def battery_report(
    ranking: Ranking,
    electrolyte: Electrolyte,
    currents_ma_cm2: Sequence[float],
    temperature_k: float,
    top: int,
    *,
    area_factor: float = 1.0,
) -> BatteryReport:
    """Transport in the electrolyte and nucleation on the `top` best hosts of its ion.

    Parameters
    ----------
    area_factor
        True area of the host over that of the cell.

    Raises
    ------
    InputError
        For a current or temperature that is not finite and above 0, or a factor below 1.
    """
    salt = electrolyte.at(temperature_k)
    transport = {
        "diffusivity_m2_s": salt.diffusivity_m2_s,
        "concentration_mol_m3": salt.concentration_mol_m3,
        "transference": salt.transference,
        "macmullin": salt.macmullin,
    }
    limit = float(limiting_current_a_m2(salt.distance_m, **transport)) / A_M2_PER_MA_CM2
    return BatteryReport(
        salt,
        area_factor,
        limit,
        tuple(
            _depletion(salt, current, limit, area_factor, transport) for current in currents_ma_cm2
        ),
        tuple(_nucleus(entry, ranking, temperature_k) for entry in ranking.ranked[:top]),
    )


def _depletion(
    salt: Electrolyte,
    current_ma_cm2: float,
    limit_ma_cm2: float,
    area_factor: float,
    transport: Mapping[str, float],
) -> Depletion:
    local = local_current_a_m2(A_M2_PER_MA_CM2 * current_ma_cm2, area_factor)
    eta_mv = None
    if salt.exchange_a_m2 is not None:
        eta_mv = 1e3 * float(
            overpotential_v(
                local, exchange_a_m2=salt.exchange_a_m2, temperature_k=salt.temperature_k
            )
        )
    return Depletion(
        current_ma_cm2,
        float(local) / A_M2_PER_MA_CM2,
        float(sand_time_s(local, **transport, porosity=salt.porosity)),
        current_ma_cm2 > limit_ma_cm2,
        eta_mv,
    )


def _nucleus(entry: Ranked, ranking: Ranking, temperature_k: float) -> Nucleus:
    eta_mv, ion = entry.row["eta_nuc_mv"], ranking.ion
    gamma, source = _surface_energy(ranking, entry.row)
    nucleus = Nucleus(entry, eta_mv, gamma, source)
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
