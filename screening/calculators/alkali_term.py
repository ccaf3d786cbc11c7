"""The alkali terms that come with the package, each fitted for one engine, and engines with one."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ase.calculators.calculator import Calculator

from screening.calculators.base import CalculatorSpec
from screening.errors import CalculatorError
from screening.structure.level import Level, digest

FILE = Path(__file__).with_name("alkali_term.json")

SIGN = "+"
"""Between the name of a model and that of a term: ``sevennet:7net-0+alkali-1``."""


@dataclass(frozen=True)
class Term:
    """A named set of parameters.

    Attributes
    ----------
    name
        With its version, such as ``alkali-1``.
    engine
        Calculator, model and weights of the engine that it corrects.
    fitted_to
        Level of the energies that it was fitted to.
    metals
        Parameters by element: fields of `screening.calculators.alkali_metal.Metal`.
    """

    name: str
    engine: Mapping[str, str]
    fitted_to: str
    metals: Mapping[str, Mapping[str, Any]]

    @property
    def fingerprint(self) -> str:
        """Eight digits that change with any parameter."""
        return digest(asdict(self), 8)

    def suits(self, level: Level) -> bool:
        """Whether a level is the engine that the term was fitted for."""
        return all(getattr(level, name) == value for name, value in self.engine.items())


@functools.cache
def terms() -> tuple[Term, ...]:
    """Return the terms of the package."""
    return tuple(Term(**record) for record in json.loads(FILE.read_text(encoding="utf-8")))


def with_term(spec: CalculatorSpec, name: str, where: str) -> CalculatorSpec:
    """Return the spec of the same engine with a term added; its model is called ``model+name``.

    Raises
    ------
    CalculatorError
        If there is no such term, or none for this engine.
    """
    level = spec.level()
    known = [term for term in terms() if term.suits(level)]
    found = next((term for term in known if term.name == name), None)
    if found is None:
        raise CalculatorError(
            f"there is no term {name!r} for {level}",
            where=where,
            allowed=", ".join([term.name for term in known] or ["none for this engine"]),
        )
    model = level.model or level.calculator
    return replace(
        spec,
        name=f"{level.calculator}:{model}{SIGN}{name}",
        level=functools.partial(_level, spec.level, found),
        make=functools.partial(_make, spec.make, found),
        note=f"{spec.note}; with the term {name} among alkali atoms (docs/alkali-metal.md)",
    )


def with_each_term(spec: CalculatorSpec) -> list[CalculatorSpec]:
    """Return an engine with each of the terms that were fitted for it; none if it is not here."""
    near = [t for t in terms() if spec.name.partition(":")[0] == t.engine["calculator"]]
    if not near or not spec.installed:
        return []
    level = spec.level()
    return [with_term(spec, term.name, spec.name) for term in near if term.suits(level)]


def _level(engine: Callable[[], Level], term: Term) -> Level:
    level = engine()
    settings = dict(level.settings) | {"term": term.fingerprint}
    model = f"{level.model}{SIGN}{term.name}"
    return replace(level, model=model, settings=tuple(sorted(settings.items())))


def _make(engine: Callable[[], Calculator], term: Term) -> Calculator:
    from screening.calculators.alkali_metal import AlkaliMetal, Metal  # noqa: PLC0415 (loads ase)
    from screening.calculators.total import add  # noqa: PLC0415

    metals = {symbol: Metal.of(values) for symbol, values in term.metals.items()}
    return add(engine(), AlkaliMetal(metals))
