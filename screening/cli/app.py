"""The application: its commands, and one place where errors become exit codes.

0: done · 1: some tasks failed, or a fault of ours · 2: wrong input · 130: interrupted.
Only typer is imported here; each command imports what it needs when it runs, so that
``alkascreen --help`` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from screening.cli import (
    battery,
    calculators,
    candidates,
    init,
    prescreen,
    results,
    run,
    structures,
    tables,
    validate,
)
from screening.cli.console import one_line
from screening.errors import InputError

INPUT_ERROR = 2


class Commands(TyperGroup):
    """Group of commands that reports wrong input in one line and exits with code 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command and exit with its code."""
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except InputError as error:
            code = _complain(str(error), INPUT_ERROR)
        except Exception as error:
            # Usage errors have no public base class that all versions of typer share.
            if not hasattr(error, "format_message"):
                raise
            code = _complain(_usage(error), INPUT_ERROR)
        sys.exit(code if isinstance(code, int) else 0)


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "alkascreen"
    return f"{error.format_message()} See '{command} --help'."


def _complain(message: str, code: int) -> int:
    typer.echo(f"Error: {one_line(message)}", err=True)
    return code


app = typer.Typer(
    name="alkascreen",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from screening import __version__

        typer.echo(f"alkascreen {__version__}")
        raise typer.Exit


@app.callback(epilog="Example: alkascreen run workflows/quickstart.yaml")
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Rank hosts and coatings on which Li, Na and K metal plate evenly."""


for _module in (
    run,
    tables,
    results,
    battery,
    validate,
    candidates,
    prescreen,
    structures,
    calculators,
    init,
):
    _module.register(app)


def main() -> None:
    """Entry point of ``alkascreen``."""
    app()
