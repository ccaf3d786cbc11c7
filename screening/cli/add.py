"""`alkascreen add`: structures of your own, read, checked, and added to structures/."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from screening.cli.console import one_line
from screening.errors import InputError, RecipeError, StoreError

if TYPE_CHECKING:
    from screening.geometry import Site

STRUCTURES = Path("structures")
MANY_SITES = 12
USER_FAMILY = "user"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen add my-slabs/*.cif --family oxide")(add)


def add(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="CIF, POSCAR, extxyz …, or a folder of them."),
    ],
    *,
    candidate_id: Annotated[
        str | None,
        typer.Option("--id", help="Name of the new candidate; by default the file's."),
    ] = None,
    family: Annotated[
        str, typer.Option("--family", help="Family that tables list it under.")
    ] = USER_FAMILY,
    geometry: Annotated[
        Literal["sheet", "slab", "tube", "cluster"] | None,
        typer.Option("--geometry", help="What it is, where the guess is wrong."),
    ] = None,
    frame: Annotated[
        str | None,
        typer.Option("--frame", metavar="N|NAME", help="Which frame, or block of a CIF."),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option("--size", metavar="a,b", help="Repetitions of the surface cell."),
    ] = None,
    spacing: Annotated[
        float | None,
        typer.Option(
            "--spacing", metavar="Å", help="Repeat it until an ion's images are so far apart."
        ),
    ] = None,
    ordered: Annotated[
        bool,
        typer.Option("--order", help="Fill sites that are occupied in part, in a larger cell."),
    ] = False,
    miller: Annotated[
        str | None,
        typer.Option("--miller", metavar="h,k,l", help="Plane to cut from a bulk crystal."),
    ] = None,
    termination: Annotated[
        str | None,
        typer.Option("--termination", help="Elements of the cut's top plane, such as O."),
    ] = None,
    layers: Annotated[
        int | None, typer.Option("--layers", help="Atomic planes of the cut.")
    ] = None,
    thickness: Annotated[
        float | None, typer.Option("--thickness", metavar="Å", help="Least thickness of the cut.")
    ] = None,
) -> None:
    """Check structures of your own and add them to structures/.

    Everything that is guessed, changed or dropped on the way is said.
    """
    if not STRUCTURES.is_dir():
        raise StoreError(
            "no such folder here",
            where=f"{STRUCTURES}/",
            allowed="one made by 'alkascreen init DIR'",
        )
    found = structure_files(files)
    if candidate_id is not None and len(found) > 1:
        raise RecipeError(
            f"one id for {len(found)} files",
            where="--id",
            allowed="no --id: files name their hosts",
        )
    options = {
        "geometry": geometry, "frame": frame, "size": repetitions(size), "spacing": spacing,
        "ordered": ordered, "miller": miller_indices(miller), "termination": termination,
        "layers": layers, "thickness": thickness,
    }  # fmt: skip
    if len(found) == 1:
        name = id_of(found[0]) if candidate_id is None else candidate_id
        _add_one(found[0], name, family, options)
        return
    failed = 0
    for file in found:
        try:
            _add_one(file, id_of(file), family, options)
        except InputError as error:
            failed += 1
            typer.echo(f"Error: {one_line(str(error))}", err=True)
    typer.echo(f"added {len(found) - failed} of {len(found)} files", err=True)
    if failed:
        raise typer.Exit(2)


def _add_one(file: Path, candidate_id: str, family: str, options: dict[str, Any]) -> None:
    from screening.builders import add_structure
    from screening.builders.families.file import SEPARATOR
    from screening.geometry import find_sites

    candidate = add_structure(file, candidate_id, family, STRUCTURES, **options)
    sites = describe_sites(find_sites(candidate.atoms, candidate.geometry))
    picture = f"'alkascreen build {candidate.id} --sites -o {candidate.id}.png' shows them"
    typer.echo(
        f"added {candidate.id}: {candidate.formula}, {candidate.geometry}, "
        f"{len(candidate.atoms)} atoms",
        err=True,
    )
    for statement in [*str(candidate.recipe["note"]).split(SEPARATOR), f"{sites}; {picture}"]:
        typer.echo(f"  {one_line(statement)}", err=True)


def structure_files(paths: Sequence[Path]) -> list[Path]:
    """Files as given; of a folder all those in it whose names are those of structures.

    Raises
    ------
    StoreError
        If a folder holds none.
    """
    from screening.builders.reading.files import names_a_structure

    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [file for file in sorted(path.iterdir()) if names_a_structure(file)]
        if not inside:
            raise StoreError(
                "holds no structure files",
                where=f"{path}/",
                allowed="files like x.cif, x.vasp, POSCAR, x.extxyz",
            )
        found += inside
    return list(dict.fromkeys(found))


def id_of(file: Path) -> str:
    """Id that a file's name makes: ``POSCAR`` takes its folder's, other characters become ``-``."""
    bare = re.fullmatch(r"(?i)poscar|contcar|coord|geometry\.in|structure\.\w+", file.name)
    name = file.absolute().parent.name if bare else file.stem
    text = re.sub(r"[^A-Za-z0-9_.+-]+", "-", name).strip("-.")
    text = re.sub(r"\.{2,}", ".", text)
    return (text if re.match(r"[A-Za-z]", text) else f"host-{text}".rstrip("-"))[:120]


def describe_sites(sites: Sequence[Site]) -> str:
    """Return how many adsorption sites there are and the first of their names."""
    named = ", ".join(site.label for site in sites[:MANY_SITES])
    more = f", … ({len(sites) - MANY_SITES} more)" if len(sites) > MANY_SITES else ""
    return f"{len(sites)} distinct adsorption sites: {named}{more}" if sites else "no sites"


def miller_indices(text: str | None) -> tuple[int, ...] | None:
    """Read ``1,1,0`` or, for hexagonal crystals, ``1,0,-1,0``.

    Raises
    ------
    RecipeError
        If it is not three or four whole numbers.
    """
    if text is None:
        return None
    if not re.fullmatch(r"-?\d{1,2}(,-?\d{1,2}){2,3}", text):
        raise RecipeError(
            f"{text!r} are no Miller indices", where="--miller", allowed="like 1,1,0 or 1,0,-1,0"
        )
    return tuple(int(index) for index in text.split(","))


def repetitions(text: str | None) -> tuple[int, int] | None:
    """Read ``2,1`` or ``2x1``.

    Raises
    ------
    RecipeError
        If it is not two whole numbers above zero.
    """
    if text is None:
        return None
    if not re.fullmatch(r"[1-9]\d?[,x][1-9]\d?", text):
        raise RecipeError(f"{text!r} are no repetitions", where="--size", allowed="like 2,1")
    first, second = re.split("[,x]", text)
    return int(first), int(second)
