"""Units, physical constants and the few reference numbers everything shares.

Energies are eV, lengths Å, forces eV/Å, charges e, temperatures K throughout;
a quantity in any other unit carries it in its name (``gamma_j_m2``, ``eta_nuc_mv``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Ion = Literal["Li", "Na", "K"]
IONS: tuple[Ion, ...] = get_args(Ion)

Dispersion = Literal["none", "d3bj"]
DISPERSIONS: tuple[Dispersion, ...] = get_args(Dispersion)

EV_PER_A2_IN_J_PER_M2 = 16.021766208
"""1 eV/Å² in J/m² (CODATA 2018 elementary charge)."""

BCC_LATTICE_A = MappingProxyType({"Li": 3.51, "Na": 4.29, "K": 5.33})
"""Lattice constant of the bcc metal near room temperature, Å (Kittel, ch. 1, table 3: Li 3.491 at
78 K, Na 4.225 at 5 K, K 5.225 at 5 K; WebElements for 298 K). A starting point for relaxation."""

COHESIVE_EV: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "PBE": MappingProxyType({"Li": 1.60, "Na": 1.09, "K": 0.86}),
        "experiment": MappingProxyType({"Li": 1.63, "Na": 1.113, "K": 0.934}),
    }
)
"""Cohesive energy of the bcc metals, eV/atom: experiment from Kittel, Introduction to Solid State
Physics, ch. 3; PBE as in docs/columns.md. The free atom is this much above the metal."""
