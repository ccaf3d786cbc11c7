"""The application: its commands, and one place where errors become exit codes.

0: done · 1: some tasks failed, or a fault of ours · 2: wrong input · 130: interrupted.
Only typer is imported here; each command imports what it needs when it runs, so that
``alkascreen --help`` answers at once.
"""

from __future__ import annotations

import errno
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from screening.cli import (
    anchor,
    battery,
    calculators,
    candidates,
    init,
    prescreen,
    rank,
    recompute,
    reference,
    report,
    results,
    run,
    structures,
    tables,
    validate,
)
from screening.cli.console import one_line
from screening.errors import InputError, brief, public

INPUT_ERROR = 2
MAX_MESSAGE = 1000


class Commands(TyperGroup):
    """Group of commands that reports wrong input in one line and exits with code 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command and exit with its code."""
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
            sys.stdout.flush()
        except InputError as error:
            code = _complain(str(error), INPUT_ERROR)
        except OSError as error:  # of the output: ours are InputErrors by now
            if error.errno not in (errno.EPIPE, errno.ENOSPC):
                raise
            sys.stdout = None  # or Python complains at its exit
            code = 1 if error.errno == errno.EPIPE else _complain(f"output: {error.strerror}", 1)
        except Exception as error:
            # Usage errors have no public base class that all versions of typer share.
            if not hasattr(error, "format_message"):
                raise
            asked = bool(error.format_message())  # without arguments the help has been printed
            code = _complain(_usage(error), INPUT_ERROR) if asked else INPUT_ERROR
        sys.exit(code if isinstance(code, int) else 0)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; refuse an option given twice, of which the last would count."""
        name, command, rest = super().resolve_command(ctx, args)
        given = rest[: rest.index("--")] if "--" in rest else rest
        for parameter in command.params if command else ():
            if not hasattr(parameter, "is_flag") or parameter.multiple:
                continue
            long = tuple(f"{option}=" for option in parameter.opts)
            times = sum(word in parameter.opts or word.startswith(long) for word in given)
            if times > 1:
                raise InputError(f"is given {times} times", where=parameter.opts[0], allowed="once")
        return name, command, rest


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "alkascreen"
    return f"{error.format_message()} See '{command} --help'."


def _complain(message: str, code: int) -> int:
    typer.echo(f"Error: {brief(public(one_line(message)), MAX_MESSAGE)}", err=True)
    return code


app = typer.Typer(
    name="alkascreen",
    cls=Commands,
    no_args_is_help=True,
    add_completion=True,
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
    rank,
    tables,
    report,
    results,
    recompute,
    battery,
    validate,
    candidates,
    prescreen,
    anchor,
    reference,
    structures,
    calculators,
    init,
):
    _module.register(app)


def main() -> None:
    """Entry point of ``alkascreen``."""
    app()
