"""Which engine is asked beside another: where two networks differ, the first is likelier wrong."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from screening.calculators import CalculatorSpec, resolve
from screening.errors import LevelError
from screening.evaluate.task import Engine
from screening.structure.level import Level
from screening.surrogate.identity import engine_identity
from screening.surrogate.model import Calibration

SECONDS: Mapping[tuple[str, str], str] = MappingProxyType(
    {("sevennet", "7net-0"): "sevennet:7net-l3i5"}
)
"""By calculator and model: the calculator that `alkascreen train` asks, too. It needs no package
that the first does not; what it brings is in docs/surrogate.md."""


def second_for(engine: Engine) -> Engine | None:
    """Return the engine to ask beside one, on the same device; None if there is none."""
    name = SECONDS.get((engine.level.calculator, engine.level.model))
    shared = {key: value for key, value in engine.options.items() if key == "device"}
    return None if name is None else Engine.of(resolve(name, options=shared))


def second_level(spec: CalculatorSpec) -> Level | None:
    """Return the level of the engine to ask beside a calculator; None if there is none."""
    found = second_for(Engine.of(spec))
    return None if found is None else found.level


def second_of(calibration: Calibration | None, engine: Engine) -> Engine | None:
    """Return the engine that a calibration asks beside its own; None if it asks none.

    Raises
    ------
    LevelError
        If the one that is here is not the one that it was trained with.
    """
    if calibration is None or calibration.strangers is None:
        return None
    found = second_for(engine)
    if found is None or engine_identity(found.level) != calibration.strangers.engine:
        asked = " ".join(value for _, value in calibration.strangers.engine)
        raise LevelError(
            f"the calibration asks a second engine, {asked}; here is "
            f"{found.level if found else 'none'}",
            allowed="calibration: none, or a calibration trained here",
        )
    return found
