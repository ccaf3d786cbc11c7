"""`alkascreen battery`: what the best hosts mean in a cell; formulas over stored values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from screening.cli.options import DEFAULT_DB, Db, LevelName, Mix, OneIon, WeightsFile, comma_list
from screening.cli.structures import require_picture
from screening.cli.tables import read_rankings
from screening.errors import InputError
from screening.units import Ion

CURRENT_RANGE = (1e-6, 1e6)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen battery --ion Li --current 0.5,1,3 -o battery.png")(
        battery
    )
    app.command("cell", hidden=True)(battery)  # its name up to 0.1


def battery(
    db: Db = DEFAULT_DB,
    ion: OneIon = None,
    *,
    current: Annotated[
        str, typer.Option("--current", metavar="J,…", help="Current densities, mA/cm².")
    ] = "1",
    temperature: Annotated[
        float | None,
        typer.Option("--temperature", min=150, max=600, help="K; the electrolyte's by default."),
    ] = None,
    electrolyte: Annotated[
        Path | None,
        typer.Option("--electrolyte", metavar="FILE", help="YAML; a carbonate by default."),
    ] = None,
    area_factor: Annotated[
        float,
        typer.Option("--area-factor", min=1, max=1e5, help="Area of the host over the cell's."),
    ] = 1.0,
    top: Annotated[int, typer.Option("--top", min=1, max=1000, help="Hosts of each ion.")] = 10,
    weights: WeightsFile = None,
    level: LevelName = None,
    mix: Mix = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Picture to write (PNG).")
    ] = None,
) -> None:
    """Print Sand's time, limiting current and critical nuclei for the best hosts."""
    if output is not None:
        require_picture(output)
    from screening.electrochemistry import default_electrolyte, load_electrolyte

    currents = current_densities(current)
    chosen = load_electrolyte(electrolyte) if electrolyte else None
    rankings = read_rankings(
        db, _one_ion(ion, chosen.ion if chosen else None), weights, level, mix=mix
    )
    from screening.cli.console import stdout
    from screening.ranking.battery import battery_report
    from screening.report.battery import render

    reports = []
    for ranking in rankings:
        salt = chosen or default_electrolyte(ranking.ion)
        kelvin = salt.temperature_k if temperature is None else temperature
        reports.append(
            battery_report(ranking, salt, currents, kelvin, top, area_factor=area_factor)
        )
        stdout().print(render(reports[-1]), "")
    if output is not None:
        from screening.report.pictures.battery import draw

        draw(reports, output)
        typer.echo(f"{output}: {', '.join(ranking.ion for ranking in rankings)}", err=True)


def current_densities(text: str) -> list[float]:
    """Read ``0.5,1,3``.

    Raises
    ------
    InputError
        If an entry is no number, out of range, or given twice.
    """
    low, high = CURRENT_RANGE
    allowed = f"numbers from {low:g} to {high:g} mA/cm², like 0.5,1,3"
    try:
        values = [float(entry) for entry in comma_list(text, "--current") or ()]
    except ValueError:
        raise InputError(
            f"{text!r} is no list of numbers", where="--current", allowed=allowed
        ) from None
    for value in values:
        if not low <= value <= high:
            raise InputError(f"{value:g} is out of range", where="--current", allowed=allowed)
    return values


def _one_ion(wanted: Ion | None, of_salt: Ion | None) -> Ion | None:
    if wanted and of_salt and wanted != of_salt:
        raise InputError(
            f"{wanted} does not fit an electrolyte of {of_salt}", where="--ion", allowed=of_salt
        )
    return wanted or of_salt
