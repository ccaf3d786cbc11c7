"""A validation as CSV, as lines for the terminal, and as a parity plot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from screening.errors import InputError
from screening.files import write_atomic
from screening.report.export import csv_text
from screening.report.tables import plain
from screening.units import IONS
from screening.validation.measure import Measured
from screening.validation.scores import GroupScore, Score

COLUMNS = (
    "host",
    "ion",
    "e_ads_ref_ev",
    "e_ads_raw_ev",
    "e_ads_ev",
    "lower90_ev",
    "upper90_ev",
    "in_domain",
    "family",
    "n_ions",
    "held_out",
    "note",
    "gain_ev",
    "gain_error_ev",
    "reason",
    "engine",
    "reference",
)
"""Columns of the CSV; docs/validation.md defines them."""


def to_csv(measured: Sequence[Measured], engine: str, reference: str) -> str:
    """Return one line a point, with both levels; missing values are empty cells."""
    levels = {"engine": engine, "reference": reference}
    records = [_record(m, levels) for m in measured]
    table = pd.DataFrame(records, columns=list(COLUMNS), dtype=object)
    return csv_text(table)


def _record(measured: Measured, levels: dict[str, Any]) -> dict[str, Any]:
    point, estimate = measured.point, measured.estimate
    values: dict[str, Any] = {
        "host": point.host,
        "ion": point.ion,
        "e_ads_ref_ev": measured.e_ads_ref_ev,
        "gain_ev": measured.gain.energy_ev,
        "gain_error_ev": measured.gain.error_ev,
        "e_ads_raw_ev": measured.e_ads_raw_ev,
        "e_ads_ev": measured.e_ads_ev,
        "lower90_ev": estimate.lower90_ev if estimate else None,
        "upper90_ev": estimate.upper90_ev if estimate else None,
        "in_domain": bool(estimate and estimate.in_domain),
        "family": measured.family,
        "n_ions": len(point.ions),
        "held_out": measured.held_out if estimate else None,
        "note": point.note,
        "reason": measured.reason or (estimate.reason if estimate else ""),
        **levels,
    }
    return {name: plain(value) for name, value in values.items()}


def render(scores: Sequence[GroupScore]) -> Table:
    """Return errors by group as a table for the terminal."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    calibrated = any(group.calibrated for group in scores)
    names = ["group", "points", "raw MAE", "raw bias", "raw Spearman"]
    if calibrated:
        names += ["MAE", "bias", "Spearman", "90 % covers", "in domain"]
    for name in names:
        table.add_column(name, justify="left" if name == "group" else "right")
    for group in scores:
        cells = [group.group, str(group.raw.count), *_cells(group.raw)]
        if calibrated and group.calibrated:
            cells += [*_cells(group.calibrated), _cell(group.coverage, "{:.0%}")]
            cells.append(str(group.in_domain))
        table.add_row(*cells)
    return table


def render_intervals(scores: Sequence[GroupScore]) -> Table:
    """Return how good the intervals of each group are, as a table for the terminal."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    names = ("90 % covers", "half-width", "miscalibration", "error–width order", "domain AUC")
    table.add_column("group")
    for name in names:
        table.add_column(name, justify="right")
    for group in scores:
        if found := group.intervals:
            cells = (found.half_ev, found.miscalibration, found.order, found.domain_auc)
            numbers = [_cell(value, "{:.2f}") for value in cells]
            table.add_row(group.group, _cell(found.coverage, "{:.0%}"), *numbers)
    return table


def _cells(score: Score) -> list[str]:
    return [
        _cell(score.mae_ev, "{:.3f}"),
        _cell(score.bias_ev, "{:+.3f}"),
        _cell(score.spearman, "{:.2f}"),
    ]


def _cell(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def parity_plot(measured: Sequence[Measured], title: str, path: Path) -> None:
    """Draw engine against reference, raw and (if there are any) calibrated, coloured by ion.

    Raises
    ------
    InputError
        If matplotlib is not installed or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (an extra)
    except ImportError:
        raise InputError(
            "plots need matplotlib; install it with: pip install 'alkascreen[report]'"
        ) from None
    names = ("raw", "calibrated") if any(m.estimate for m in measured) else ("raw",)
    figure = Figure(figsize=(4.2 * len(names), 4.2), layout="constrained")
    panels = figure.subplots(1, len(names), sharex=True, sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        _panel(axes, measured, calibrated=name == "calibrated")
        axes.set(title=name, xlabel="reference e_ads / eV")
    panels[0].set_ylabel("engine e_ads / eV")
    panels[0].legend(frameon=False)
    figure.suptitle(title)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=150, metadata={"Software": None})
    write_atomic(path, picture.getvalue())


def _panel(axes: Any, measured: Sequence[Measured], *, calibrated: bool) -> None:
    for ion, colour in zip(IONS, ("tab:blue", "tab:orange", "tab:green"), strict=True):
        for marker, inside in (("o", True), ("x", False)):
            points = [
                (m.e_ads_ref_ev, value, m)
                for m in measured
                if m.point.ion == ion
                and (value := m.e_ads_ev if calibrated else m.e_ads_raw_ev) is not None
                and (m.estimate is None or m.estimate.in_domain) is inside
            ]
            if not points:
                continue
            x, y, members = zip(*points, strict=True)
            label = ion if inside else f"{ion}, outside the domain"
            axes.plot(x, y, marker, color=colour, label=label, markersize=4)
            if calibrated and all(m.estimate for m in members):
                low = [v - m.estimate.lower90_ev for v, m in zip(y, members, strict=True)]
                high = [m.estimate.upper90_ev - v for v, m in zip(y, members, strict=True)]
                axes.errorbar(x, y, [low, high], fmt="none", ecolor=colour, alpha=0.3)
    axes.axline((0, 0), slope=1, color="grey", linewidth=0.8)
