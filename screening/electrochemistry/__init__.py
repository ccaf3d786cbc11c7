"""From atoms to the cell: closed formulas of transport and nucleation (docs/battery.md)."""

from __future__ import annotations

from screening.electrochemistry.electrolyte import (
    Electrolyte,
    default_electrolyte,
    load_electrolyte,
)
from screening.electrochemistry.metals import MOLAR_VOLUME_M3, SURFACE_ENERGY_J_M2
from screening.electrochemistry.nucleation import (
    critical_atoms,
    critical_radius_m,
    nucleation_barrier_ev,
    nucleation_rate,
    thermal_energy_ev,
)
from screening.electrochemistry.transport import limiting_current_a_m2, sand_time_s

__all__ = [
    "MOLAR_VOLUME_M3",
    "SURFACE_ENERGY_J_M2",
    "Electrolyte",
    "critical_atoms",
    "critical_radius_m",
    "default_electrolyte",
    "limiting_current_a_m2",
    "load_electrolyte",
    "nucleation_barrier_ev",
    "nucleation_rate",
    "sand_time_s",
    "thermal_energy_ev",
]
