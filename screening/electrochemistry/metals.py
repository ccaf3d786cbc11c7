"""Constants of the alkali metals that the formulas need."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from scipy.constants import Avogadro

from screening.units import BCC_LATTICE_A, Ion

MOLAR_VOLUME_M3: Mapping[str, float] = MappingProxyType(
    {metal: Avogadro * (a * 1e-10) ** 3 / 2 for metal, a in BCC_LATTICE_A.items()}
)
"""Molar volume near room temperature, m³/mol: two atoms in the bcc cell of `BCC_LATTICE_A`."""

SURFACE_ENERGY_J_M2: Mapping[Ion, float] = MappingProxyType({"Li": 0.522, "Na": 0.261, "K": 0.145})
"""Surface energy of the metal in vacuum, average over orientations, J/m², from the surface tension
of the liquid (Tyson & Miller, Surf. Sci. 62, 267 (1977), doi:10.1016/0039-6028(77)90442-3, as
tabulated by Vitos et al., Surf. Sci. 411, 186 (1998), doi:10.1016/S0039-6028(98)00363-X). Stands in
where a row has no computed value, and whoever shows a result must say so."""

SURFACE_ENERGY_SOURCE = "Tyson & Miller 1977, experiment, in vacuum"
