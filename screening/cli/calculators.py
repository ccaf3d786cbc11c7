"""`alkascreen calculators`: what can compute, and what it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from screening.calculators.base import CalculatorSpec

MANY_ELEMENTS = 12


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen calculators")(calculators)


def calculators() -> None:
    """List calculators: installed or not, elements, functional, dispersion."""
    from rich.table import Table
    from rich.text import Text

    from screening.calculators import available
    from screening.cli.console import stdout
    from screening.units import DISPERSIONS

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("name", "installed", "functional", "dispersion", "elements", "note"):
        table.add_column(column)
    for spec in available():
        cells = (
            spec.name,
            "yes" if spec.installed else f"no: pip install 'alkascreen[{spec.extra}]'",
            spec.functional,
            " | ".join(DISPERSIONS),
            _elements(spec),
            spec.note,
        )
        table.add_row(*map(Text, cells))
    stdout().print(table)
    typer.echo("Any ASE calculator also works as module:factory.", err=True)


def _elements(spec: CalculatorSpec) -> str:
    symbols = sorted(spec.elements)
    if len(symbols) > MANY_ELEMENTS:
        return f"{len(symbols)} elements"
    return " ".join(symbols)
