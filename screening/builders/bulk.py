"""The crystal behind a slab: what a recipe cuts, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

from ase import Atoms

from screening.builders.families.alloy import ALLOYS, AlloyParameters
from screening.builders.families.metal import MetalParameters, metal_bulk
from screening.builders.families.oxide import OXIDES, OxideParameters
from screening.builders.registry import get_builder
from screening.builders.slab import SlabCut
from screening.config import parse
from screening.errors import RecipeError


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
        rebuilt surface, a user's file.
    """
    name = str(recipe.get("builder"))
    if name not in _CRYSTALS:
        raise RecipeError(
            f"builder {name!r} cuts no crystal", where="builder", allowed=", ".join(_CRYSTALS)
        )
    schema = get_builder(name, "builder").parameters
    parameters = cast("SlabCut", parse(schema, recipe.get("parameters", {}), "parameters"))
    return _CRYSTALS[name](parameters), parameters


def _metal(parameters: MetalParameters) -> Atoms:
    return metal_bulk(parameters.element, parameters.scale)


def _alloy(parameters: AlloyParameters) -> Atoms:
    return ALLOYS[parameters.compound].atoms()


def _oxide(parameters: OxideParameters) -> Atoms:
    if parameters.treatment != "none":
        raise RecipeError(f"the {parameters.treatment} surface is rebuilt, no plain cut")
    return OXIDES[parameters.oxide].atoms()


_CRYSTALS: Mapping[str, Callable[[Any], Atoms]] = MappingProxyType(
    {"metal": _metal, "alloy": _alloy, "oxide": _oxide}
)
