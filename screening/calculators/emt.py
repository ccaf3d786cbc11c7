"""Effective medium theory with Li, Na and K: lets the whole flow run in seconds, without torch."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ase.calculators.calculator import Calculator

from screening.calculators.base import CalculatorSpec, Level, digest
from screening.calculators.models import package_version, pick_model, refuse_options

MODELS = ("alkali",)

ALKALI: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "Li": (-1.6238, 3.3482, 0.73912, 1.111, 1.792, 0.94576, 0.003483),
        "Na": (-1.0978, 4.0231, 0.4997, 0.92467, 1.4914, 0.84123, 0.0019648),
        "K": (-0.91691, 4.9015, 0.41736, 0.75895, 1.2241, 0.76644, 0.0010388),
    }
)
"""E0 (eV), s0 (bohr), V0 (eV), eta2, kappa, lambda (1/bohr), n0 (1/bohr³). Fitted by
``benchmarks/fit_emt_alkali.py`` to lattice constant, cohesive energy and bulk modulus of the bcc
metal (Kittel, 8th ed.), which they reproduce to all digits given there."""

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
