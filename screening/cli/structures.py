"""`alkascreen build` and `add`: structures and pictures of hosts, and hosts of your own."""

from __future__ import annotations

import importlib.util
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from screening.cli.options import Output
from screening.errors import RecipeError, StoreError

if TYPE_CHECKING:
    from screening.geometry import Site
    from screening.structure import Candidate

STRUCTURES = Path("structures")
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
MANY_SITES = 12


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: alkascreen build graphene-N --sites -o graphene-N.png")(build)
    app.command(epilog="Example: alkascreen add my-slab.cif --id my-slab --family oxide")(add)


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


def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CIF, POSCAR, extxyz, …")],
    *,
    candidate_id: Annotated[str, typer.Option("--id", help="Name of the new candidate.")],
    family: Annotated[str, typer.Option("--family", help="Family that tables list it under.")],
    miller: Annotated[
        str | None,
        typer.Option("--miller", metavar="h,k,l", help="Plane to cut from a bulk crystal."),
    ] = None,
    geometry: Annotated[
        Literal["sheet", "slab", "tube", "cluster"] | None,
        typer.Option("--geometry", help="What it is, where the guess is wrong."),
    ] = None,
) -> None:
    """Check a structure of your own and add it to structures/."""
    if not STRUCTURES.is_dir():
        raise StoreError(
            "no such folder here",
            where=f"{STRUCTURES}/",
            allowed="one made by 'alkascreen init DIR'",
        )
    from screening.builders import add_structure
    from screening.geometry import find_sites

    candidate = add_structure(
        file, candidate_id, family, STRUCTURES, geometry=geometry, miller=miller_indices(miller)
    )
    typer.echo(
        f"added {candidate.id}: {candidate.formula}, {candidate.geometry}, "
        f"{len(candidate.atoms)} atoms; {candidate.recipe['note']}",
        err=True,
    )
    sites = find_sites(candidate.atoms, candidate.geometry)
    typer.echo(
        f"{describe_sites(sites)}; 'alkascreen build {candidate.id} --sites -o "
        f"{candidate.id}.png' shows them",
        err=True,
    )


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
