"""Figures for papers: PDF, SVG or PNG. Needs matplotlib (extra ``report``)."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from screening.descriptors import Row, Value, column
from screening.errors import StoreError
from screening.files import write_atomic
from screening.pipeline.store import Store
from screening.ranking.rank import Ranking
from screening.report.page.cells import numeric
from screening.report.page.svg import Point, front
from screening.report.paths import path_energies
from screening.report.tables import entries

Kind = Literal["pareto", "parity", "nucleation", "profile", "heatmap"]

ENERGY = "e_ads_ev"
COLOURS = {"Li": "#D55E00", "Na": "#0072B2", "K": "#009E73"}
MARKERS = {"Li": "o", "Na": "s", "K": "^"}
"""Okabe & Ito's colours, and never colour alone."""
WIDTH_INCH, HEIGHT_INCH = 3.5, 2.8
"""A column of a journal."""
MOST_CURVES = 8
DPI = 300
STYLE: dict[Any, Any] = {
    "font.size": 8,
    "text.parse_math": False,
    "svg.hashsalt": "alkascreen",
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
}
WITHOUT_TIME: Mapping[str, dict[str, None]] = {
    "pdf": {"CreationDate": None, "ModDate": None},
    "svg": {"Date": None},
    "png": {},
}
"""The same rows give the same bytes."""


