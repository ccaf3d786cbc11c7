"""`alkascreen candidates`: what can be screened, by recipe or by row of the review."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from screening.builders import Catalogue


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen candidates --review")(candidates)


def candidates(
    *,
    review: Annotated[
        bool, typer.Option("--review", help="List the systems of the review and their candidates.")
    ] = False,
) -> None:
    """List the candidates that recipes in structures/ describe."""
    from screening.builders import load_catalogue
    from screening.resources import default_structures

    catalogue = load_catalogue(default_structures())
    if review:
        _list_review(catalogue)
    else:
        _list_recipes(catalogue)


def _list_recipes(catalogue: Catalogue) -> None:
    from screening.builders import get_builder

    lines = []
    for recipe in catalogue.recipes.values():
        family = recipe.family or get_builder(recipe.builder, recipe.id).family
        lines.append((recipe.id, family, recipe.builder, recipe.source))
    _print_table(("candidate", "family", "builder", "source"), lines)


def _list_review(catalogue: Catalogue) -> None:
    from screening.builders.review import review_coverage

    coverage = review_coverage(catalogue)
    lines = [
        (system.id, system.system, " ".join(system.ions), str(len(ids)), " ".join(ids) or "none")
        for system, ids in coverage
    ]
    _print_table(("row", "system", "ions", "hosts", "candidates"), lines)
    missing = [system.id for system, ids in coverage if not ids]
    covered = f"{len(coverage) - len(missing)} of {len(coverage)} rows have a candidate"
    typer.echo(f"{covered}; none: {', '.join(missing)}" if missing else covered, err=True)


def _print_table(columns: Iterable[str], lines: Iterable[Iterable[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from screening.cli.console import one_line, stdout

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column)
    for line in lines:
        table.add_row(*(Text(one_line(cell)) for cell in line))
    stdout().print(table)
