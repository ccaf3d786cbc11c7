"""`alkascreen rank` and `alkascreen export`: from stored rows to tables; nothing is computed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from screening.cli.options import (
    DEFAULT_DB,
    Db,
    LevelName,
    Mix,
    OneIon,
    WeightsFile,
)
from screening.cli.structures import require_picture
from screening.errors import InputError, StoreError
from screening.units import IONS, Ion

if TYPE_CHECKING:
    from screening.ranking.rank import Ranking


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: alkascreen rank --ion Li")(rank)
    app.command(epilog="Example: alkascreen columns")(columns)
    app.command(epilog="Example: alkascreen export --format csv -o results/hosts.csv")(export)


def rank(
    *,
    db: Db = DEFAULT_DB,
    ion: OneIon = None,
    weights: WeightsFile = None,
    level: LevelName = None,
    mix: Mix = False,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="PNG of coverage and nucleation."),
    ] = None,
) -> None:
    """Print the ranked hosts of each ion."""
    if picture is not None:
        require_picture(picture)
    rankings = read_rankings(db, ion, weights, level, mix=mix)
    from screening.cli.console import stdout
    from screening.report.terminal import render

    console = stdout()
    for ranking in rankings:
        console.print(render(ranking, console.width), "")
    if picture is not None:
        from screening.report.pictures.growth import draw

        draw(rankings, picture)
        typer.echo(f"{picture}: {', '.join(ranking.ion for ranking in rankings)}", err=True)


def export(
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write.")
    ] = None,
    form: Annotated[
        Literal["csv", "json", "md", "tex", "xlsx", "parquet"] | None,
        typer.Option("--format", help="Format of the table; by default what FILE ends with."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of a line of the table.")
    ] = False,
    db: Db = DEFAULT_DB,
    ion: OneIon = None,
    weights: WeightsFile = None,
    level: LevelName = None,
    mix: Mix = False,
) -> None:
    """Write the ranked table to a file."""
    from screening.report.export import export as write
    from screening.report.export import format_of

    if schema:
        from screening.report.schema import json_schema

        typer.echo(json_schema(), nl=False)
        return
    if output is None:
        raise InputError("no file to write", where="--output", allowed="-o FILE, or --schema")
    chosen = form or format_of(output)
    if chosen in LIBRARIES:
        require_extra(LIBRARIES[chosen], output)
    rankings = read_rankings(db, ion, weights, level, mix=mix)
    write(rankings, chosen, output)
    lines = sum(len(ranking.ranked) + len(ranking.unranked) for ranking in rankings)
    typer.echo(f"{output}: {lines} rows", err=True)


LIBRARIES = {"xlsx": "openpyxl", "parquet": "pyarrow"}


def require_extra(module: str, output: Path) -> None:
    """Say which extra writes a file, without importing it.

    Raises
    ------
    StoreError
        If the module is not installed.
    """
    if importlib.util.find_spec(module) is None:
        raise StoreError(
            f"needs {module}; install it with: pip install 'alkascreen[report]'", where=str(output)
        )


def columns(
    *,
    form: Annotated[
        Literal["text", "md"], typer.Option("--format", help="For the terminal, or a page.")
    ] = "text",
) -> None:
    """Print what every column of the tables means, with its unit."""
    from screening.report.dictionary import to_markdown
    from screening.report.tables import dictionary

    if form == "md":
        typer.echo(to_markdown(), nl=False)
        return
    for name, (unit, about) in dictionary().items():
        typer.echo(f"{name}{f' / {unit}' if unit else ''}: {about}")


def read_rankings(
    db: str, ion: Ion | None, weights_file: Path | None, level: str | None, *, mix: bool
) -> list[Ranking]:
    """Rank what a database holds, ion by ion; ions without rows are left out.

    Raises
    ------
    InputError
        For a database or weights file that cannot be used, or rows of several levels.
    """
    from screening.pipeline.store import open_store
    from screening.ranking.levels import require_one_level, select_level
    from screening.ranking.rank import rank as rank_rows
    from screening.ranking.weights import load_weights

    weights = load_weights(weights_file)
    ions = (ion,) if ion else IONS
    rows = [row for row in open_store(db).rows() if row.ion in ions]
    if not rows:
        raise StoreError(f"holds no results for {', '.join(ions)}", where=db)
    if level is not None:
        rows = select_level(rows, level)
    require_one_level(rows, mix=mix)
    present = [name for name in ions if any(row.ion == name for row in rows)]
    return [rank_rows(rows, name, weights, mix=mix) for name in present]
