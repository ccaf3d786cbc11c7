"""`alkascreen show`, `structure` and `structures`: what stands behind a row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli.options import DEFAULT_DB, Db, LevelName, Output
from screening.cli.structures import FORMATS, PICTURE, file_format
from screening.errors import InputError, StoreError
from screening.units import Ion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ase import Atoms

    from screening.descriptors import Row
    from screening.pipeline.store import Store

HostName = Annotated[str, typer.Argument(metavar="HOST", help="Id of a host in the database.")]
IonName = Annotated[Ion, typer.Argument(metavar="ION", help="Li, Na or K.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: alkascreen show graphene Li")(show)
    app.command(epilog="Example: alkascreen structure graphene Li -o li.cif")(structure)
    app.command(epilog="Example: alkascreen structures -o relaxed")(structures)


def show(host: HostName, ion: IonName, *, db: Db = DEFAULT_DB, level: LevelName = None) -> None:
    """Print all that is known of one host with one ion, in words."""
    _, rows = _rows(db, level)
    from screening.report.explain import explain

    typer.echo(explain(_only(rows, host, ion, db)))


def structure(
    host: HostName,
    ion: IonName,
    *,
    output: Output,
    site: Annotated[
        str | None,
        typer.Option(
            "--site", metavar="SITE", help="Where the ion was placed; 'host': without the ion."
        ),
    ] = None,
    db: Db = DEFAULT_DB,
    level: LevelName = None,
) -> None:
    """Write the relaxed structure behind a value (CIF, POSCAR, extended XYZ)."""
    form = _structure_format(output)
    store, rows = _rows(db, level)
    from screening.pipeline.structures import structure_of

    row = _only(rows, host, ion, db)
    _write(output, form, structure_of(store, row, site))
    typer.echo(f"{output}: {row.ion} on {row.candidate}, {site or row['site']}", err=True)


def structures(
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to fill.")],
    db: Db = DEFAULT_DB,
    level: LevelName = None,
) -> None:
    """Write every relaxed host, and every host with an ion at its best site, as extended XYZ."""
    store, rows = _rows(db, level)
    from screening.pipeline.structures import CLEAN, structure_of

    if output.exists() and not output.is_dir():
        raise StoreError("is no folder", where=str(output), allowed="a folder, made if need be")
    output.mkdir(parents=True, exist_ok=True)
    written: set[Path] = set()
    for row in rows:
        for name, site in ((row.candidate, CLEAN), (f"{row.candidate}.{row.ion}", None)):
            path = output / f"{name}.extxyz"
            if path in written or not (row.host_task if site else "e_ads_ev" in row.values):
                continue
            _write(path, "extxyz", structure_of(store, row, site))
            written.add(path)
    typer.echo(f"{output}: {len(written)} structures", err=True)


def _rows(db: str, level: str | None) -> tuple[Store, list[Row]]:
    from screening.pipeline.store import open_store
    from screening.ranking.levels import require_one_level, select_level

    store = open_store(db)
    rows = store.rows()
    rows = select_level(rows, level) if level else rows
    require_one_level(rows)
    return store, rows


def _only(rows: Iterable[Row], host: str, ion: str, db: str) -> Row:
    mine = [row for row in rows if row.candidate == host]
    for row in mine:
        if row.ion == ion:
            return row
    known = sorted({row.ion for row in mine} or {row.candidate for row in rows})
    raise InputError(f"no row of {host} with {ion}", where=db, allowed=", ".join(known))


def _structure_format(output: Path) -> str:
    form = file_format(output)
    if form in {PICTURE, "json"}:
        allowed = ", ".join(s for s, f in FORMATS.items() if f not in {PICTURE, "json"})
        raise StoreError("is no format for a structure", where=str(output), allowed=allowed)
    return form


def _write(path: Path, form: str, atoms: Atoms) -> None:
    import io

    from ase.io import write

    from screening.files import write_atomic

    if form == "cif":
        binary = io.BytesIO()
        write(binary, atoms, format=form)
        write_atomic(path, binary.getvalue())
        return
    text = io.StringIO()
    write(text, atoms, format=form)
    write_atomic(path, text.getvalue())
