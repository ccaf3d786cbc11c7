"""Cells of the page's tables: text for people, and what a browser sorts by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from screening.descriptors import Column, Row, Value, all_columns, column
from screening.ranking.desirability import D_GOOD, D_POOR
from screening.ranking.judged import applies, judged, taken
from screening.ranking.rank import Ranked, Ranking, Unranked
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
    place
        Of the objective among all that count: its colour.
    desirability
        0 (useless) to 1 (ideal).
    weight
        Share of all weights, 0 to 1; the score is the product of desirability ** weight.
    filled
        Whether the host has no value, and the median of the others stands for it.
    """

    name: str
    place: int
    column: str
    desirability: float
    weight: float
    filled: bool = False

    @property
    def grade(self) -> str:
        """In a word: the anchors of a weights file are where good and poor begin."""
        if self.filled:
            return "unknown"
        if self.desirability >= D_GOOD:
            return "good"
        return "poor" if self.desirability <= D_POOR else "fair"

    @property
    def text(self) -> str:
        """In words."""
        known = "missing, the others' median" if self.filled else self.column
        return f"{self.name} ({known}): {self.desirability:.2f} at weight {self.weight:.0%}"


@dataclass(frozen=True)
class Counted:
    """What a host has of one objective, and what that does to its score, if it has one."""

    cell: Cell
    share: Share | None = None


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
            list(ranking.objectives).index(name),
            taken(row, objective),
            math.exp(judged(row, objective, ranking.spread[name])[0]),
            objective.weight / total,
            filled=name in entry.filled,
        )
        for name, objective in counted.items()
    )


def counted(
    entry: Ranked | Unranked, ranking: Ranking, names: Sequence[str]
) -> tuple[Counted, ...]:
    """Return a cell for each objective of the page, with its share of the score."""
    known = {share.name: share for share in shares(entry, ranking)}
    return tuple(_counted(entry.row, ranking, name, known.get(name)) for name in names)


def _counted(row: Row, ranking: Ranking, name: str, share: Share | None) -> Counted:
    objective = ranking.objectives.get(name)
    if objective is None:
        return Counted(Cell(NOTHING))
    if not applies(row, objective):
        return Counted(Cell("n/a", remark="does not apply to this host: the others decide"))
    if share is not None and share.filled:
        return Counted(Cell(NOTHING, remark="missing: counts as the others' median"), share)
    source = column(taken(row, objective))
    found = cell(source, row.values.get(source.name))
    text = "; ".join(filter(None, (source.name, found.remark)))
    return Counted(replace(found, remark=text), share)


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
