"""From atoms to the cell: closed formulas of transport and nucleation (docs/battery.md)."""

from __future__ import annotations

from screening.electrochemistry.density import nucleation_rate_m2_s, nuclei_density_m2
from screening.electrochemistry.electrolyte import (
    A_M2_PER_MA_CM2,
    Electrolyte,
    default_electrolyte,
    load_electrolyte,
)
from screening.electrochemistry.kinetics import arrhenius, local_current_a_m2, overpotential_v
from screening.electrochemistry.metals import MOLAR_VOLUME_M3, SURFACE_ENERGY_J_M2
from screening.electrochemistry.nucleation import (
    contact_factor,
    critical_atoms,
    critical_radius_m,
    nucleation_barrier_ev,
    nucleation_rate,
    thermal_energy_ev,
)
from screening.electrochemistry.transport import limiting_current_a_m2, sand_time_s

__all__ = [
    "A_M2_PER_MA_CM2",
    "MOLAR_VOLUME_M3",
    "SURFACE_ENERGY_J_M2",
    "Electrolyte",
    "arrhenius",
    "contact_factor",
    "critical_atoms",
    "critical_radius_m",
    "default_electrolyte",
    "limiting_current_a_m2",
    "load_electrolyte",
    "local_current_a_m2",
    "nucleation_barrier_ev",
    "nucleation_rate",
    "nucleation_rate_m2_s",
    "nuclei_density_m2",
    "overpotential_v",
    "sand_time_s",
    "thermal_energy_ev",
]
