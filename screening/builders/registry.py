"""Builders by name: a family's file registers its functions here, a recipe calls one."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from ase import Atoms
from pydantic import Field

from screening.builders.slab import SlabCut
from screening.builders.validate import validate_structure
from screening.config import StrictModel, parse
from screening.errors import InputError, RecipeError
from screening.structure.candidate import Candidate, Geometry, check_id, json_able


class Recipe(StrictModel):
    """One entry of ``structures/``: everything needed to build a candidate again.

    Attributes
    ----------
    id
        Unique name of the candidate.
    builder
        Registered builder, see `builder_names`.
    parameters
        Arguments of the builder; each builder has a strict schema of its own.
    source
        Paper or file that the host comes from.
    review
        Rows of the review (``R01`` … ``R20``) that the host belongs to.
    """

    id: str
    builder: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    family: str | None = None
    source: str = ""
    review: tuple[str, ...] = ()
    note: str = ""


BuildFunction = Callable[..., Atoms]

CrystalFunction = Callable[[Any], tuple[Atoms, SlabCut]]
"""From a builder's parameters to the crystal behind the host, and the cut through it."""


@dataclass(frozen=True)
class Builder:
    """A registered builder: its parameters' schema and the function that makes the atoms.

    `crystal` is there for hosts that are cut from one, see `bulk.crystal_of`.
    """

    name: str
    family: str
    geometry: Geometry | None
    parameters: type[StrictModel]
    build: BuildFunction
    crystal: CrystalFunction | None = None

    @property
    def reads_files(self) -> bool:
        """Whether the function takes the recipe's folder as its second argument."""
        return len(inspect.signature(self.build).parameters) > 1

    @property
    def summary(self) -> str:
        """First line of the function's docstring."""
        return (inspect.getdoc(self.build) or "").partition("\n")[0]


_BUILDERS: dict[str, Builder] = {}


def builder(
    name: str, *, family: str, geometry: Geometry | None, crystal: CrystalFunction | None = None
) -> Callable[[BuildFunction], BuildFunction]:
    """Register a function of one `StrictModel` argument that returns the host's atoms.

    A function that reads files takes the recipe's folder as a second argument.

    Parameters
    ----------
    geometry
        Geometry of all its hosts; None if the parameters carry a ``geometry`` field.
    crystal
        Crystal and cut behind a host; raises `RecipeError` if these parameters have none.
    """

    def register(function: BuildFunction) -> BuildFunction:
        argument = next(iter(inspect.signature(function).parameters))
        schema = get_type_hints(function)[argument]
        _BUILDERS[name] = Builder(name, family, geometry, schema, function, crystal)
        return function

    return register


def builder_names() -> list[str]:
    """Names of all registered builders, sorted."""
    return sorted(_BUILDERS)


def get_builder(name: str, where: str) -> Builder:
    """Look a builder up, with a did-you-mean for typing errors.

    Raises
    ------
    RecipeError
        If there is no such builder.
    """
    if name in _BUILDERS:
        return _BUILDERS[name]
    close = difflib.get_close_matches(name, _BUILDERS, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise RecipeError(
        f"unknown builder {name!r}{hint}", where=where, allowed=", ".join(builder_names())
    )


def build(recipe: Recipe, where: str = "recipe", folder: Path = Path()) -> Candidate:
    """Build and validate the candidate of a recipe.

    Parameters
    ----------
    where
        What error messages name.
    folder
        Where relative paths in the recipe start.

    Raises
    ------
    RecipeError, StructureError
        Unknown builder, wrong parameter, or a structure that cannot be screened.
    """
    check_id(recipe.id, where)
    entry = get_builder(recipe.builder, f"{where}: builder")
    parameters = parse(entry.parameters, recipe.parameters, f"{where}: parameters")
    try:
        atoms = entry.build(parameters, folder) if entry.reads_files else entry.build(parameters)
    except InputError as error:
        place = f"{where}: {error.where}" if error.where else where
        raise type(error)(error.what, where=place, allowed=error.allowed) from None
    geometry = entry.geometry or getattr(parameters, "geometry")  # noqa: B009 (schema differs)
    validate_structure(atoms, geometry, where)
    return Candidate(
        id=recipe.id,
        family=recipe.family or entry.family,
        geometry=geometry,
        atoms=atoms,
        recipe=json_able(recipe.model_dump(mode="json")),
    )
