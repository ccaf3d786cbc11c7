"""Published numbers beside ours, as CSV and as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from rich.table import Table

from screening.report.export import csv_text
from screening.report.tables import plain
from screening.validation.literature import Comparison

COLUMNS = (
    "host",
    "ion",
    "quantity",
    "ours",
    "published",
    "difference",
    "kind",
    "unit",
    "where",
    "differs_in",
    "published_as",
    "reference",
    "conversion",
    "calculator",
    "model",
    "level",
    "method",
    "source",
    "doi",
    "confidence",
    "note",
    "reason",
)
"""Columns of the CSV; docs/validation.md defines them."""

UNITS = {"e_ads_ev": "eV", "barrier_ev": "eV", "gamma_j_m2": "J/m²", "lattice_a": "Å"}


def to_csv(found: Sequence[Comparison]) -> str:
    """Return one line a published number and host; missing values are empty cells."""
    table = pd.DataFrame([_record(c) for c in found], columns=list(COLUMNS), dtype=object)
    return csv_text(table)


def _record(comparison: Comparison) -> dict[str, Any]:
    source, level = comparison.source, comparison.level
    values: dict[str, Any] = {
        "host": comparison.candidate,
        "ion": source.ion,
        "quantity": source.quantity,
        "ours": comparison.ours,
        "published": comparison.published,
        "difference": comparison.difference,
        "kind": source.kind,
        "unit": UNITS[source.quantity],
        "where": comparison.where,
        "differs_in": "; ".join(comparison.differs),
        "published_as": source.value,
        "reference": source.reference,
        "conversion": comparison.conversion,
        "calculator": level.calculator if level else None,
        "model": level.model if level else None,
        "level": level.fingerprint if level else None,
        "method": source.method,
        "source": source.source,
        "doi": source.doi,
        "confidence": source.confidence,
        "note": source.note,
        "reason": comparison.reason,
    }
    return {name: plain(value) for name, value in values.items()}


def render(found: Sequence[Comparison]) -> Table:
    """Return the comparisons that have a value of ours, for the terminal."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("quantity", "host", "ion", "ours", "published", "difference", "engine", "differs"):
        right = name in {"ours", "published", "difference"}
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "differs")
    for c in found:
        if c.ours is None or c.difference is None or c.level is None:
            continue
        bound = "≤ " if c.source.kind == "upper bound" else ""
        numbers = (f"{c.ours:+.2f}", f"{bound}{c.published:+.2f}", f"{c.difference:+.2f}")
        engine = ":".join(part for part in (c.level.calculator, c.level.model) if part)
        names = (c.source.quantity, c.candidate, c.source.ion)
        table.add_row(*names, *numbers, engine, "; ".join(c.differs))
    return table
