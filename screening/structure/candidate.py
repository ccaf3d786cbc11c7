"""The candidate: one validated host surface with its recipe as provenance."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from screening.errors import RecipeError, StructureError

Geometry = Literal["sheet", "slab", "tube", "cluster"]
"""How a host meets the ion: a sheet has two faces, a slab one (its bottom is fixed), a tube an
outside and an inside, a cluster is an isolated molecule or fragment."""

PERIODIC: Mapping[str, tuple[bool, bool, bool]] = {
    "sheet": (True, True, False),
    "slab": (True, True, False),
    "tube": (False, False, True),
    "cluster": (False, False, False),
}

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]{0,119}")
MAX_ATOMS = 2000


@dataclass(frozen=True)
class Candidate:
    """A host surface, ready to be screened.

    Attributes
    ----------
    id
        Unique name; letters, digits and ``_ . + -``, starting with a letter.
    family
        carbon, mxene, metal, alloy, oxide, framework, composite or a user's own word.
    geometry
        sheet, slab, tube or cluster; fixes the periodic axes and the faces.
    atoms
        Host without the ion. Cell vectors a, b lie in the surface plane, c along the normal
        (a tube's axis is c); a slab carries `FixAtoms` on its bottom layers. Treat as read-only:
        whoever changes a structure copies it first.
    recipe
        What built it: builder, parameters, source. JSON-able.
    """

    id: str
    family: str
    geometry: Geometry
    atoms: Atoms
    recipe: Mapping[str, Any]

    @property
    def formula(self) -> str:
        """Hill formula of the host."""
        return str(self.atoms.get_chemical_formula(mode="hill"))


def check_id(candidate_id: str, where: str) -> str:
    """Return the id if it is safe as a file name and a database value.

    Raises
    ------
    RecipeError
        For path separators, ``..``, control characters, or text that reads as a number.
    """
    allowed = "letters, digits and _ . + - (at most 120), starting with a letter"
    if not isinstance(candidate_id, str) or not _ID.fullmatch(candidate_id):
        raise RecipeError(f"id {candidate_id!r} is not valid", where=where, allowed=allowed)
    if ".." in candidate_id or candidate_id.lower() in {"nan", "inf", "infinity", "true", "false"}:
        raise RecipeError(f"id {candidate_id!r} is not valid", where=where, allowed=allowed)
    return candidate_id


def fixed_indices(atoms: Atoms) -> np.ndarray:
    """Return the indices of the atoms held by `FixAtoms`, shape (n_fixed,)."""
    held = [c.get_indices() for c in atoms.constraints if isinstance(c, FixAtoms)]
    return np.unique(np.concatenate(held)) if held else np.empty(0, dtype=int)


def json_able(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deep copy of a recipe made of JSON types only."""
    try:
        copy = json.loads(json.dumps(dict(recipe)))
    except (TypeError, ValueError) as error:
        raise StructureError(f"recipe cannot be stored as JSON: {error}") from None
    return dict(copy)