def draw(kind: Kind, rankings: Sequence[Ranking], store: Store, path: Path) -> None:
    """Write a figure; its format is what the file's name ends with.

    Raises
    ------
    StoreError
        If nothing in the rankings can be drawn so, or the file cannot be written.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_INCH, HEIGHT_INCH), layout="constrained")
        if not DRAWERS[kind](figure, rankings, store):
            raise StoreError(f"no host has what a {kind} figure shows", where=str(path))
        form = path.suffix.lower().removeprefix(".")
        content = io.BytesIO()
        figure.savefig(content, dpi=DPI, format=form, metadata=WITHOUT_TIME[form])
    write_atomic(path, content.getvalue())


def _pareto(figure: Figure, rankings: Sequence[Ranking], store: Store) -> int:  # noqa: ARG001
    axes = figure.add_subplot()
    drawn = 0
    for ranking in rankings:
        pair = [column(o.column) for o in ranking.objectives.values()][:2]
        if len(pair) < 2:
            continue
        x, y = pair
        rows = [entry.row for entry in ranking.scored if _has(entry.row, x.name, y.name)]
        for row in rows:
            _errors(axes, row.values[x.name], row.values[y.name], row.ion)
        points = [Point(row[x.name], row[y.name], row.candidate, row.ion) for row in rows]
        best = front(points, x.better or "less", y.better or "less")
        axes.plot([p.x for p in best], [p.y for p in best], color=COLOURS[ranking.ion], lw=0.9,
                  label=ranking.ion, marker=MARKERS[ranking.ion], ms=4)  # fmt: skip
        for point in best:
            axes.annotate(point.label, (point.x, point.y), (3, 3), textcoords="offset points",
                          fontsize=6)  # fmt: skip
        axes.set(xlabel=f"{x.name} / {x.unit}", ylabel=f"{y.name} / {y.unit}")
        drawn += len(rows)
    if drawn:
        axes.legend(frameon=False)
    return drawn


def _has(row: Row, *names: str) -> bool:
    return all(numeric(row, name) is not None for name in names)


def _errors(axes: Axes, x: Value, y: Value, ion: str) -> None:
    axes.errorbar(x.number, y.number, xerr=_beside(x), yerr=_beside(y), fmt=MARKERS[ion], ms=3.5,
                  color=COLOURS[ion], elinewidth=0.6, alpha=0.75,
                  mfc="white" if x.in_domain is False else COLOURS[ion])  # fmt: skip


def _beside(value: Value) -> np.ndarray | None:
    """Lengths of the error bars, shape (2, 1); None without an interval."""
    if value.lower90 is None or value.upper90 is None:
        return None
    ends = (value.number - value.lower90, value.upper90 - value.number)
    return np.array([[max(0.0, end)] for end in ends])


def _parity(figure: Figure, rankings: Sequence[Ranking], store: Store) -> int:  # noqa: ARG001
    axes = figure.add_subplot()
    raws: list[float] = []
    for ranking in rankings:
        values = [e.row.values.get(ENERGY) for e in entries(ranking)]
        for value in values:
            if value is None or value.raw is None:
                continue
            raws.append(value.raw)
            axes.errorbar(value.raw, value.number, yerr=_beside(value), fmt=MARKERS[ranking.ion],
                          ms=3.5, color=COLOURS[ranking.ion], elinewidth=0.6,
                          mfc=COLOURS[ranking.ion] if value.in_domain else "white")  # fmt: skip
        axes.plot([], [], MARKERS[ranking.ion], color=COLOURS[ranking.ion], label=ranking.ion)
    if raws:
        axes.axline((0, 0), slope=1, color="0.5", lw=0.8, ls="--")
        axes.set(xlabel=f"{ENERGY}, engine's own / eV", ylabel=f"{ENERGY}, calibrated / eV")
        axes.legend(frameon=False)
    return len(raws)


def _nucleation(figure: Figure, rankings: Sequence[Ranking], store: Store) -> int:  # noqa: ARG001
    curves = [(row, list(row["e_step_ev"])) for row in _rows(rankings) if row["e_step_ev"]]
    return _curves(figure, curves, "ions", "energy of the last ion / eV")


def _profile(figure: Figure, rankings: Sequence[Ranking], store: Store) -> int:
    known = ((row, path_energies(row, store)) for row in _rows(rankings))
    curves = [(row, energies) for row, energies in known if len(energies) > 2]
    return _curves(figure, curves, "image of the path", "energy, engine's own / eV")


def _rows(rankings: Sequence[Ranking]) -> list[Row]:
    return [entry.row for ranking in rankings for entry in entries(ranking)]


def _curves(
    figure: Figure, curves: Sequence[tuple[Row, list[float]]], x_title: str, y_title: str
) -> int:
    """Draw the best hosts' curves; those of one ion share its marker."""
    axes = figure.add_subplot()
    for count, (row, energies) in enumerate(curves[:MOST_CURVES]):
        colour = mpl.colormaps["cividis"](count / MOST_CURVES)
        axes.plot(range(1, len(energies) + 1), energies, marker=MARKERS[row.ion], ms=3, lw=0.9,
                  color=colour, label=f"{row.candidate}, {row.ion}")  # fmt: skip
    if curves:
        axes.axhline(0, color="0.6", lw=0.6)
        axes.set(xlabel=x_title, ylabel=y_title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.legend(loc="outside lower center", fontsize=6, frameon=False, ncols=2)
    return len(curves)


def _heatmap(figure: Figure, rankings: Sequence[Ranking], store: Store) -> int:  # noqa: ARG001
    ions = [ranking.ion for ranking in rankings]
    found = {(r.ion, e.row.candidate): e.score for r in rankings for e in r.scored}
    hosts = list(dict.fromkeys(name for _, name in found))
    if not hosts:
        return 0
    scores = np.array([[found.get((ion, host), np.nan) for ion in ions] for host in hosts])
    figure.set_size_inches(WIDTH_INCH, max(HEIGHT_INCH, 0.6 + 0.19 * len(hosts)))
    axes = figure.add_subplot()
    image = axes.imshow(scores, vmin=0, vmax=1, cmap="cividis", aspect="auto")
    axes.set_xticks(range(len(ions)), ions)
    axes.set_yticks(range(len(hosts)), hosts, fontsize=6)
    for (line, place), score in np.ndenumerate(scores):
        text = "–" if np.isnan(score) else f"{score:.2f}"
        axes.text(place, line, text, ha="center", va="center", fontsize=6,
                  color="black" if score > 0.6 or np.isnan(score) else "white")  # fmt: skip
    figure.colorbar(image, label="score")
    return len(hosts)


DRAWERS: Mapping[Kind, Callable[[Figure, Sequence[Ranking], Store], int]] = {
    "pareto": _pareto,
    "parity": _parity,
    "nucleation": _nucleation,
    "profile": _profile,
    "heatmap": _heatmap,
}
