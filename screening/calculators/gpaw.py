"""Density functional theory by GPAW: PBE, plane waves, dipole layer for sheets and slabs.

Mortensen et al., J. Chem. Phys. 160, 092503 (2024), doi:10.1063/5.0182685. The effect of each
setting on adsorption energies is measured in ``docs/dft.md``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from ase.calculators.calculator import Calculator
from ase.data import chemical_symbols

from screening.calculators.base import CalculatorSpec
from screening.calculators.gpaw_settings import BASIS, MODELS, CommonSettings
from screening.calculators.models import package_version, pick_model
from screening.config import parse
from screening.structure.level import Level

_NO_DATA_SET = {"Tc", "Po", "At", "Fr", "Ra", "Ac", "Th", "Pa", "U"}
ELEMENTS = frozenset(chemical_symbols[1:93]) - _NO_DATA_SET
"""Elements with a PBE data set in gpaw-data 1.2."""
SECONDS_PER_ATOM = 10.0
"""Of the reference level on one core, within a factor of three."""


def spec(model: str, options: Mapping[str, Any]) -> CalculatorSpec:
    """Describe the reference level, or the middle one (``lcao``); GPAW is imported by `make` only.

    Raises
    ------
    InputError
        If an option is unknown or out of range.
    """
    name = pick_model("gpaw", model, MODELS)
    settings = parse(MODELS[name], options, "gpaw options")
    return CalculatorSpec(
        name="gpaw" if name == next(iter(MODELS)) else f"gpaw:{name}",
        level=functools.partial(_level, name, settings),
        elements=ELEMENTS,
        make=functools.partial(_make, settings),
        modules=("gpaw",),
        extra="dft",
        note="density functional theory: minutes a structure; the reference level",
        functional="PBE",
        options=settings.model_dump(),
        seconds_per_atom=SECONDS_PER_ATOM,
    )


def _level(model: str, settings: CommonSettings) -> Level:
    numbers = {key: f"{value:g}" for key, value in settings.model_dump().items() if key != "ranks"}
    numbers["kpoints"] = "half-step"
    if model == "lcao":
        numbers["basis"] = BASIS
    numbers["gpaw-data"] = package_version("gpaw-data")
    return Level(
        calculator="gpaw",
        model=model,
        functional="PBE",
        dispersion="none",
        version=package_version("gpaw"),
        settings=tuple(sorted(numbers.items())),
    )


def _make(settings: CommonSettings) -> Calculator:
    from screening.calculators.gpaw_engine import KohnSham  # noqa: PLC0415 (loads ase.Atoms)

    return KohnSham(settings)
