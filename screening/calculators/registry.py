"""Names of calculators: built-in engines, plug-ins by entry point, and ``module:factory``."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from screening.calculators import custom
from screening.calculators.base import CalculatorSpec
from screening.errors import CalculatorError
from screening.structure.level import Level
from screening.units import DISPERSIONS, Dispersion

ENTRY_POINT_GROUP = "alkascreen.calculators"

Factory = Callable[[str, Mapping[str, Any]], CalculatorSpec]
"""Takes a model's name (empty: the default) and options, returns the spec without dispersion.
Built-in engines and plug-ins follow the same contract; none imports its engine for this."""

DEFAULT_CALCULATOR = "sevennet"
DEFAULT_REFERENCE = "gpaw"
"""What anchors are computed with where nothing is said: that of the shipped calibrations."""
_BUILT_IN = (DEFAULT_CALCULATOR, "emt", "chgnet", "xtb", "gpaw")


def resolve(
    name: str,
    dispersion: Dispersion = "none",
    options: Mapping[str, Any] | None = None,
    where: str = "calculator",
) -> CalculatorSpec:
    """Find a calculator by name.

    Parameters
    ----------
    name
        ``emt``, ``sevennet``, ``sevennet:7net-l3i5``, a plug-in, or ``module:factory`` of any
        callable that returns an ASE calculator. Registered names win over modules. A model may
        have a term added: ``sevennet:7net-0+alkali-1``.
    dispersion
        ``none``, or ``d3bj`` for D3 with Becke–Johnson damping added to the engine.
    options
        Settings of the engine, e.g. ``{"cutoff_ev": 400}`` for gpaw.
    where
        File and key that hold the name, for messages.

    Raises
    ------
    CalculatorError
        Unknown name, model or dispersion; wrong option; or a package is missing.
    """
    if not isinstance(name, str) or not name.strip():
        raise CalculatorError(f"{name!r} is not a name", where=where, allowed=_allowed())
    engine, colon, model = name.strip().partition(":")
    if colon and not model:
        raise CalculatorError(f"{name!r} names no model after the colon", where=where)
    settings = dict(options or {})
    factory = _factory(engine)
    if factory is not None:
        spec = _registered(factory, model, settings, where)
    elif colon:
        spec = custom.spec(name.strip(), settings, where)
    else:
        close = difflib.get_close_matches(engine.lower(), _names(), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise CalculatorError(
            f"unknown calculator {engine!r}{hint}", where=where, allowed=_allowed()
        )
    spec = _with_dispersion(spec, dispersion, where)
    spec.require_installed()
    return spec


def foreign_code(name: str) -> str:
    """Say where the code of ``module:factory`` comes from, without running it.

    Empty for registered names, whose code came with an installed package.
    """
    engine, colon, _ = name.strip().partition(":")
    return custom.origin(engine) if colon and engine not in _names() else ""


def available() -> list[CalculatorSpec]:
    """Return every registered calculator and model, installed or not; imports no engine."""
    from screening.calculators.alkali_term import with_each_term  # noqa: PLC0415 (reads its data)

    specs: list[CalculatorSpec] = []
    for name in _BUILT_IN:
        module = importlib.import_module(f"screening.calculators.{name}")
        specs += [module.spec(model, {}) for model in module.MODELS]
    specs += [corrected for spec in specs for corrected in with_each_term(spec)]
    for point in _plug_ins().values():
        try:
            specs.append(point.load()("", {}))
        except Exception as error:  # noqa: BLE001 (a broken plug-in must not hide the others)
            specs.append(_broken(point, error))
    return specs


def _plug_ins() -> dict[str, EntryPoint]:
    points = entry_points(group=ENTRY_POINT_GROUP)
    return {p.name: p for p in sorted(points, key=lambda p: p.name) if p.name not in _BUILT_IN}


def _names() -> list[str]:
    return [*_BUILT_IN, *_plug_ins()]


def _allowed() -> str:
    return ", ".join([*_names(), "module:factory"])


def _factory(engine: str) -> Factory | None:
    if engine in _BUILT_IN:
        factory: Factory = importlib.import_module(f"screening.calculators.{engine}").spec
        return factory
    point = _plug_ins().get(engine)
    if point is None:
        return None
    try:
        loaded: Factory = point.load()
    except Exception as error:
        raise CalculatorError(f"plug-in {engine!r} cannot be loaded: {_line(error)}") from error
    return loaded


def _broken(point: EntryPoint, error: Exception) -> CalculatorSpec:
    """Stand in for a plug-in that cannot be loaded, so that the listing shows why."""

    def refuse() -> Any:
        raise CalculatorError(f"plug-in {point.name!r} cannot be loaded: {_line(error)}")

    level: Callable[[], Level] = refuse
    return CalculatorSpec(
        point.name, level, frozenset(), refuse, note=f"cannot be loaded: {_line(error)}"
    )


def _registered(
    factory: Factory, model: str, settings: Mapping[str, Any], where: str
) -> CalculatorSpec:
    """Return the spec of a registered engine; a term that its model names is added."""
    plain, sign, term = model.partition("+")
    spec = factory(plain, settings)
    if not sign:
        return spec
    from screening.calculators.alkali_term import with_term  # noqa: PLC0415 (reads its data)

    spec.require_installed()  # the level, which a term is fitted for, hashes installed files
    return with_term(spec, term, where)


def _with_dispersion(spec: CalculatorSpec, wanted: Dispersion, where: str) -> CalculatorSpec:
    if wanted not in DISPERSIONS:
        raise CalculatorError(
            f"unknown dispersion {wanted!r}", where=where, allowed=", ".join(DISPERSIONS)
        )
    if wanted == "none":
        return spec
    from screening.calculators.dispersion import add_d3bj  # noqa: PLC0415 (loads ase.Atoms)

    return add_d3bj(spec, where)


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
