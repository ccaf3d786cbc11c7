"""The catalogue: every recipe below a folder, its matrices expanded, nothing built until asked."""

from __future__ import annotations

import difflib
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import Field

from screening.builders.registry import Recipe, build, get_builder
from screening.config import StrictModel, load_yaml, parse
from screening.errors import RecipeError
from screening.structure.candidate import Candidate, check_id

MAX_RECIPES = 100_000


class _Entry(Recipe):
    """A recipe as written: ``matrix`` gives lists of values for some of the parameters."""

    matrix: dict[str, tuple[Any, ...]] = Field(default_factory=dict)


class _RecipeFile(StrictModel):
    recipes: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Catalogue:
    """Recipes by id, sorted.

    Attributes
    ----------
    recipes
        Id to recipe.
    files
        Id to the YAML file that holds it.
    """

    recipes: Mapping[str, Recipe]
    files: Mapping[str, Path]

    def get(self, candidate_id: str) -> Recipe:
        """Return the recipe of that id.

        Raises
        ------
        RecipeError
            If there is none; names the closest id.
        """
        if candidate_id in self.recipes:
            return self.recipes[candidate_id]
        raise RecipeError(f"unknown candidate {candidate_id!r}{self._hint(candidate_id)}")

    def select(self, patterns: Iterable[str]) -> tuple[Recipe, ...]:
        """Return the recipes that any of the patterns (``graphene-*``) names, sorted by id.

        Raises
        ------
        RecipeError
            If a pattern names none.
        """
        chosen: set[str] = set()
        for pattern in patterns:
            found = [name for name in self.recipes if fnmatchcase(name, pattern)]
            if not found:
                raise RecipeError(f"no candidate matches {pattern!r}{self._hint(pattern)}")
            chosen.update(found)
        return tuple(recipe for name, recipe in self.recipes.items() if name in chosen)

    def build(self, candidate_id: str) -> Candidate:
        """Build and validate one candidate.

        Raises
        ------
        RecipeError, StructureError
            See `registry.build`.
        """
        recipe = self.get(candidate_id)
        file = self.files[candidate_id]
        return build(recipe, f"{file}: {candidate_id}", file.parent)

    def _hint(self, name: str) -> str:
        close = difflib.get_close_matches(name, self.recipes, n=1)
        return f"; did you mean {close[0]!r}?" if close else "; see `alkascreen candidates`"


def load_catalogue(directory: Path) -> Catalogue:
    """Read every ``*.yaml`` below a folder of recipes.

    A file holds one recipe, or a list of them under ``recipes``.

    Raises
    ------
    RecipeError
        No such folder, a broken recipe, an unknown builder, or an id that is given twice.
    """
    if not directory.is_dir():
        raise RecipeError("no such folder of recipes", where=str(directory))
    recipes: dict[str, Recipe] = {}
    files: dict[str, Path] = {}
    for file in sorted([*directory.rglob("*.yaml"), *directory.rglob("*.yml")]):
        if _is_no_recipe(file.relative_to(directory)):
            continue
        for recipe in read_recipes(file):
            if recipe.id in recipes:
                both = f"{files[recipe.id]} and {file}"
                raise RecipeError(f"id {recipe.id!r} is given twice", where=both)
            recipes[recipe.id], files[recipe.id] = recipe, file
    order = sorted(recipes)
    return Catalogue({i: recipes[i] for i in order}, {i: files[i] for i in order})


def _is_no_recipe(file: Path) -> bool:
    """Whether a file holds crystals or facts about hosts, which have other readers."""
    return file.parts[0] == "phases" or file == Path("experiments.yaml")


def read_recipes(file: Path) -> list[Recipe]:
    """Read and expand the recipes of one YAML file, see `load_catalogue`."""
    data = load_yaml(file)
    entries = parse(_RecipeFile, data, str(file)).recipes if "recipes" in data else (data,)
    return [
        recipe
        for number, entry in enumerate(entries, 1)
        for recipe in expand(entry, f"{file}: {entry.get('id', f'recipe {number}')}")
    ]


def expand(data: Mapping[str, Any], where: str) -> Iterator[Recipe]:
    """Yield the recipes of one entry: the product of the lists in its ``matrix``, if any.

    The id of each is the entry's id followed by its values, so that it stays the same when the
    lists grow: ``doped`` with ``dopant: [B, N]`` gives ``doped-B`` and ``doped-N``.

    Raises
    ------
    RecipeError
        For a wrong entry, an unknown builder, or a matrix of parameters that the builder does not
        take, without candidates or with too many.
    """
    entry = parse(_Entry, data, where)
    schema = get_builder(entry.builder, f"{where}: builder").parameters
    fields = {name: getattr(entry, name) for name in Recipe.model_fields}
    _check_matrix(entry, schema, f"{where}: matrix")
    for values in itertools.product(*entry.matrix.values()):
        name = "-".join([entry.id, *(slug(value, f"{where}: matrix") for value in values)])
        check_id(name, where)
        parameters = {**entry.parameters, **dict(zip(entry.matrix, values, strict=True))}
        yield Recipe.model_construct(**{**fields, "id": name, "parameters": parameters})


def _check_matrix(entry: _Entry, schema: type[StrictModel], where: str) -> None:
    """Refuse what no candidate of the product could be built from, before any is listed."""
    for key, values in entry.matrix.items():
        if key in entry.parameters or not values:
            reason = "has no values" if not values else "also stands in parameters"
            raise RecipeError(f"{key!r} {reason}", where=where)
    if math.prod(map(len, entry.matrix.values())) > MAX_RECIPES:
        raise RecipeError("too many candidates", where=where, allowed=f"up to {MAX_RECIPES}")
    for key, values in entry.matrix.items():
        if key not in schema.model_fields:
            allowed = ", ".join(sorted(schema.model_fields))
            raise RecipeError(f"{key}: unknown key", where=where, allowed=allowed)
        if schema.model_fields[key].annotation is not bool:
            for value in values:
                if isinstance(value, bool):
                    raise RecipeError(
                        f"{key}: {value} is no value of it; YAML reads NO, no, off, yes, on as "
                        "true or false: put it in quotes",
                        where=where,
                    )


def slug(value: Any, where: str) -> str:
    """Return a value as a part of an id: ``[3, 3]`` is ``3x3``, ``true`` is ``true``.

    Raises
    ------
    RecipeError
        If the value is a mapping, for which there is no short name.
    """
    if isinstance(value, (list, tuple)):
        return "x".join(slug(item, where) for item in value) or "none"
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise RecipeError(
        f"{value!r} cannot stand in a matrix",
        where=where,
        allowed="text, numbers, and lists of them",
    )
