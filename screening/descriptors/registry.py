"""Descriptors by name: each file registers one, and everything else follows from what it says.

The workflow's schema, the row, tables, exports, docs/columns.md, the dry run, the progress bar, the
budget and what a weights file may name are all read off the registry.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_type_hints

from pydantic import field_validator

from screening.config import StrictModel
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column, add_columns
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.row import Found
from screening.structure import Geometry
from screening.units import Ion


class DescriptorSettings(StrictModel):
    """Base of every descriptor's settings.

    Attributes
    ----------
    ions
        Some of the run's ions; all by default.
    """

    ions: tuple[Ion, ...] | None = None

    @field_validator("ions", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Size:
    """What the dry run knows of a host.

    Attributes
    ----------
    atoms, sites
        Of the host as built.
    flat
        Whether it is a sheet in one plane, which is relaxed twice.
    latent
        Whether the calibration asks the engine for latent features of each structure.
    second
        Whether it asks a second engine for the energy of each.
    """

    atoms: int
    sites: int
    geometry: Geometry
    flat: bool = False
    latent: bool = False
    second: bool = False

    def calibrating(self, structures: int) -> Iterator[Work]:
        """Count what the calibration asks of structures with the ion, of host and metal too."""
        kinds = {"latent": self.latent, "points": self.second}
        for kind in (kind for kind, asked in kinds.items() if asked):
            yield Work(kind, 1, self.atoms + 1, structures + 2)


@dataclass(frozen=True)
class Work:
    """Tasks of one kind, on structures of about so many atoms.

    Attributes
    ----------
    tasks
        Their number.
    structures
        In each of them.
    per
        ``pair``: for each host and ion; ``host``: shared by all ions; ``ion``: by all hosts.
    """

    kind: str
    tasks: int
    atoms: int
    structures: int = 1
    per: Literal["pair", "host", "ion"] = "pair"


@dataclass(frozen=True)
class Descriptor:
    """A registered descriptor.

    Attributes
    ----------
    name
        Its key in a workflow.
    settings
        Schema of its settings.
    columns, details
        What it adds to a row: columns, and classes of the tables of details by name.
    steps
        Generator of its tasks: ``(settings, pair, bound) -> Found``.
    cost
        Tasks that it yields for one pair: ``(settings, size) -> Work …``.
    """

    name: str
    settings: type[DescriptorSettings]
    columns: tuple[Column, ...]
    details: Mapping[str, type]
    steps: Callable[[Any, Pair, Bound], Steps[Found]]
    cost: Callable[[Any, Size], Iterable[Work]]

    @property
    def summary(self) -> str:
        """First line of its docstring."""
        return (inspect.getdoc(self.steps) or "").partition("\n")[0]


_DESCRIPTORS: dict[str, Descriptor] = {}

StepsFunction = Callable[[Any, Pair, Bound], Steps[Found]]


def no_cost(_settings: Any, _size: Size) -> Iterable[Work]:
    """Cost of what follows from structures alone."""
    return ()


def descriptor(
    name: str,
    *columns: Column,
    cost: Callable[[Any, Size], Iterable[Work]] = no_cost,
    details: Mapping[str, type] | None = None,
) -> Callable[[StepsFunction], StepsFunction]:
    """Register a generator function of ``(settings, pair, bound)`` that returns what it found.

    The type of its first argument is the schema of its settings.

    Raises
    ------
    ValueError
        If there is another descriptor of that name, or with one of its columns.
    """

    def register(function: StepsFunction) -> StepsFunction:
        if name in _DESCRIPTORS and _DESCRIPTORS[name].steps.__module__ != function.__module__:
            raise ValueError(f"there is another descriptor {name!r}")
        argument = next(iter(inspect.signature(function).parameters))
        schema = get_type_hints(function)[argument]
        add_columns(columns, name)
        _DESCRIPTORS[name] = Descriptor(name, schema, columns, details or {}, function, cost)
        _ordered.cache_clear()
        all_columns.cache_clear()
        return function

    return register


def descriptors() -> Mapping[str, Descriptor]:
    """Return all registered descriptors by name, in the order in which they are computed."""
    return _ordered()


@cache
def _ordered() -> Mapping[str, Descriptor]:
    order = sorted(_DESCRIPTORS, key=lambda name: (name not in ORDER, _place(name), name))
    return MappingProxyType({name: _DESCRIPTORS[name] for name in order})


ORDER = ("adsorption", "barrier", "nucleation", "coverage", "surface", "host", "electronic")
"""Those that tables show first; the others follow by name."""


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


@cache
def all_columns() -> tuple[Column, ...]:
    """Return the columns of all descriptors, in the order of the tables."""
    return tuple(column for known in descriptors().values() for column in known.columns)


def name_of(settings: DescriptorSettings) -> str:
    """Return the name of the descriptor that settings are for."""
    return next(name for name, known in _DESCRIPTORS.items() if known.settings is type(settings))
