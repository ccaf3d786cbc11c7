"""Reduction levels of solvents and salts against the metals: the shipped table, read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from screening.config import StrictModel, load_yaml, parse
from screening.errors import InputError
from screening.units import Ion

TABLE = Path(__file__).parent / "reduction.yaml"

WORK_FUNCTION_EV: Mapping[Ion, float] = MappingProxyType({"Li": 2.9, "Na": 2.75, "K": 2.3})
"""Work functions of the metals, eV: their Fermi levels below the vacuum (Michaelson, J. Appl. Phys.
48, 4729 (1977), doi:10.1063/1.323539)."""

ABSOLUTE_V: Mapping[Ion, float] = MappingProxyType({"Li": 1.40, "Na": 1.73, "K": 1.51})
"""Absolute potentials of the electrodes A/A+, V: 4.44 of the hydrogen electrode (Trasatti, Pure
Appl. Chem. 58, 955 (1986), doi:10.1351/pac198658070955) and −3.04, −2.71, −2.93 V against it, in
water."""


class ReductionLevel(StrictModel):
    """Electron affinities of one molecule or ion pair.

    Attributes
    ----------
    ion
        Cation of a salt; None for a solvent.
    ea_gas_ev, ea_vertical_ev
        Of the molecule as it stands, in vacuum and in a dielectric, eV; positive: it binds the
        electron.
    ea_adiabatic_ev
        In the dielectric, with the anion relaxed, eV; None if that changes bonds.
    change
        Which bond changed.
    """

    name: str
    ion: Ion | None = None
    ea_gas_ev: float
    ea_vertical_ev: float
    ea_adiabatic_ev: float | None = None
    change: str = ""

    def over_fermi_ev(self, ion: Ion) -> float:
        """Lowest empty level over the Fermi level of a metal, eV: ``W - EA``, vertical.

        Above 0 the metal does not hand its electron over at once (Goodenough & Kim, Chem. Mater.
        22, 587 (2010), doi:10.1021/cm901452z).
        """
        return WORK_FUNCTION_EV[ion] - self.ea_vertical_ev

    def potential_v(self, ion: Ion) -> float | None:
        """Potential of one-electron reduction against A/A+, V: ``EA / e - E_abs``, adiabatic."""
        if self.ea_adiabatic_ev is None:
            return None
        return self.ea_adiabatic_ev - ABSOLUTE_V[ion]


class ReductionTable(StrictModel):
    """All levels with their method, the command that makes them, and what is known of their error.

    Attributes
    ----------
    mean_error_ev, mean_absolute_error_ev
        Of affinities in vacuum against measured ones, eV.
    """

    method: str
    command: str
    mean_error_ev: float
    mean_absolute_error_ev: float
    levels: tuple[ReductionLevel, ...]

    def level(self, name: str) -> ReductionLevel:
        """Look a solvent or a salt up.

        Raises
        ------
        InputError
            If it is not in the table.
        """
        for level in self.levels:
            if level.name == name:
                return level
        known = ", ".join(level.name for level in self.levels)
        raise InputError(f"no reduction level of {name!r}", where="name", allowed=known)


@lru_cache(maxsize=1)
def reduction_table() -> ReductionTable:
    """Return the shipped table."""
    return parse(ReductionTable, load_yaml(TABLE), str(TABLE))
