"""`alkascreen builders`: what builds hosts, and the parameters of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from screening.builders.parameters import Parameter


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen builders metal")(builders)


def builders(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Show the parameters of this one.")
    ] = None,
) -> None:
    """List the builders that recipes name, or the parameters of one of them."""
    from screening.builders import builder_names, get_builder
    from screening.builders.parameters import parameters

    if name is None:
        for each in builder_names():
            entry = get_builder(each, "NAME")
            typer.echo(f"{entry.name:<22}{entry.family:<11}{entry.summary}")
        typer.echo("\n'alkascreen builders NAME' lists the parameters of one.", err=True)
        return
    entry = get_builder(name, "NAME")
    typer.echo(f"{entry.name}: {entry.summary}")
    for parameter in parameters(entry):
        typer.echo(_line(parameter))


def _line(parameter: Parameter) -> str:
    need = "required" if parameter.required else f"default {parameter.default}"
    text = f"\n{parameter.name}: {parameter.kind}, {need}"
    return f"{text}\n    {parameter.meaning}" if parameter.meaning else text
