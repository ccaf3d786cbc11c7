"""`alkascreen export` and `columns`: from stored rows to tables; nothing is computed."""

from __future__ import annotations

import gc
import importlib.util
from collections.abc import Sequence
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
from screening.errors import InputError, StoreError
from screening.units import IONS, Ion

if TYPE_CHECKING:
    from screening.ranking.rank import Ranking


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: alkascreen columns")(columns)
    app.command(epilog="Example: alkascreen export --format csv -o results/hosts.csv")(export)


def export(
    *,
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", metavar="FILE", help="File to write; may be repeated."),
    ] = None,
    form: Annotated[
        Literal["csv", "json", "md", "tex", "xlsx", "parquet", "chemiscope"] | None,
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
    """Write the ranked table to files, or its structures as a map for chemiscope."""
    from screening.report.export import export as write
    from screening.report.export import format_of
    from screening.report.tables import entries

    if schema:
        from screening.report.schema import json_schema

        typer.echo(json_schema(), nl=False)
        return
    if not output:
        raise InputError("no file to write", where="--output", allowed="-o FILE, or --schema")
    if form and len(output) > 1:
        raise InputError("is one for several files", where="--format", allowed="their endings")
    forms = {path: form or format_of(path) for path in output}
    for path, chosen in forms.items():
        if chosen in LIBRARIES:
            require_extra(LIBRARIES[chosen], path, EXTRAS.get(chosen, "report"))
    rankings = read_rankings(db, ion, weights, level, mix=mix)
    lines = sum(1 for ranking in rankings for _ in entries(ranking))
    for path, chosen in forms.items():
        if chosen == "chemiscope":
            _write_map(rankings, db, path)
            continue
        write(rankings, chosen, path)
        typer.echo(f"{path}: {lines} rows", err=True)


LIBRARIES = {"xlsx": "openpyxl", "parquet": "pyarrow", "chemiscope": "chemiscope"}
EXTRAS = {"chemiscope": "chemiscope"}


def _write_map(rankings: Sequence[Ranking], db: str, output: Path) -> None:
    from screening.pipeline.store import open_store
    from screening.report.maps import write

    shown, without = write(rankings, open_store(db), output)
    left_out = f", {without} without one left out" if without else ""
    typer.echo(f"{output}: {shown} structures{left_out}", err=True)


def require_extra(module: str, output: Path, extra: str = "report") -> None:
    """Say which extra writes a file, without importing it.

    Raises
    ------
    StoreError
        If the module is not installed.
    """
    if importlib.util.find_spec(module) is None:
        raise StoreError(
            f"needs {module}; install it with: pip install 'alkascreen[{extra}]'", where=str(output)
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
    db: str,
    ion: Ion | None,
    weights_file: Path | None,
    level: str | None,
    *,
    mix: bool,
    overrides: Sequence[str] = (),
    everything: bool = False,
) -> list[Ranking]:
    """Rank what a database holds, ion by ion; ions without rows are left out.

    Rows of the other ions are read as well: what counts is decided over all of them.

    Parameters
    ----------
    overrides
        Weights by ``NAME=W``.
    everything
        Rank those hosts among the others that would be ranked apart.

    Raises
    ------
    InputError
        For a database or weights file that cannot be used, or rows of several levels.
    """
    from screening.pipeline.store import open_store
    from screening.ranking.levels import require_one_level, select_level
    from screening.ranking.rank import rank_ions
    from screening.ranking.weights import load_weights

    weights = load_weights(weights_file).reweighed(overrides)
    ions = (ion,) if ion else IONS
    rows = open_store(db).rows()
    gc.freeze()  # they stay to the end: nothing is gained by looking through them for cycles
    mine = [row for row in rows if row.ion in ions]
    if not mine:
        raise StoreError(f"holds no results for {', '.join(ions)}", where=db)
    if level is not None:
        mine = select_level(mine, level)
        rows = select_level(rows, level)
    require_one_level(mine, mix=mix)
    present = [name for name in ions if any(row.ion == name for row in mine)]
    return rank_ions(rows, present, weights, mix=mix, everything=everything)
