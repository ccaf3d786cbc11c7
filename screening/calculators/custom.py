"""Any ASE calculator as ``module:factory``."""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from ase.calculators.calculator import Calculator
from ase.data import chemical_symbols

from screening.calculators.base import CalculatorSpec
from screening.calculators.models import file_hash, package_version
from screening.errors import CalculatorError, brief
from screening.structure.level import Level, digest

ALL_ELEMENTS = frozenset(chemical_symbols[1:])

_sealed: ContextVar[bool] = ContextVar("sealed", default=False)


def _not_loaded(**_: Any) -> None:
    """Stand for a factory whose code must not run."""


def spec(name: str, options: Mapping[str, Any], where: str) -> CalculatorSpec:
    """Describe ``module:factory``, a callable that returns an ASE calculator.

    The options are its keyword arguments. Attributes of the callable refine the spec:
    ``elements`` (symbols it knows; else all are let through), ``functional``, ``note``, ``level``
    (text that names model and weights, in place of the hash of the module's source) and ``files``
    (paths of weights, relative to the module, whose hashes are part of the level).

    Raises
    ------
    CalculatorError
        If the module cannot be imported, has no such callable, or an option is not plain data.
    """
    _refuse_standard_library(name, where)
    factory = _not_loaded if _sealed.get() else _load(name, where)
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
        level=functools.partial(_level, name, factory, functional, dict(options), where),
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


def origin(module_name: str) -> str:
    """Return the file or folder that holds a module, found without running anything of it.

    Empty where there is none that could be loaded.
    """
    top = module_name.partition(".")[0]
    found = PathFinder.find_spec(top, [*sys.path, str(Path.cwd())])
    if found is None or top in sys.stdlib_module_names:  # refused when it is to be loaded
        return ""
    return str(found.origin or next(iter(found.submodule_search_locations or ()), top))


@contextlib.contextmanager
def not_loaded() -> Iterator[None]:
    """Within it, specs of ``module:factory`` run no code: they know no elements and no level."""
    token = _sealed.set(True)
    try:
        yield
    finally:
        _sealed.reset(token)


def _refuse_standard_library(name: str, where: str) -> None:
    """No calculator is there, but calls that run commands are."""
    if name.partition(":")[0].partition(".")[0] in sys.stdlib_module_names:
        raise CalculatorError(
            f"{name!r} is of Python's standard library, which has no calculators",
            where=where,
            allowed="module:factory of your own or of a package",
        )


def _load(name: str, where: str) -> Callable[..., Any]:
    module_name, _, attribute = name.partition(":")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)  # last: a user's file beside the workflow never shadows a package
    try:
        factory: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        reason = brief(f"{type(error).__name__}: {error}")
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


def _level(
    name: str, factory: Any, functional: str, options: Mapping[str, Any], where: str
) -> Level:
    """Level of a factory: what it states, the files it names, or the source of its module.

    Options that are paths of files are hashed too: exchanged weights are another level.
    """
    module = sys.modules.get(name.partition(":")[0])  # not loaded in a dry run
    source = getattr(module, "__file__", None)
    folder = Path(source).parent if source else Path.cwd()
    stated = str(getattr(factory, "level", ""))
    named = [folder / str(path) for path in getattr(factory, "files", ())]
    named += [Path(v) for v in options.values() if isinstance(v, str) and Path(v).is_file()]
    missing = [str(path) for path in named if not path.is_file()]
    if missing:
        raise CalculatorError(f"{name} names files that are missing: {missing[0]}", where=where)
    hashes = [file_hash(path) for path in named]
    if source and not stated:
        hashes.insert(0, file_hash(Path(source)))
    return Level(
        calculator=name,
        model=stated,
        functional=functional,
        dispersion="none",
        version=package_version(name.partition(":")[0].partition(".")[0]),
        weights=hashes[0] if len(hashes) == 1 else digest(hashes) if hashes else "",
        settings=tuple((key, _stated(options[key])) for key in sorted(options)),
    )


def _stated(option: Any) -> str:
    """Return an option as part of a level: of a file its name, for its content is hashed."""
    is_file = isinstance(option, str) and Path(option).is_file()
    return Path(option).name if is_file else str(option)


def _make(name: str, options: Mapping[str, Any]) -> Calculator:
    factory = _load(name, "calculator")
    try:
        calculator: Calculator = factory(**options)
    except (Exception, SystemExit) as error:
        reason = brief(f"{type(error).__name__}: {error}")
        raise CalculatorError(f"calculator {name!r} cannot be made: {reason}") from error
    if not hasattr(calculator, "get_potential_energy"):
        raise CalculatorError(
            f"{name!r} returned {type(calculator).__name__}", allowed="an ASE calculator"
        )
    return calculator
