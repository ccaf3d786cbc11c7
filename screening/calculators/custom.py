"""Any ASE calculator as ``module:factory``."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ase.calculators.calculator import Calculator
from ase.data import chemical_symbols

from screening.calculators.base import CalculatorSpec
from screening.calculators.models import file_hash, package_version
from screening.errors import CalculatorError
from screening.structure.level import Level, digest

ALL_ELEMENTS = frozenset(chemical_symbols[1:])


def spec(name: str, options: Mapping[str, Any], where: str) -> CalculatorSpec:
    """Describe ``module:factory``, a callable that returns an ASE calculator.

    The options are its keyword arguments. Attributes of the callable refine the spec:
    ``elements`` (symbols it knows; else all are let through), ``functional`` and ``note``.

    Raises
    ------
    CalculatorError
        If the module cannot be imported, has no such callable, or an option is not plain data.
    """
    factory = _load(name, where)
    try:
        digest(options)
    except (TypeError, ValueError) as error:
        raise CalculatorError(
            f"options of {name} are not plain data: {error}", where=where
        ) from None
    elements = getattr(factory, "elements", None)
    functional = str(getattr(factory, "functional", "unknown"))
    return CalculatorSpec(
        name=name,
        level=functools.partial(_level, name, functional, dict(options)),
        elements=frozenset(elements) if elements else ALL_ELEMENTS,
        make=functools.partial(_make, name, dict(options)),
        note=str(getattr(factory, "note", "" if elements else "elements are not checked")),
        functional=functional,
        options=dict(options),
    )


def object_spec(calculator: Calculator, level: str) -> CalculatorSpec:
    """Describe an ASE calculator object whose level its owner states.

    Raises
    ------
    CalculatorError
        If it is no calculator, or no level is stated: energies of unknown level would be reused.
    """
    if not hasattr(calculator, "get_potential_energy"):
        raise CalculatorError(
            f"{type(calculator).__name__} is no ASE calculator", where="Screen: calculator"
        )
    if not level.strip():
        raise CalculatorError(
            "a calculator object needs a level",
            where="Screen: level",
            allowed="a text that names model, functional and weights, e.g. 'my-mlp 3, PBE'",
        )
    name = type(calculator).__name__
    stated = Level(name, level.strip(), "as stated", "none", version="")
    return CalculatorSpec(name, lambda: stated, ALL_ELEMENTS, lambda: calculator)


def _load(name: str, where: str) -> Callable[..., Any]:
    module_name, _, attribute = name.partition(":")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)  # last: a user's file beside the workflow never shadows a package
    try:
        factory: Any = importlib.import_module(module_name)
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise CalculatorError(
            f"cannot import {module_name!r} for calculator {name!r}: {reason}",
            where=where,
            allowed="a registered name (see: alkascreen calculators) or module:factory",
        ) from error
    for part in attribute.split("."):
        factory = getattr(factory, part, None)
    if not callable(factory):
        raise CalculatorError(
            f"{module_name!r} has no callable {attribute!r}",
            where=where,
            allowed="a function or class that returns an ASE calculator",
        )
    return factory  # type: ignore[no-any-return]


def _level(name: str, functional: str, options: Mapping[str, Any]) -> Level:
    module = sys.modules[name.partition(":")[0]]
    source = getattr(module, "__file__", None)
    return Level(
        calculator=name,
        model="",
        functional=functional,
        dispersion="none",
        version=package_version(name.partition(":")[0].partition(".")[0]),
        weights=file_hash(Path(source)) if source else "",
        settings=tuple((key, str(options[key])) for key in sorted(options)),
    )


def _make(name: str, options: Mapping[str, Any]) -> Calculator:
    factory = _load(name, "calculator")
    try:
        calculator: Calculator = factory(**options)
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise CalculatorError(f"calculator {name!r} cannot be made: {reason}") from error
    if not hasattr(calculator, "get_potential_energy"):
        raise CalculatorError(
            f"{name!r} returned {type(calculator).__name__}", allowed="an ASE calculator"
        )
    return calculator
