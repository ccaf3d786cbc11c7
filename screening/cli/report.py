"""`alkascreen report` and `alkascreen plot`: stored rows as a page, and as figures for papers."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from screening.cli.options import DEFAULT_DB, Db, LevelName, Mix, OneIon, Output, WeightsFile
from screening.cli.tables import read_rankings, require_extra
from screening.errors import StoreError


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: alkascreen report -o report.html")(report)
    app.command(epilog="Example: alkascreen plot pareto -o pareto.pdf")(plot)


def report(
    *,
    output: Output,
    db: Db = DEFAULT_DB,
    ion: OneIon = None,
    weights: WeightsFile = None,
    level: LevelName = None,
    mix: Mix = False,
) -> None:
    """Write one page with all that is known; it opens in a browser, without a network."""
    if output.suffix.lower() not in {".html", ".htm"}:
        raise StoreError("is no page", where=str(output), allowed=".html")
    require_extra("jinja2", output)
    rankings = read_rankings(db, ion, weights, level, mix=mix)
    from screening.pipeline.store import open_store
    from screening.report.page.write import write

    write(rankings, open_store(db), output)
    typer.echo(f"{output}: {output.stat().st_size / 1e6:.1f} MB", err=True)


def plot(
    kind: Annotated[
        Literal["pareto", "parity", "nucleation", "profile", "heatmap"],
        typer.Argument(metavar="KIND", help="pareto, parity, nucleation, profile or heatmap."),
    ],
    *,
    output: Output,
    db: Db = DEFAULT_DB,
    ion: OneIon = None,
    weights: WeightsFile = None,
    level: LevelName = None,
    mix: Mix = False,
) -> None:
    """Draw a figure for a paper: PDF, SVG or PNG."""
    if output.suffix.lower() not in {".pdf", ".svg", ".png"}:
        raise StoreError("is no figure", where=str(output), allowed=".pdf, .svg, .png")
    require_extra("matplotlib", output)
    rankings = read_rankings(db, ion, weights, level, mix=mix)
    from screening.pipeline.store import open_store
    from screening.report.pictures.figures import draw

    draw(kind, rankings, open_store(db), output)
    typer.echo(f"{output}: {kind}, {', '.join(r.ion for r in rankings)}", err=True)
