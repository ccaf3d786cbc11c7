"""Effective medium theory with Li, Na and K: lets the whole flow run in seconds, without torch."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from ase.calculators.calculator import Calculator

from screening.calculators.base import CalculatorSpec
from screening.calculators.emt_table import ALKALI
from screening.calculators.models import package_version, pick_model, refuse_options
from screening.structure.level import Level, digest

MODELS = ("alkali",)

ELEMENTS = frozenset(
    {"Al", "Cu", "Ag", "Au", "Ni", "Pd", "Pt", "H", "C", "N", "O", "Li", "Na", "K"}
)
NOTE = "demonstration only: metals are qualitative, H, C, N and O are meaningless"


def spec(model: str, options: Mapping[str, Any]) -> CalculatorSpec:
    """Describe the demonstration potential."""
    refuse_options("emt", options)
    name = pick_model("emt", model, MODELS)
    return CalculatorSpec(
        name="emt",
        level=functools.partial(_level, name),
        elements=ELEMENTS,
        make=_make,
        note=NOTE,
        functional="EMT",
    )


def _level(model: str) -> Level:
    return Level(
        calculator="emt",
        model=model,
        functional="EMT",
        dispersion="none",
        version=package_version("ase"),
        weights=digest({symbol: list(values) for symbol, values in ALKALI.items()}),
    )


def _make() -> Calculator:
    from screening.calculators.emt_potential import AlkaliEMT  # noqa: PLC0415 (loads scipy)

    return AlkaliEMT()
