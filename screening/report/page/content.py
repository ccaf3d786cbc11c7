"""What stands on the page, ready for the template; nothing here knows HTML but the charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from markupsafe import Markup

from screening.descriptors import Column, Row, all_columns
from screening.errors import StoreError
from screening.pipeline.store import Store
from screening.pipeline.structures import structure_of
from screening.ranking.rank import Ranked, Ranking, Unranked, cautions
from screening.report import explain
from screening.report.page import charts
from screening.report.page.cells import (
    Cell,
    Share,
    cell,
    formatted,
    interval,
    shares,
    shown_columns,
)
from screening.report.page.still import still
from screening.report.tables import describe, entries, header, plain

DECIMALS = 2
"""Of coordinates, Å: what a picture shows."""


@dataclass(frozen=True)
class Line:
    """One host with one ion in the large table."""

    key: str
    row: Row
    rank: int | None
    ranks: str
    score: float | None
    shares: tuple[Share, ...]
    cells: tuple[Cell, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """One value of a host's section."""

    name: str
    unit: str
    about: str
    text: str
    interval: str
    scale: str
    raw: str


@dataclass(frozen=True)
class Pair:
    """All of one host with one ion."""

    line: Line
    known: tuple[Known, ...]
    words: str
    provenance: tuple[tuple[str, str], ...]
    still: Markup


@dataclass(frozen=True)
class Host:
    """The section of one host."""

    key: str
    name: str
    family: str
    formula: str
    review: tuple[str, ...]
    pairs: tuple[Pair, ...]
    charts: tuple[tuple[str, Markup], ...]


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


def lines_of(
    rankings: Sequence[Ranking], keys: dict[str, str]
) -> tuple[tuple[Column, ...], list[Line]]:
    """Return the columns of the large table and its lines."""
    columns = shown_columns([e.row for r in rankings for e in entries(r)])
    return columns, [_line(e, r, columns, keys) for r in rankings for e in entries(r)]


def _line(
    entry: Ranked | Unranked, ranking: Ranking, columns: Sequence[Column], keys: dict[str, str]
) -> Line:
    row = entry.row
    ranked = entry if isinstance(entry, Ranked) else None
    ranks = (
        f"{ranked.rank_best}–{ranked.rank_worst}"
        if ranked and ranked.rank_best and not ranked.apart
        else ""
    )
    reasons = [entry.reason if isinstance(entry, Unranked) else row.reason]
    if ranked is not None:
        reasons.append(f"ranked apart: {ranked.apart}" if ranked.apart else "")
        reasons += [f"{name} is missing: counted as the median" for name in ranked.filled]
    remarks = (*cautions(row), *filter(None, reasons))
    return Line(
        keys[row.candidate],
        row,
        ranked.rank if ranked and not ranked.apart else None,
        ranks,
        ranked.score if ranked else None,
        shares(entry, ranking),
        tuple(cell(column, row.values.get(column.name)) for column in columns),
        tuple(str(plain(remark)) for remark in remarks),
    )


def hosts_of(lines: Sequence[Line], store: Store) -> list[Host]:
    """Return a section a host, in the order of the table."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.row.candidate, []).append(line)
    return [_host(name, group, store) for name, group in groups.items()]


def _host(name: str, lines: Sequence[Line], store: Store) -> Host:
    rows = [line.row for line in lines]
    drawn = (
        ("Diffusion path", charts.profile(rows, store)),
        ("Nucleation steps", charts.nucleation(rows)),
        ("Coverage", charts.coverage(rows)),
    )
    first = rows[0]
    return Host(
        lines[0].key, name, first.family, first.formula, first.review,
        tuple(_pair(line, store) for line in lines),
        tuple((title, picture) for title, picture in drawn if picture),
    )  # fmt: skip


def _pair(line: Line, store: Store) -> Pair:
    row = line.row
    known = tuple(_known(c, row) for c in all_columns() if c.name in row.values)
    calls = ", ".join(f"{name} {count}" for name, count in row.force_calls.items())
    level = row.level
    provenance = (
        ("level", f"{describe(level)}; {level.fingerprint}"),
        ("version", f"{level.calculator} {level.version}, {level.dtype}"),
        ("weights", level.weights),
        ("calibration", row.calibration or "none"),
        ("force calls", calls),
        ("host", row.host),
        ("settings", row.settings),
    )
    try:
        picture = still(structure_of(store, row), f"{row.ion} on {row.candidate} from above")
    except StoreError:
        picture = Markup()
    kept = tuple((name, text) for name, text in provenance if text)
    return Pair(line, known, explain.explain(row), kept, picture)


def _known(column: Column, row: Row) -> Known:
    value = row.values[column.name]
    raw = "" if value.raw is None else formatted(column, value.raw)
    text = formatted(column, value.value)
    return Known(
        column.name,
        column.unit,
        column.about,
        text,
        interval(column, value),
        value.scale or "",
        raw,
    )


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


def structures(lines: Sequence[Line], store: Store) -> dict[str, dict[str, Any]]:
    """Return what the viewer shows of each host and ion: atoms, cell, sites with energies."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        try:
            atoms = structure_of(store, line.row)
        except StoreError:
            continue
        shape = [f"{len(atoms)}\n"]
        places = atoms.positions.round(DECIMALS).tolist()
        for symbol, (x, y, z) in zip(atoms.get_chemical_symbols(), places, strict=True):
            shape.append(f"{symbol} {x:g} {y:g} {z:g}")
        found.setdefault(line.key, {})[line.row.ion] = {
            "xyz": "\n".join(shape),
            "cell": atoms.cell.array.round(DECIMALS).tolist(),
            "sites": _sites(line.row, store),
        }
    return found


def _sites(row: Row, store: Store) -> list[dict[str, Any]]:
    """Where the ion ended from each site that was tried, with its energy."""
    found = []
    for site in row.table("sites"):
        result = store.find(site.e_ads.task) if site.e_ads is not None else None
        if result is None or result.atoms is None:
            continue
        atoms = result.atoms.copy()
        atoms.wrap()
        place = atoms.positions[-1].round(DECIMALS).tolist()
        energy = round(site.e_ads.number, 3)
        found.append({"site": site.site, "at": place, "energy": energy, "outcome": site.outcome})
    return found


def notes_of(rankings: Sequence[Ranking]) -> list[tuple[str, list[str]]]:
    """Return what a reader must know before the numbers, ion by ion."""
    return [(ranking.ion, header(ranking)) for ranking in rankings]
