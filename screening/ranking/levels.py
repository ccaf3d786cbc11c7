"""Rows of different level stay apart: their energies have different zeros and errors."""

from __future__ import annotations

from collections.abc import Iterable

from screening.descriptors import Row
from screening.errors import LevelError
from screening.structure.level import Level


def levels_of(rows: Iterable[Row]) -> tuple[Level, ...]:
    """Return the distinct levels of the rows, sorted by name and fingerprint."""
    distinct = {row.level.fingerprint: row.level for row in rows}.values()
    return tuple(sorted(distinct, key=lambda level: (str(level), level.fingerprint)))


def select_level(rows: Iterable[Row], name: str) -> list[Row]:
    """Return the rows whose level goes by the name.

    Parameters
    ----------
    name
        ``calculator``, ``calculator:model``, or the first digits (four or more) of a fingerprint.

    Raises
    ------
    LevelError
        If no row has such a level; lists those there are.
    """
    rows = list(rows)
    chosen = [row for row in rows if _goes_by(row.level, name)]
    if rows and not chosen:
        raise LevelError(f"no row of level {name!r}", allowed=_listing(levels_of(rows)))
    return chosen


def require_one_level(rows: Iterable[Row], *, mix: bool = False) -> tuple[Level, ...]:
    """Return the levels of the rows; refuse more than one unless mixing is asked for.

    Raises
    ------
    LevelError
        If the rows have several levels and `mix` is false.
    """
    levels = levels_of(rows)
    if len(levels) > 1 and not mix:
        raise LevelError(
            f"rows of {len(levels)} levels cannot share a table",
            allowed=f"--level with one of {_listing(levels)}; or --mix",
        )
    return levels


def _goes_by(level: Level, name: str) -> bool:
    if name in {level.calculator, f"{level.calculator}:{level.model}"}:
        return True
    return len(name) >= 4 and level.fingerprint.startswith(name)


def _listing(levels: Iterable[Level]) -> str:
    return ", ".join(f"{level.fingerprint} = {level}" for level in levels)
