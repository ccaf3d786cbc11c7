"""Graphene and graphite: sheets of any size, doped, with vacancies, with functional groups."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from ase import Atoms
from ase.build import graphene
from ase.constraints import FixAtoms
from pydantic import Field

from screening.builders.groups import Decorated, dress
from screening.builders.registry import builder
from screening.builders.sp2 import CC_BOND_A, Network, network
from screening.builders.supercell import in_vacuum
from screening.config import StrictModel
from screening.errors import RecipeError

MAX_CELLS = 500

INTERLAYER_A = 3.35
"""Layer distance of graphite, Å (experiment: Baskin & Meyer, Phys. Rev. 100, 544 (1955),
doi:10.1103/PhysRev.100.544)."""


class Graphene(Decorated):
    """Parameters of ``graphene``.

    Attributes
    ----------
    size
        Hexagonal cells along a and b, 2.46 Å each; the ion's image is that far away.
    vacuum
        Empty space above and below the sheet, each, Å.
    """

    size: tuple[int, int] = (3, 3)
    vacuum: float = Field(default=8.0, ge=4.0, le=50.0)


class Graphite(StrictModel):
    """Parameters of ``graphite``: AB-stacked layers, the lowest ones fixed."""

    size: tuple[int, int] = (3, 3)
    layers: int = Field(default=2, ge=2, le=12)
    fixed_layers: int = Field(default=1, ge=1, le=11)
    vacuum: float = Field(default=8.0, ge=4.0, le=50.0)


@builder("graphene", family="carbon", geometry="sheet")
def build_graphene(parameters: Graphene) -> Atoms:
    """Graphene: pristine, doped, defective or with functional groups on both faces."""
    net = _pristine(parameters.size)
    edit = dress(net, parameters, middle_atom(net.atoms), faces=2)
    return in_vacuum(edit.apply(net.atoms), parameters.vacuum)


@builder("graphite", family="carbon", geometry="slab")
def build_graphite(parameters: Graphite) -> Atoms:
    """Graphite (0001): AB-stacked graphene layers on fixed ones."""
    slab = Atoms(cell=honeycomb(parameters.size).cell)
    for level in range(parameters.layers):
        layer = honeycomb(parameters.size)
        shift = layer.get_distance(0, 1, vector=True) if level % 2 else np.zeros(3)
        layer.positions += [*shift[:2], level * INTERLAYER_A]
        slab.extend(layer)
    held = parameters.fixed_layers * len(slab) // parameters.layers
    slab.set_constraint(FixAtoms(range(held)))
    return in_vacuum(slab, parameters.vacuum)


@lru_cache(maxsize=64)
def _pristine(size: tuple[int, int]) -> Network:
    """Return the sheet with its bonds; kept, since thousands of recipes start from a few."""
    sheet = honeycomb(size)
    return network(sheet, np.tile([0.0, 0.0, 1.0], (len(sheet), 1)))


def honeycomb(size: tuple[int, int]) -> Atoms:
    """Return flat graphene in the plane z = 0 with a placeholder cell height.

    Raises
    ------
    RecipeError
        If a size is not positive, or the sheet would be too large.
    """
    check_size(size)
    sheet: Atoms = graphene(a=CC_BOND_A * np.sqrt(3), size=(*size, 1), vacuum=10.0)
    sheet.positions[:, 2] = 0.0
    sheet.pbc = (True, True, False)
    return sheet


def check_size(size: tuple[int, ...]) -> None:
    """Raise `RecipeError` unless every repetition is positive and the product is sane."""
    if min(size) < 1 or int(np.prod([float(n) for n in size])) > MAX_CELLS:
        raise RecipeError(
            f"size {list(size)} is not valid", allowed=f"1 or more each, {MAX_CELLS} cells in all"
        )


def middle_atom(atoms: Atoms) -> int:
    """Return the atom nearest to the centre of the cell; of equals, the first."""
    offset = atoms.positions - np.asarray(atoms.cell).sum(axis=0) / 2
    return int(np.argmin(np.round(np.linalg.norm(offset[:, :2], axis=1), 3)))
