"""A section a host: what is known of it with each ion, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from screening.descriptors import Column, all_columns
from screening.errors import StoreError
from screening.pipeline.store import Store
from screening.pipeline.structures import structure_of
from screening.report import explain
from screening.report.page import charts
from screening.report.page.cells import formatted, interval
from screening.report.page.content import Line
from screening.report.page.still import still
from screening.report.tables import describe


@dataclass(frozen=True)
class Said:
    """A value with one ion: interval and the engine's own value under it."""

    text: str
    scale: str = ""
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """One value of a host, ion by ion; None where an ion has none."""

    name: str
    unit: str
    about: str
    said: tuple[Said | None, ...]


@dataclass(frozen=True)
class Pair:
    """All of one host with one ion that is told apart from the other ions."""

    line: Line
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
    known: tuple[Known, ...]
    charts: tuple[tuple[str, Markup], ...]


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
        pairs=tuple(_pair(line, store) for line in lines),
        known=tuple(
            Known(c.name, c.unit, c.about, tuple(_said(c, line) for line in lines))
            for c in all_columns()
            if any(c.name in row.values for row in rows)
        ),
        charts=tuple((title, picture) for title, picture in drawn if picture),
    )  # fmt: skip


def _pair(line: Line, store: Store) -> Pair:
    row, level = line.row, line.row.level
    calls = ", ".join(f"{name} {count}" for name, count in row.force_calls.items())
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
    return Pair(line, explain.explain(row), kept, picture)


def _said(column: Column, line: Line) -> Said | None:
    value = line.row.values.get(column.name)
    if value is None:
        return None
    below = []
    if ends := interval(column, value):
        below.append(ends)
    if value.raw is not None and value.scale != "engine":
        below.append(f"engine {formatted(column, value.raw)}")
    return Said(formatted(column, value.value), value.scale or "", tuple(below))
