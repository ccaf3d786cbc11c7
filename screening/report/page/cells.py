"""Cells of the page's tables: text for people, and what a browser sorts by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from screening.descriptors import Column, Row, Value, all_columns
from screening.ranking.rank import Ranked, Ranking, Unranked, applies, judged, taken
from screening.report.tables import plain

SCALES = {
    "engine": "the engine's own",
    "calibrated": "calibrated to the reference level",
    "reference": "at the reference level",
}
NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """Text, what to sort by (empty sorts last), and a remark."""

    text: str
    order: str = ""
    remark: str = ""
    scale: str = ""


@dataclass(frozen=True)
class Share:
    """What one objective does to a score.

    Attributes
    ----------
    desirability
        0 (useless) to 1 (ideal).
    weight
        Share of all weights, 0 to 1; the score is the product of desirability ** weight.
    filled
        Whether the host has no value, and the median of the others stands for it.
    """

    name: str
    column: str
    desirability: float
    weight: float
    filled: bool = False

    @property
    def text(self) -> str:
        """In words."""
        known = "missing, the others' median" if self.filled else self.column
        return f"{self.name} ({known}): {self.desirability:.2f} at weight {self.weight:.0%}"


def shares(entry: Ranked | Unranked, ranking: Ranking) -> tuple[Share, ...]:
    """Return the contributions to a host's score; none for a host without one."""
    if not isinstance(entry, Ranked):
        return ()
    row = entry.row
    counted = {name: o for name, o in ranking.objectives.items() if applies(row, o)}
    total = sum(objective.weight for objective in counted.values())
    return tuple(
        Share(
            name,
            taken(row, objective),
            math.exp(judged(row, objective, ranking.spread[name])[0]),
            objective.weight / total,
            filled=name in entry.filled,
        )
        for name, objective in counted.items()
    )


def numeric(row: Row, name: str) -> float | None:
    """Return a column of a row as a number; None if it is missing or is none."""
    value = row.values.get(name)
    if value is None or isinstance(value.value, str | tuple | bool):
        return None
    return value.number


def shown_columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    """Columns that speak for or against a host, of which there is a value."""
    return tuple(
        column
        for column in all_columns()
        if column.better and any(numeric(row, column.name) is not None for row in rows)
    )


def cell(column: Column, value: Value | None) -> Cell:
    """Return a value as a cell: interval and scale in the remark."""
    if value is None:
        return Cell(NOTHING)
    text = formatted(column, value.value)
    order = "" if isinstance(value.value, str | tuple) else f"{float(value.value):.6g}"
    return Cell(text, order, remark(column, value), value.scale or "")


def formatted(column: Column, value: object) -> str:
    """Return a plain value as text, in the form of its column."""
    if isinstance(value, tuple):
        return " ".join(column.form.format(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return str(plain(value))
    return column.form.format(value).replace("-", "−")


def interval(column: Column, value: Value) -> str:
    """Return the 90 % interval as text; empty if there is none."""
    if value.lower90 is None or value.upper90 is None:
        return ""
    return f"{formatted(column, value.lower90)} … {formatted(column, value.upper90)}"


def remark(column: Column, value: Value) -> str:
    """Return interval, scale and raw value in words."""
    parts = [f"90 %: {ends}" if (ends := interval(column, value)) else ""]
    parts.append(SCALES[value.scale] if value.scale else "")
    if value.raw is not None and value.scale != "engine":
        parts.append(f"engine: {formatted(column, value.raw)}")
    return "; ".join(filter(None, parts))
