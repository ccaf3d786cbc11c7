"""What stands on the page, ready for the template; nothing here knows HTML but the charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from screening.descriptors import Column, Row, column
from screening.ranking.judged import cautions
from screening.ranking.rank import Ranked, Ranking, Unranked
from screening.ranking.weights import Objective
from screening.report.page.cells import Cell, Counted, cell, counted, shown_columns
from screening.report.tables import entries, header, plain


@dataclass(frozen=True)
class Head:
    """An objective at the head of the large table."""

    name: str
    column: str
    unit: str
    about: str


@dataclass(frozen=True)
class Line:
    """One host with one ion in the large table."""

    key: str
    row: Row
    rank: int | None
    ranks: str
    score: float | None
    counted: tuple[Counted, ...]
    cells: tuple[Cell, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Overview:
    """Hosts of one family with one ion, at a glance."""

    count: int
    best: str = ""
    key: str = ""
    score: float = 0.0
    energy: str = ""


def keys_of(rankings: Sequence[Ranking]) -> dict[str, str]:
    """Return an anchor for every host, safe in any attribute."""
    names = dict.fromkeys(e.row.candidate for r in rankings for e in entries(r))
    return {name: f"host-{count}" for count, name in enumerate(names, 1)}


def heads_of(rankings: Sequence[Ranking]) -> tuple[Head, ...]:
    """Return what the scores count, in the order of the weights file."""
    objectives: dict[str, Objective] = {}
    for ranking in rankings:
        objectives |= {n: o for n, o in ranking.objectives.items() if n not in objectives}
    return tuple(_head(name, objective) for name, objective in objectives.items())


def _head(name: str, objective: Objective) -> Head:
    known = column(objective.column)
    unit = f" {known.unit}".rstrip()
    before = f"; {objective.before} where it is known" if objective.before else ""
    about = (
        f"{known.about} Weight {objective.weight:g}; good from {objective.good:g}{unit}, "
        f"poor from {objective.poor:g}{unit}{before}."
    )
    return Head(name, known.name, known.unit, about)


def lines_of(
    rankings: Sequence[Ranking], heads: Sequence[Head], keys: dict[str, str]
) -> tuple[tuple[Column, ...], list[Line]]:
    """Return the further columns of the large table, and its lines."""
    counting = {head.column for head in heads}
    columns = tuple(
        known
        for known in shown_columns([e.row for r in rankings for e in entries(r)])
        if known.name not in counting
    )
    return columns, [_line(e, r, heads, columns, keys) for r in rankings for e in entries(r)]


def _line(
    entry: Ranked | Unranked,
    ranking: Ranking,
    heads: Sequence[Head],
    columns: Sequence[Column],
    keys: dict[str, str],
) -> Line:
    row = entry.row
    ranked = entry if isinstance(entry, Ranked) else None
    reasons = [entry.reason if isinstance(entry, Unranked) else row.reason]
    if ranked is not None:
        reasons.append(f"ranked apart: {ranked.apart}" if ranked.apart else "")
        reasons += [f"{name} is missing: counted as the median" for name in ranked.filled]
    remarks = (*cautions(row), *filter(None, reasons))
    return Line(
        keys[row.candidate],
        row,
        ranked.rank if ranked and not ranked.apart else None,
        _ranks(ranked),
        ranked.score if ranked else None,
        counted(entry, ranking, [head.name for head in heads]),
        tuple(cell(column, row.values.get(column.name)) for column in columns),
        tuple(str(plain(remark)) for remark in remarks),
    )


def _ranks(ranked: Ranked | None) -> str:
    """Return the ranks that the intervals leave open; empty if none are known, or only one."""
    if ranked is None or ranked.apart or ranked.rank_best == ranked.rank_worst:
        return ""
    return f"{ranked.rank_best}–{ranked.rank_worst}"


def overview(lines: Sequence[Line]) -> dict[str, dict[str, Overview]]:
    """Return family by ion: how many hosts, the best of them, and the median energy."""
    found: dict[str, dict[str, Overview]] = {}
    for family in sorted({line.row.family for line in lines}):
        for ion in dict.fromkeys(line.row.ion for line in lines):
            mine = [x for x in lines if (x.row.family, x.row.ion) == (family, ion)]
            energies = [x.row["e_ads_ev"] for x in mine if x.row["e_ads_ev"] is not None]
            middle = f"{median(energies):+.2f}".replace("-", "−") if energies else ""
            best = min((x for x in mine if x.rank), key=lambda x: x.rank or 0, default=None)
            named = (best.row.candidate, best.key, best.score or 0.0) if best else ("", "", 0.0)
            found.setdefault(family, {})[ion] = Overview(len(mine), *named, middle)
    return found


def notes_of(rankings: Sequence[Ranking]) -> list[tuple[str, list[str]]]:
    """Return what a reader must know before the numbers, ion by ion."""
    return [(ranking.ion, header(ranking)) for ranking in rankings]
