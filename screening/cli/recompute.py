"""`alkascreen recompute`: whether the same comes out once more."""

from __future__ import annotations

from typing import Annotated

import typer

from screening.cli.console import stdout
from screening.cli.options import DEFAULT_DB, Db, LevelName
from screening.cli.progress import progress
from screening.cli.results import HostName, IonName

DIFFERS = 1


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen recompute graphene Li")(recompute)


def recompute(
    host: HostName,
    ion: IonName,
    *,
    db: Db = DEFAULT_DB,
    level: LevelName = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            min=0.0,
            max=1.0,
            metavar="EV",
            help="Energies may differ by so much; 0.002 eV by default.",
        ),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=1024, help="Workers.")] = 1,
) -> None:
    """Compute a row again from its stored inputs, and compare each value; nothing is written.

    Exit code 0: every value came out again; 1: one did not.
    """
    from screening.calculators.registry import foreign_code
    from screening.pipeline.recompute import ENERGY_EV, recompute
    from screening.pipeline.store import open_store
    from screening.ranking.levels import require_one_level, select_level
    from screening.report.recomputed import render

    store = open_store(db)
    rows = [row for row in store.rows() if (row.candidate, row.ion) == (host, ion)]
    rows = select_level(rows, level) if level else rows
    require_one_level(rows)
    for row in rows:
        if origin := foreign_code(row.level.calculator):
            typer.echo(f"calculator {row.level.calculator} is code in {origin}", err=True)
    fingerprint = rows[0].level.fingerprint if rows else None
    energy_ev = ENERGY_EV if tolerance is None else tolerance
    with progress() as show:
        found = recompute(
            store, host, ion, level=fingerprint, energy_ev=energy_ev, jobs=jobs, report=show
        )
    for one in found:
        stdout().print(render(one, energy_ev))
    if not all(one.agrees for one in found):
        raise typer.Exit(DIFFERS)
