"""`alkascreen build`: structures and pictures of hosts."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli import add, builders
from screening.cli.add import describe_sites
from screening.cli.options import Output
from screening.errors import RecipeError, StoreError

if TYPE_CHECKING:
    from screening.structure import Candidate

PICTURE = "picture"
FORMATS = {
    ".extxyz": "extxyz",
    ".xyz": "extxyz",
    ".cif": "cif",
    ".vasp": "vasp",
    ".poscar": "vasp",
    ".json": "json",
    ".png": PICTURE,
}


def register(app: typer.Typer) -> None:
    """Add the commands about structures to the application."""
    app.command(epilog="Example: alkascreen build graphene-N --sites -o graphene-N.png")(build)
    add.register(app)
    builders.register(app)


def build(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE_OR_ID", help="Id of a candidate, or a recipe's YAML.")
    ],
    output: Output,
    *,
    sites: Annotated[
        bool, typer.Option("--sites", help="Mark the adsorption sites; for a picture.")
    ] = False,
) -> None:
    """Build one host and write its structure (CIF, POSCAR, extended XYZ …) or a picture (PNG)."""
    from screening.builders.statements import doubts

    form = file_format(output)
    if sites and form != PICTURE:
        raise StoreError("--sites marks sites in pictures only", where=str(output), allowed=".png")
    if form == PICTURE:
        require_matplotlib(output)
    candidate = _candidate(recipe)
    summary = f"{candidate.id}, {candidate.formula}, {candidate.geometry}"
    summary += f", {len(candidate.atoms)} atoms"
    if form == PICTURE:
        from screening.geometry import find_sites
        from screening.report.pictures.host import draw

        marked = find_sites(candidate.atoms, candidate.geometry) if sites else ()
        draw(candidate, output, marked)
        summary += f"; {describe_sites(marked)}" if sites else ""
    else:
        from screening.files import write_atomic

        write_atomic(output, structure_bytes(candidate, form))
    typer.echo(f"{output}: {summary}", err=True)
    for doubt in doubts(candidate.atoms, candidate.geometry):
        typer.echo(f"  {doubt}", err=True)


def file_format(output: Path) -> str:
    """Return ASE's name of the format that a file name asks for, or `PICTURE`.

    Raises
    ------
    StoreError
        If it asks for none that is written here.
    """
    if output.name.upper() in {"POSCAR", "CONTCAR"}:
        return "vasp"
    if output.suffix.lower() in FORMATS:
        return FORMATS[output.suffix.lower()]
    raise StoreError(
        f"unknown format {output.suffix or output.name!r}",
        where=str(output),
        allowed=", ".join([*FORMATS, "POSCAR"]),
    )


def require_picture(output: Path) -> None:
    """Check before anything is done that a file can be a picture, and that pictures can be drawn.

    Raises
    ------
    StoreError
        If it is no PNG, or matplotlib is not installed.
    """
    if output.suffix.lower() != ".png":
        raise StoreError("not a picture", where=str(output), allowed=".png")
    require_matplotlib(output)


def require_matplotlib(output: Path) -> None:
    """Say which extra draws pictures, without importing matplotlib."""
    if importlib.util.find_spec("matplotlib") is None:
        raise StoreError(
            "a picture needs matplotlib; install it with: pip install 'alkascreen[report]'",
            where=str(output),
        )


def structure_bytes(candidate: Candidate, form: str) -> bytes:
    """Return the structure as a file's content, with id and recipe where the format holds them."""
    from ase.io import write

    atoms = candidate.atoms.copy()
    atoms.info = {"candidate": candidate.id, "recipe": json.dumps(candidate.recipe)}
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder, "structure")
        write(draft, atoms, format=form)
        return draft.read_bytes()


def _candidate(name: str) -> Candidate:
    from screening.builders import build as build_recipe
    from screening.builders import load_catalogue
    from screening.builders.recipes import read_recipes
    from screening.resources import default_structures

    path = Path(name)
    if path.suffix not in {".yaml", ".yml"}:
        return load_catalogue(default_structures()).build(name)
    recipes = read_recipes(path)
    if len(recipes) != 1:
        ids = ", ".join(recipe.id for recipe in recipes)
        raise RecipeError(f"holds {len(recipes)} recipes", where=name, allowed=f"one; has {ids}")
    return build_recipe(recipes[0], name, path.parent)
