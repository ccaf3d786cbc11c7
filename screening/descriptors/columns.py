"""Columns: what a descriptor adds to a row, said once for tables, exports, docs and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screening.errors import InputError

Better = Literal["less", "more"]

UNITS = ("_ev", "_mv", "_v", "_thz", "_j_m2", "_cm2_s", "_mah_g", "_a2", "_a", "_e", "_k")
"""Endings of names that state a unit."""


@dataclass(frozen=True)
class Column:
    """One column of every table.

    Attributes
    ----------
    name
        Ends with its unit, if it has one.
    unit
        As people write it; empty for numbers without one and for text.
    about
        One sentence.
    form
        How tables for people show a number.
    better
        Which direction speaks for a host; None if neither does. What has one may be weighed.
    interval
        Whether values may carry a 90 % interval, and the engine's own value beside them.
    energy
        Whether it is an energy of the engine's or another scale.
    digits
        Significant digits kept in files, of what spans many orders of magnitude; None: 1e-6.
    """

    name: str
    unit: str
    about: str
    form: str = "{:.3f}"
    better: Better | None = None
    interval: bool = False
    energy: bool = False
    digits: int | None = None

    @property
    def lower(self) -> str:
        """Name of the column of the interval's lower end."""
        return beside(self.name, "lower90")

    @property
    def upper(self) -> str:
        """Name of the column of the interval's upper end."""
        return beside(self.name, "upper90")

    @property
    def raw(self) -> str:
        """Name of the column of the engine's own value."""
        return beside(self.name, "raw")

    @property
    def names(self) -> tuple[str, ...]:
        """All flat columns that it stands for."""
        extra = (self.lower, self.upper, self.raw) if self.interval else ()
        return (self.name, *extra)


def beside(name: str, what: str) -> str:
    """Put a word before the unit at the end of a column's name: ``e_ads_ev``, ``e_ads_raw_ev``."""
    unit = next((ending for ending in UNITS if name.endswith(ending)), "")
    return f"{name.removesuffix(unit)}_{what}{unit}"


_COLUMNS: dict[str, Column] = {}
_PARTS: dict[str, tuple[str, str]] = {}
"""Column and attribute of a value behind every flat name."""


def add_columns(columns: tuple[Column, ...], owner: str) -> None:
    """Make the columns of a descriptor known.

    Raises
    ------
    ValueError
        If another descriptor has a column of that name.
    """
    for column in columns:
        if _COLUMNS.setdefault(column.name, column) != column:
            raise ValueError(f"descriptor {owner!r}: there is another column {column.name!r}")
        attributes = ("value", "lower90", "upper90", "raw")
        _PARTS.update({n: (column.name, a) for n, a in zip(column.names, attributes, strict=False)})


def part(name: str) -> tuple[str, str]:
    """Return the column and the attribute of its value that a flat name stands for.

    Raises
    ------
    InputError
        If no descriptor has it, with those there are.
    """
    if name not in _PARTS:
        raise InputError(f"no column {name!r}", allowed=", ".join(_PARTS))
    return _PARTS[name]


def column(name: str, where: str | None = None) -> Column:
    """Return a column by name.

    Raises
    ------
    InputError
        If no descriptor has it, with those there are.
    """
    if name not in _COLUMNS:
        raise InputError(f"no column {name!r}", where=where, allowed=", ".join(_COLUMNS))
    return _COLUMNS[name]
