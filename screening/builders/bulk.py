"""The crystal behind a slab: what a recipe cuts, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ase import Atoms

from screening.builders.registry import CrystalFunction, builder_names, get_builder
from screening.builders.slab import SlabCut
from screening.config import parse
from screening.errors import InputError, RecipeError


def crystal_of(recipe: Mapping[str, Any]) -> tuple[Atoms, SlabCut]:
    """Conventional cell of the crystal that a candidate was cut from, and its cut.

    Parameters
    ----------
    recipe
        As in `Candidate.recipe`; left untouched.

    Raises
    ------
    RecipeError
        If the host is no plain cut of one crystal: a sheet, a film, a guest in the surface, a
        rebuilt surface, a user's slab.
    """
    name = str(recipe.get("builder"))
    cutting = [each for each in builder_names() if get_builder(each, "builder").crystal]
    refusal = RecipeError(
        f"builder {name!r} cuts no crystal", where="builder", allowed=", ".join(cutting)
    )
    if name not in cutting:
        raise refusal
    entry = get_builder(name, "builder")
    try:
        parameters = parse(entry.parameters, recipe.get("parameters", {}), "parameters")
    except InputError:
        raise refusal from None
    return cast("CrystalFunction", entry.crystal)(parameters)
