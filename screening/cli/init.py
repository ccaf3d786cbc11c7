"""`alkascreen init`: a working folder for people who installed the package."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from screening.errors import StoreError
from screening.resources import shipped

FOLDERS = ("structures", "workflows")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen init my-screening && cd my-screening")(init)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to lay out.")],
) -> None:
    """Lay out workflows/, structures/ and results/ with the shipped recipes."""
    there = [name for name in (*FOLDERS, "results") if (directory / name).exists()]
    if there:
        raise StoreError(
            f"{' and '.join(there)} already there; nothing was changed",
            where=str(directory),
            allowed="a new or empty folder",
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # Copied beside its place first: a full disk leaves no half of a catalogue.
        with tempfile.TemporaryDirectory(dir=directory, prefix=".init-") as draft:
            for name in FOLDERS:
                shutil.copytree(shipped(name), Path(draft, name))
            for name in FOLDERS:
                Path(draft, name).rename(directory / name)
        (directory / "results").mkdir()
    except OSError as error:
        raise StoreError(
            f"cannot be laid out: {error.strerror or error}",
            where=str(directory),
            allowed="a writable folder",
        ) from None
    typer.echo(f"{directory}: now run 'alkascreen run workflows/quickstart.yaml' in it", err=True)
