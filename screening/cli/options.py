"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.errors import InputError
from screening.units import Ion

if TYPE_CHECKING:
    from screening.pipeline.store import Store

DEFAULT_DB = "results/alkascreen.db"

Db = Annotated[
    str, typer.Option("--db", metavar="FILE", help="Database of results, or a PostgreSQL URL.")
]
Kept = Annotated[
    str | None,
    typer.Option("--db", metavar="FILE", help="Database that keeps what is computed."),
]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Worker processes.")]
OneIon = Annotated[Ion | None, typer.Option("--ion", help="Only this ion.")]
WeightsFile = Annotated[
    Path | None,
    typer.Option("--weights", metavar="FILE", help="YAML with anchors and weights of the score."),
]
LevelName = Annotated[
    str | None,
    typer.Option(
        "--level",
        metavar="NAME",
        help="Only rows of this level: calculator, calculator:model or fingerprint.",
    ),
]
Mix = Annotated[bool, typer.Option("--mix", help="Let rows of different level share a table.")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="File to write.")]


def comma_list(text: str | None, option: str) -> tuple[str, ...] | None:
    """Split ``a,b,c``; None stays None.

    Raises
    ------
    InputError
        If an entry is empty or given twice.
    """
    if text is None:
        return None
    entries = tuple(entry.strip() for entry in text.split(","))
    if not all(entries) or len(set(entries)) < len(entries):
        raise InputError(
            f"{text!r} has an empty or repeated entry", where=option, allowed="a list like A,B,C"
        )
    return entries


def open_kept(db: str | None) -> Store | None:
    """Open the database that keeps results, a new one if need be; None where none is named."""
    from screening.pipeline.store import open_store

    return None if db is None else open_store(db, create=True)
