"""What a host is made of, seen as bulk matter: the parts of it that may react with the metal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ase.formula import Formula

from screening.builders.bulk import crystal_of
from screening.errors import RecipeError

Part = Mapping[str, int]
"""Atoms of each element in a formula unit."""

CARBON = {"C": 1}


def bulk_parts(recipe: Mapping[str, Any]) -> tuple[Part, ...]:
    """Parts of a host that are bulk matter, in contact with the ion; most hosts have one.

    Sheets of carbon count as graphite: groups and dopants on them are no bulk, and what they do is
    left to adsorption. A metal under graphene is not reached.

    Parameters
    ----------
    recipe
        As in `Candidate.recipe`; left untouched.

    Raises
    ------
    RecipeError
        If the host has no such part: a MXene, an organic framework, a user's file.
    """
    name = str(recipe.get("builder"))
    parameters = recipe.get("parameters", {})
    if name in _PARTS:
        return _PARTS[name](parameters)
    crystal, _ = crystal_of(_plain(recipe))
    return (_counts(crystal.symbols),)


def _plain(recipe: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the recipe of the unrebuilt surface, of which the crystal is that of the rebuilt."""
    kept = {k: v for k, v in recipe.get("parameters", {}).items() if k != "treatment"}
    return {**recipe, "parameters": kept}


def _carbon(_: Mapping[str, Any]) -> tuple[Part, ...]:
    return (CARBON,)


def _cluster(parameters: Mapping[str, Any]) -> tuple[Part, ...]:
    return (_formula(parameters["cluster"]), CARBON)


def _surface_alloy(parameters: Mapping[str, Any]) -> tuple[Part, ...]:
    return ({str(parameters["element"]): 1}, {str(parameters["guest"]): 1})


def _guest(parameters: Mapping[str, Any]) -> tuple[Part, ...]:
    return ({str(parameters["guest"]): 1},)


def _layered(parameters: Mapping[str, Any]) -> tuple[Part, ...]:
    known: Mapping[str, Part] = {
        "h-BN": {"B": 1, "N": 1},
        "MoS2": {"Mo": 1, "S": 2},
        "phosphorene": {"P": 1},
    }
    material = str(parameters["material"])
    if material not in known:
        raise RecipeError(f"{material} is no crystal of the catalogue", where="material")
    return (known[material],)


def _alumina(_: Mapping[str, Any]) -> tuple[Part, ...]:
    return ({"Al": 2, "O": 3},)


def _formula(text: str) -> Part:
    return dict(Formula(text).reduce()[0].count())


def _counts(symbols: Any) -> Part:
    return _formula(str(symbols.formula))


_PARTS: Mapping[str, Callable[[Mapping[str, Any]], tuple[Part, ...]]] = MappingProxyType({
    **dict.fromkeys(
        ("graphene", "graphite", "nanotube", "fullerene", "nanoribbon", "carbon-bowl"), _carbon
    ),
    "graphene-on-metal": _carbon,
    "cluster-on-graphene": _cluster,
    "surface-alloy": _surface_alloy,
    "decorated-mxene": _guest,
    "pillared-mxene": _guest,
    "layered": _layered,
    "alumina-on-metal": _alumina,
})  # fmt: skip
