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
from screening.ranking.judged import taken, value_of
from screening.ranking.pareto import valued, with_pareto
from screening.ranking.rank import Ranking
from screening.report.labels import place
from screening.report.paths import path_energies
from screening.report.tables import entries

Kind = Literal["pareto", "parity", "nucleation", "profile", "heatmap"]

ENERGY = "e_ads_ev"
COLOURS = {"Li": "#D55E00", "Na": "#0072B2", "K": "#009E73"}
MARKERS = {"Li": "o", "Na": "s", "K": "^"}
"""Okabe & Ito's colours, and never colour alone."""
WIDTH_INCH, HEIGHT_INCH = 3.5, 2.8
"""A column of a journal, 89 mm."""
PANEL_INCH = 2.1
POINTS_INCH = 72
CURVES = (
    ("#000000", "o"), ("#D55E00", "s"), ("#0072B2", "^"), ("#009E73", "D"),
    ("#E69F00", "v"), ("#56B4E9", "P"), ("#CC79A7", "X"), ("#7F7F7F", "*"),
)  # fmt: skip
"""Of the best hosts."""
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


Named = tuple[float, float, str]
"""A point and its name."""


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
    """Draw a panel an ion: three fronts in one would cover each other's names."""
    drawn = [r for r in rankings if len(valued(r)) > 1]
    figure.set_size_inches(WIDTH_INCH, PANEL_INCH * max(1, len(drawn)))
    if not drawn:
        return 0
    panels = figure.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
    named = [_front(axes, ranking) for axes, ranking in zip(panels, drawn, strict=True)]
    figure.draw_without_rendering()  # only now is it known where the panels stand
    for axes, (front, points) in zip(panels, named, strict=True):
        _name(axes, front, points)
    return sum(len(points) for _, points in named)


def _front(axes: Axes, ranking: Ranking) -> tuple[list[Named], list[tuple[float, float]]]:
    """Draw the first two objectives of an ion; hollow: ranked apart, and not on the front."""
    names = valued(ranking)[:2]
    x, y = (ranking.objectives[name] for name in names)
    colour, marker = COLOURS[ranking.ion], MARKERS[ranking.ion]
    shown = [
        (entry, entry.row.values[taken(entry.row, x)], entry.row.values[taken(entry.row, y)])
        for entry in with_pareto(ranking, names).scored
        if value_of(entry.row, x) is not None and value_of(entry.row, y) is not None
    ]
    for entry, across, up in shown:
        axes.errorbar(across.number, up.number, xerr=_beside(across), yerr=_beside(up), fmt=marker,
                      ms=3, color=colour, elinewidth=0.4, alpha=0.75,
                      mfc="white" if entry.apart else colour)  # fmt: skip
    front = [(a.number, u.number, e.row.candidate) for e, a, u in shown
             if e.pareto_layer == 1 and not e.apart]  # fmt: skip
    front.sort()
    axes.plot([p[0] for p in front], [p[1] for p in front], color=colour, lw=0.9)
    units = [column(objective.column).unit for objective in (x, y)]
    titles = [f"{name} / {unit}" if unit else name for name, unit in zip(names, units, strict=True)]
    axes.set_ylabel(f"{ranking.ion}: {titles[1]}")
    if axes.get_subplotspec().is_last_row():  # type: ignore[union-attr]
        axes.set_xlabel(titles[0])
    return front, [(a.number, u.number) for _, a, u in shown]


def _name(axes: Axes, named: Sequence[Named], others: Sequence[tuple[float, float]]) -> None:
    """Write names beside points so that none covers another."""
    scale = POINTS_INCH / axes.figure.dpi
    spots = [tuple(axes.transData.transform((x, y)) * scale) for x, y, _ in named]
    marks = [tuple(axes.transData.transform(mark) * scale) for mark in others]
    left, low, right, top = np.asarray(axes.bbox.extents) * scale
    texts = [(*spot, text) for spot, (_, _, text) in zip(spots, named, strict=True)]
    for found in place(texts, marks, (left, low, right, top), letter=3.3, height=6.5):
        axes.annotate(found.text, (found.x, found.y), xycoords="figure points",
                      fontsize=6, ha="right" if found.ends else "left", va="bottom",
                      # a halo would turn letters into outlines, which nobody can search for
                      bbox={"fc": "white", "ec": "none", "alpha": 0.75, "pad": 0.4})  # fmt: skip


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
    """Draw the best hosts' curves."""
    axes = figure.add_subplot()
    for (row, energies), (colour, marker) in zip(curves, CURVES, strict=False):
        axes.plot(range(1, len(energies) + 1), energies, marker=marker, ms=3.5, lw=0.9,
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
    for (line, at), score in np.ndenumerate(scores):
        text = "–" if np.isnan(score) else f"{score:.2f}"
        axes.text(at, line, text, ha="center", va="center", fontsize=6,
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
