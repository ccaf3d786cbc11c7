"""Cell-level numbers of the best hosts: from stored values by closed formulas (docs/battery.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screening.electrochemistry import (
    A_M2_PER_MA_CM2,
    Electrolyte,
    limiting_current_a_m2,
    local_current_a_m2,
    overpotential_v,
    sand_time_s,
)
from screening.ranking.nuclei import Nucleus, driven_nuclei, own_nucleus
from screening.ranking.rank import Ranking


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
class BatteryReport:
    """What one electrolyte, at its temperature, and the best hosts of its ion come to in a cell.

    Attributes
    ----------
    nuclei
        At each host's own overpotential.
    driven
        At the overpotentials of charge transfer that the currents take; none if the electrolyte
        states no exchange current.
    """

    electrolyte: Electrolyte
    area_factor: float
    limiting_ma_cm2: float
    depletion: tuple[Depletion, ...]
    nuclei: tuple[Nucleus, ...]
    driven: tuple[Nucleus, ...]

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
    depletion = tuple(
        _depletion(salt, current, limit, area_factor, transport) for current in currents_ma_cm2
    )
    driving = [(entry.current_ma_cm2, entry.overpotential_mv) for entry in depletion]
    hosts = ranking.ranked[:top]
    return BatteryReport(
        salt,
        area_factor,
        limit,
        depletion,
        tuple(own_nucleus(entry, ranking, temperature_k) for entry in hosts),
        tuple(n for entry in hosts for n in driven_nuclei(entry, ranking, salt, driving)),
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
