"""Coverage curves and nucleation steps of hosts. Needs matplotlib (extra ``report``)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from screening.descriptors import Row
from screening.errors import StoreError
from screening.files import write_atomic
from screening.ranking.rank import Ranking
from screening.report.tables import entries

DPI = 150
MOST_HOSTS = 10
"""Hosts of an ion, best first; matplotlib has ten colours."""


def draw(rankings: Sequence[Ranking], path: Path) -> None:
    """Write a PNG with a line of panels for each ion: energy over coverage, and over cluster size.

    The best hosts that have one of the two are drawn. Open circles are layers that came off, sank
    in or broke the host; what is missing is left out.

    Raises
    ------
    StoreError
        If no host has either, or the file cannot be written.
    """
    drawn = {ranking.ion: list(islice(_grown(ranking), MOST_HOSTS)) for ranking in rankings}
    ions = [ion for ion, rows in drawn.items() if rows]
    if not ions:
        raise StoreError("no host has a coverage curve or nucleation steps", where=str(path))
    figure = Figure(figsize=(11, 3.6 * len(ions)), layout="constrained")
    panels = figure.subplots(len(ions), 2, squeeze=False)
    for ion, (layers, steps) in zip(ions, panels, strict=True):
        for count, row in enumerate(drawn[ion]):
            _coverage(layers, row, f"C{count}")
            _steps(steps, row, f"C{count}")
        layers.set(
            title=f"{ion} layers", xlabel="coverage / bcc(110) layers", ylabel="energy per ion / eV"
        )
        steps.set(title=f"{ion} clusters", xlabel="ions", ylabel="energy of the last ion / eV")
        steps.xaxis.set_major_locator(MaxNLocator(integer=True))
        steps.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
        for axes in (layers, steps):
            axes.axhline(0, color="0.6", linewidth=0.8)
            axes.grid(linewidth=0.3)
    content = io.BytesIO()
    figure.savefig(content, dpi=DPI, format="png")
    write_atomic(path, content.getvalue())


def _grown(ranking: Ranking) -> Iterator[Row]:
    """Hosts in the order of the tables, those without either left out."""
    rows = (entry.row for entry in entries(ranking))
    return (row for row in rows if row["e_step_ev"] or _values(row))


def _values(row: Row) -> list[tuple[float, float, bool]]:
    """Coverage, energy, and whether the layer stayed whole, of each layer with a value."""
    return [
        (layer.theta, layer.e_ads_ev, layer.outcome == "kept")
        for layer in row.table("coverage")
        if layer.e_ads_ev is not None
    ]


def _coverage(axes: Axes, row: Row, colour: str) -> None:
    values = _values(row)
    axes.plot([v[0] for v in values], [v[1] for v in values], color=colour, linewidth=1)
    for theta, energy, whole in values:
        face = colour if whole else "white"
        axes.plot(theta, energy, "o", color=colour, markerfacecolor=face, markersize=4)


def _steps(axes: Axes, row: Row, colour: str) -> None:
    steps = row["e_step_ev"] or ()
    counts = range(1, len(steps) + 1)
    axes.plot(counts, steps, "o-", color=colour, linewidth=1, markersize=4,
              label=row.candidate)  # fmt: skip
