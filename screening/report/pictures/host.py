"""Pictures of hosts: top and side view, elements, and the adsorption sites.

Needs matplotlib (extra ``report``); nothing else of the package imports it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from ase.data.colors import jmol_colors
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from screening.files import write_atomic
from screening.geometry import Site, SiteKind
from screening.report.pictures.structure import INK, OTHERS, SIDE, TOP, View, box, draw_view
from screening.structure import Candidate, fixed_indices

DPI = 150
INCH_PER_A = 0.35
TITLE_INCH, LEGEND_INCH = 0.5, 0.4
MIN_WIDTH_INCH = 6.0
BESIDE_A = 0.35
COLOURS: dict[SiteKind, str] = {
    "top": "#c2181b",
    "bridge": "#1f4fbf",
    "hollow": "#08752f",
    "vacancy": "#8a1fa8",
}


def draw(candidate: Candidate, path: Path, sites: Sequence[Site] = ()) -> None:
    """Write a PNG of a host, seen from the top and from the side.

    Parameters
    ----------
    sites
        Adsorption sites to mark, as ``h1`` for ``hollow-1``; those on other faces get a view of
        their own, those inside a tube are seen through its wall and dashed.

    Raises
    ------
    StoreError
        If the file cannot be written; nothing is left behind.
    """
    atoms = candidate.atoms
    facing = [_facing(site) for site in sites]
    views = [TOP, SIDE, *(view for view in OTHERS if view in facing)]
    boxes = np.array([box(atoms, view) for view in views])
    widths, heights = INCH_PER_A * (boxes[:, 1] - boxes[:, 0]).T
    width = max(float(widths.sum()), MIN_WIDTH_INCH)
    height = float(heights.max()) + TITLE_INCH + LEGEND_INCH
    figure = Figure(figsize=(width, height), dpi=DPI)
    left = (width - widths.sum()) / 2
    for view, panel_width, panel_height in zip(views, widths, heights, strict=True):
        bottom = LEGEND_INCH + (heights.max() - panel_height) / 2
        inches = np.array([left, bottom, panel_width, panel_height])
        axes = figure.add_axes(tuple(inches / [width, height, width, height]))
        draw_view(axes, atoms, view)
        _mark(axes, view, [s for s, face in zip(sites, facing, strict=True) if face == view])
        left += panel_width
    lengths = " × ".join(f"{length:.1f}" for length in atoms.cell.lengths())
    title = f"{candidate.id}\n{candidate.formula}, {candidate.geometry}, cell {lengths} Å"
    figure.suptitle(title, fontsize=10, color=INK, y=1 - 0.1 / height, va="top")
    figure.legend(
        handles=_legend(atoms, sites), loc="lower center", ncols=12, frameon=False, fontsize=8,
        handletextpad=0.2, columnspacing=1.0,
    )  # fmt: skip
    content = io.BytesIO()
    figure.savefig(content, format="png")
    write_atomic(path, content.getvalue())


def _facing(site: Site) -> View:
    """Return the view that shows a site best."""
    outward = np.array(site.normal) * (-1 if site.face == "inside" else 1)
    return max((TOP, SIDE, *OTHERS), key=lambda view: float(view.axes[2] @ outward))


def _mark(axes: Axes, view: View, sites: Sequence[Site]) -> None:
    for site in sites:
        inside = site.face == "inside"
        x, y = view.axes[:2] @ site.anchor
        name, colour = f"{site.kind[0]}{site.label.split('-')[1]}", COLOURS[site.kind]
        frame = {
            "boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": colour,
            "linestyle": "dashed" if inside else "solid", "linewidth": 0.7, "alpha": 0.85,
        }  # fmt: skip
        # Outside and inside of a wall would lie on top of each other.
        axes.text(x, y - BESIDE_A * inside, name, fontsize=5, color=colour, ha="center",
                  va="center", bbox=frame)  # fmt: skip


def _legend(atoms: Atoms, sites: Sequence[Site]) -> list[Line2D]:
    """Elements, what the cross means, and the letters of the kinds of sites."""
    entries = [
        Line2D([], [], linestyle="", marker="o", markersize=8, markeredgecolor="0.25",
               markeredgewidth=0.6, markerfacecolor=jmol_colors[number],
               label=chemical_symbols[number])
        for number in sorted(set(atoms.numbers.tolist()))
    ]  # fmt: skip
    if len(fixed_indices(atoms)):
        entries.append(Line2D([], [], linestyle="", marker="x", color="0.25", label="fixed"))
    if any(site.face == "inside" for site in sites):
        entries.append(Line2D([], [], linestyle="dashed", color=INK, linewidth=0.7, label="inside"))
    entries += [
        Line2D([], [], linestyle="", marker=f"${kind[0]}$", color=colour, label=kind)
        for kind, colour in COLOURS.items()
        if any(site.kind == kind for site in sites)
    ]
    return entries
