"""Slabs: where a crystal is cut, shared by metals, alloys and oxides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Annotated, Literal

import spglib
from ase import Atoms
from pydantic import Field

from screening.builders.block import Block, atomic_planes, oriented, ratios
from screening.builders.supercell import SurfaceCell, in_vacuum, repeat_surface
from screening.errors import RecipeError

__all__ = [
    "Cut",
    "Faces",
    "Miller",
    "SlabCut",
    "atomic_planes",
    "best_cut",
    "cut_slab",
    "lattice_period",
    "three_indices",
]

Faces = Literal["stoichiometric", "symmetric", "both"]
"""What a slab of a compound keeps: the bulk's composition, equal faces, or both of them."""

Miller = Annotated[tuple[int, ...], Field(strict=False, min_length=3, max_length=4)]

POLAR_E_A = 0.05
"""A slab with a formal dipole above this is called polar, e/Å; neighbouring planes of ±1 e on
10 Å², 1 Å apart, have 0.1."""

_SYMMETRY_TOLERANCE_A = 0.01


class SlabCut(SurfaceCell):
    """Where a crystal is cut.

    Attributes
    ----------
    miller
        Miller indices (three, or four for a hexagonal crystal) in the conventional cell.
    thickness
        Least distance between the outermost atomic planes, Å; ignored if `layers` is given.
    layers
        Number of atomic planes.
    termination
        Elements of the top plane, such as ``O`` or ``LiAg``; by default the one without a dipole
        along the normal whose cut breaks the fewest bonds.
    """

    miller: Miller
    thickness: Annotated[float, Field(gt=0, le=60)] = 6.0
    layers: Annotated[int, Field(ge=2, le=60)] | None = None
    termination: str | None = None


@dataclass(frozen=True)
class Cut:
    """A slab and what the cut did to the crystal.

    Attributes
    ----------
    atoms
        See `cut_slab`.
    dipole_e_a
        Dipole along the normal per area by formal charges, e/Å; None for metals.
    broken_per_a2
        Bonds broken per area, both faces together, 1/Å².
    equal_faces
        Whether a symmetry operation turns the slab upside down.
    n_molecules
        Molecular ions in the crystal's primitive cell, all kept whole.
    """

    atoms: Atoms
    dipole_e_a: float | None
    broken_per_a2: float
    equal_faces: bool
    n_molecules: int

    @property
    def polar(self) -> bool:
        """Whether the slab has a dipole."""
        return self.dipole_e_a is not None and abs(self.dipole_e_a) > POLAR_E_A


def cut_slab(bulk: Atoms, cut: SlabCut, faces: Faces = "stoichiometric") -> Atoms:
    """Cut a slab from a crystal, with the bottom half fixed; see `best_cut`.

    Returns
    -------
    Atoms
        c along +z, periodic in the plane, centred in the vacuum, sorted by height.
    """
    return best_cut(bulk, cut, faces).atoms


def best_cut(bulk: Atoms, cut: SlabCut, faces: Faces = "stoichiometric") -> Cut:
    """Of all slices through a crystal that are thick enough and end as asked, the best.

    One without a dipole, if there is any; then that which breaks the fewest bonds, the weakest if
    as many; then the one of fewest atoms, and of these one with equal faces. Molecular ions stay
    whole: a slice holds all of their atoms or none.

    Parameters
    ----------
    bulk
        Conventional cell, which the indices refer to; left untouched.
    faces
        Whether the slab keeps the bulk's composition, has equal faces, or both.

    Raises
    ------
    RecipeError
        Zero or inconsistent Miller indices, or no slice that ends as asked.
    """
    block = Block.of(bulk, three_indices(cut.miller), cut.thickness, cut.layers)
    formula = ratios(bulk.symbols)
    found: list[tuple[tuple[float, ...], Cut]] = []
    for inside in block.slices(cut.thickness, cut.layers, cut.termination):
        atoms = block.atoms[inside]
        if ratios(atoms.symbols) != formula and faces != "symmetric":
            continue
        equal = has_equal_faces(atoms)
        if not equal and faces != "stoichiometric":
            continue
        dipole = 0.0 if equal and block.charges is not None else block.dipole(inside)
        broken, strength = block.broken(inside)
        entry = Cut(atoms, dipole, broken, equal, block.n_molecules)
        found.append(((entry.polar, broken, strength, len(atoms), not equal), entry))
    if not found:
        raise _no_slice(block, cut, faces)
    for rank in range(len(found[0][0])):
        least = min(order[rank] for order, _ in found)
        found = [item for item in found if item[0][rank] <= least + 1e-6]
    chosen = found[0][1]
    slab = repeat_surface(in_vacuum(chosen.atoms, cut.vacuum), cut, fix_bottom=True)
    return replace(chosen, atoms=slab)


def has_equal_faces(atoms: Atoms) -> bool:
    """Whether a symmetry operation turns the slab upside down: then it has no dipole along z."""
    slab = in_vacuum(atoms, 10.0)
    cell = (slab.cell[:], slab.get_scaled_positions(), slab.numbers)
    dataset = spglib.get_symmetry(cell, symprec=_SYMMETRY_TOLERANCE_A)
    return dataset is not None and bool((dataset["rotations"][:, 2, 2] == -1).any())


def three_indices(miller: Sequence[int]) -> tuple[int, int, int]:
    """Return three coprime Miller indices; four are checked and shortened.

    Raises
    ------
    RecipeError
        If all are zero, or h + k + i is not zero.
    """
    h, k, *middle, last = miller
    if middle and h + k + middle[0] != 0:
        raise RecipeError(f"Miller indices {list(miller)}: h + k + i is not 0", where="miller")
    divisor = gcd(h, k, last)
    if divisor == 0:
        raise RecipeError(
            "Miller indices are all zero", where="miller", allowed="such as [1, 1, 0]"
        )
    return h // divisor, k // divisor, last // divisor


def lattice_period(bulk: Atoms, miller: Sequence[int]) -> float:
    """Distance between neighbouring lattice planes, Å: a slab thicker by this ends as before.

    Parameters
    ----------
    bulk, miller
        As in `cut_slab`.
    """
    return oriented(bulk, three_indices(miller))[2]


def _no_slice(block: Block, cut: SlabCut, faces: Faces) -> RecipeError:
    return RecipeError(
        f"no {faces} slab of planes {list(cut.miller)} ends in {cut.termination or 'any plane'}",
        where="termination",
        allowed=", ".join(block.ends()),
    )
