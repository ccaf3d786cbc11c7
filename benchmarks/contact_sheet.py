"""Contact sheets of the review's hosts: docs/images/review-FAMILY.png and docs/structures.md."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from matplotlib.figure import Figure

from screening.builders import load_catalogue
from screening.builders.review import review_coverage
from screening.builders.statements import SPACIOUS_A, image_distance
from screening.report.pictures.structure import SIDE, TOP, draw_view
from screening.resources import shipped
from screening.structure import Candidate

DOCS = Path(__file__).parents[1] / "docs"
COLUMNS = 4
TILE_INCH = (3.4, 2.3)

HEAD = """\
# Hosts of the review

Each row of the review and the hosts that stand for it, as `alkascreen candidates --review` lists
them. Every host as built, before any relaxation, from the top and from the side: crosses mark fixed
atoms, grey lines the cell, the bar is 5 Å. `alkascreen build ID -o x.png` draws a single one,
`--sites` marks its adsorption sites.

Regenerate with `python benchmarks/contact_sheet.py`.
"""

CELLS = """
## Distance between ions
An ion of a cell has images; below about 7 Å it feels them. Of these {total} hosts, {near} keep
their ions nearer, for the cost: a cell of 7 Å has the atoms of the last column. K takes it worst
(neighbours in its metal: 4.5 Å); rows state the distance (`ion_distance_a`), and flag images closer
than in the metal, or more than half a monolayer of it.

| host | nearest images, Å | atoms | atoms at 7 Å, about |
|---|---|---|---|"""


def main() -> None:
    """Draw all hosts of the review, one sheet a family."""
    catalogue = load_catalogue(shipped("structures"))
    coverage = review_coverage(catalogue)
    hosts = [catalogue.build(r.id) for r in catalogue.recipes.values() if r.review]
    hosts.sort(key=lambda host: (host.family, host.id))
    text = HEAD + "\n| row | system | ions | hosts |\n|---|---|---|---|\n"
    for system, ids in coverage:
        text += f"| {system.id} | {system.system} | {', '.join(system.ions)} | "
        text += ", ".join(f"`{candidate_id}`" for candidate_id in ids) + " |\n"
    text += cells(hosts)
    for family, members in groupby(hosts, key=lambda host: host.family):
        name = f"review-{family}.png"
        sheet(list(members), DOCS / "images" / name)
        text += f"\n## {family.capitalize()}\n![Hosts of the family {family}](images/{name})\n"
    (DOCS / "structures.md").write_text(text, encoding="utf-8")


def cells(hosts: Sequence[Candidate]) -> str:
    """Table of the hosts whose ions stand near each other, or that are thin, nearest first."""
    apart = {host.id: image_distance(host.atoms, host.geometry) for host in hosts}
    near = sorted((h for h in hosts if apart[h.id] < SPACIOUS_A), key=lambda h: apart[h.id])
    lines = [
        f"| `{host.id}` | {apart[host.id]:.2f} | {len(host.atoms)} | "
        f"{round(len(host.atoms) * (SPACIOUS_A / apart[host.id]) ** 2)} |"
        for host in near
    ]
    return "\n".join([CELLS.format(total=len(hosts), near=len(near)), *lines, ""])


def sheet(hosts: list[Candidate], path: Path) -> None:
    """Draw hosts as tiles: top and side view of each under its id."""
    rows = -(-len(hosts) // COLUMNS)
    figure = Figure(figsize=(COLUMNS * TILE_INCH[0], rows * TILE_INCH[1]), dpi=120)
    tiles = figure.subfigures(rows, COLUMNS, squeeze=False).flat
    for host, tile in zip(hosts, tiles, strict=False):
        tile.suptitle(f"{host.id}  {host.formula}", fontsize=7, y=0.99)
        left, right = tile.subplots(1, 2, gridspec_kw={"wspace": 0.02})
        tile.subplots_adjust(left=0.01, right=0.99, bottom=0.01, top=0.91)
        draw_view(left, host.atoms, TOP)
        draw_view(right, host.atoms, SIDE)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)


if __name__ == "__main__":
    main()
