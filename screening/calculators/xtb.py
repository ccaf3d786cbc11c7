"""Extended tight binding by tblite.

GFN1-xTB: Grimme, Bannwarth, Shushkov, J. Chem. Theory Comput. 13, 1989 (2017),
doi:10.1021/acs.jctc.7b00118. GFN2-xTB: Bannwarth, Ehlert, Grimme, ibid. 15, 1652 (2019),
doi:10.1021/acs.jctc.8b01176.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from ase.calculators.calculator import Calculator
from ase.data import chemical_symbols
from pydantic import Field

from screening.calculators.base import CalculatorSpec
from screening.calculators.models import package_version, pick_model
from screening.config import StrictModel, parse
from screening.structure.level import Level

ELEMENTS = frozenset(chemical_symbols[1:87])
MODELS = ("GFN1-xTB", "GFN2-xTB")

MAX_ITERATIONS = 500
NOTE = "one k-point only (Γ): use large cells; absolute adsorption energies are off by 1 to 3 eV"


class Settings(StrictModel):
    """Settings of the self-consistent charges.

    Attributes
    ----------
    electronic_temperature_k
        Of the Fermi–Dirac occupation; a higher one settles the charges of metallic hosts.
    """

    electronic_temperature_k: float = Field(default=300.0, ge=1, le=10000)


def spec(model: str, options: Mapping[str, Any]) -> CalculatorSpec:
    """Describe an xTB method; both contain their own dispersion.

    Raises
    ------
    InputError
        If an option is unknown or out of range.
    """
    settings = parse(Settings, options, "xtb options")
    name = pick_model("xtb", model, MODELS)
    return CalculatorSpec(
        name="xtb" if name == MODELS[0] else f"xtb:{name}",
        level=functools.partial(_level, name, settings),
        elements=ELEMENTS,
        make=functools.partial(_make, name, settings),
        modules=("tblite",),
        extra="xtb",
        note=NOTE,
        functional=name,
        options=settings.model_dump(),
    )


def _level(method: str, settings: Settings) -> Level:
    return Level(
        calculator="xtb",
        model=method,
        functional=method,
        dispersion="none",
        version=package_version("tblite"),
        settings=(("electronic_temperature_k", str(settings.electronic_temperature_k)),),
    )


def _make(method: str, settings: Settings) -> Calculator:
    from tblite.ase import TBLite  # noqa: PLC0415 (an optional engine)

    return TBLite(
        method=method,
        electronic_temperature=settings.electronic_temperature_k,
        max_iterations=MAX_ITERATIONS,
        verbosity=0,
    )
