"""Slabs: where a crystal is cut, shared by metals, alloys and oxides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import Annotated, Literal

import numpy as np
import spglib
from ase import Atoms
from ase.build import surface
from ase.formula import Formula
from pydantic import Field

from screening.builders.supercell import SurfaceCell, in_vacuum, repeat_surface
from screening.errors import RecipeError

Faces = Literal["stoichiometric", "symmetric", "both"]
"""What a slab of a compound keeps: the bulk's composition, equal faces, or both of them."""

Miller = Annotated[tuple[int, ...], Field(strict=False, min_length=3, max_length=4)]

PLANE_TOLERANCE_A = 0.1
"""Atoms whose heights differ by less belong to one atomic plane, Å."""

_Rows = tuple[tuple[float, ...], ...]

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
        Elements of the top plane, such as ``O`` or ``LiAg``; by default the cut runs through the
        widest gaps between planes, where the fewest bonds break.
    """

    miller: Miller
    thickness: Annotated[float, Field(gt=0, le=60)] = 6.0
    layers: Annotated[int, Field(ge=2, le=60)] | None = None
    termination: str | None = None


@dataclass(frozen=True)
class _Slice:
    """A run of atomic planes of a thick block: indices of the lowest and of the highest one."""

    bottom: int
    top: int
    gap: float
    n_atoms: int


def cut_slab(bulk: Atoms, cut: SlabCut, faces: Faces = "stoichiometric") -> Atoms:
    """Cut a slab from a crystal, with the bottom half fixed.

    Among all slices through the crystal that are thick enough and end as asked, take the one
    bounded by the widest gaps, then the one of fewest atoms; equal faces are preferred.

    Parameters
    ----------
    bulk
        Conventional cell; left untouched.
    faces
        Whether the slab keeps the bulk's composition, has equal faces, or both.

    Returns
    -------
    Atoms
        c along +z, periodic in the plane, centred in the vacuum, sorted by height.

    Raises
    ------
    RecipeError
        Zero or inconsistent Miller indices, or no slice that ends as asked.
    """
    miller = three_indices(cut.miller)
    block, period = _block(bulk, miller, cut)
    planes = atomic_planes(block)
    formula = _reduced(bulk.symbols)
    matching: list[tuple[bool, _Slice, Atoms]] = []
    for candidate in sorted(_slices(block, planes, period, cut), key=_preference):
        atoms = block[np.concatenate(planes[candidate.bottom : candidate.top + 1])]
        balanced = _reduced(atoms.symbols) == formula
        if not balanced and faces != "symmetric":
            continue
        if matching and _preference(candidate) > _preference(matching[0][1]):
            break
        equal = has_equal_faces(atoms)
        if equal or faces == "stoichiometric":
            matching.append((equal, candidate, atoms))
    if not matching:
        raise _no_slice(block, planes, cut, faces)
    chosen = max(matching, key=lambda match: match[0])[2]
    return repeat_surface(in_vacuum(chosen, cut.vacuum), cut, fix_bottom=True)


def has_equal_faces(atoms: Atoms) -> bool:
    """Whether a symmetry operation turns the slab upside down: then it has no dipole along z."""
    slab = in_vacuum(atoms, 10.0)
    cell = (slab.cell[:], slab.get_scaled_positions(), slab.numbers)
    dataset = spglib.get_symmetry(cell, symprec=_SYMMETRY_TOLERANCE_A)
    return dataset is not None and bool((dataset["rotations"][:, 2, 2] == -1).any())


def atomic_planes(atoms: Atoms, tolerance: float = PLANE_TOLERANCE_A) -> list[np.ndarray]:
    """List the atoms of each plane of constant z, from the lowest to the highest."""
    order = np.argsort(atoms.positions[:, 2], kind="stable")
    steps = np.diff(atoms.positions[order, 2])
    return list(np.split(order, np.flatnonzero(steps > tolerance) + 1))


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
    return _oriented(bulk, three_indices(miller))[2]


def _oriented(bulk: Atoms, miller: Sequence[int]) -> tuple[Atoms, list[int], float]:
    """Primitive cell, Miller indices in it, and the distance between their planes, Å."""
    key = (bulk.cell[:], bulk.get_scaled_positions(), bulk.numbers.astype(float)[:, None])
    primitive = _primitive(*(tuple(map(tuple, np.round(part, 9).tolist())) for part in key))
    lattice = np.asarray(primitive.cell)
    indices = _integers(lattice @ (np.asarray(miller) @ bulk.cell.reciprocal()))
    return primitive, indices, 1.0 / float(np.linalg.norm(indices @ primitive.cell.reciprocal()))


def _block(bulk: Atoms, miller: Sequence[int], cut: SlabCut) -> tuple[Atoms, float]:
    """Thick block of the crystal with a primitive surface cell, and its period along z, Å."""
    primitive, indices, period = _oriented(bulk, miller)
    repeats = cut.layers or int(np.ceil(cut.thickness / period))
    return surface(primitive, tuple(indices), repeats + 4, periodic=True), period


@lru_cache(maxsize=256)
def _primitive(lattice: _Rows, scaled: _Rows, numbers: _Rows) -> Atoms:
    """Primitive cell of a crystal, not turned; the crystal comes as rows of numbers."""
    kinds = [int(number) for (number,) in numbers]
    found = spglib.standardize_cell(
        (lattice, scaled, kinds), to_primitive=True, no_idealize=True, symprec=1e-3
    )
    if found is None:
        raise RecipeError("the crystal has no lattice that spglib recognises", where="bulk")
    return Atoms(found[2], cell=found[0], scaled_positions=found[1], pbc=True)


def _integers(vector: np.ndarray) -> list[int]:
    """Smallest integer vector along a vector with rational components."""
    for factor in range(1, 25):
        scaled = vector * factor
        if np.allclose(scaled, np.rint(scaled), atol=1e-4):
            whole = [int(x) for x in np.rint(scaled)]
            return [x // gcd(*whole) for x in whole]
    raise RecipeError(f"{vector} are no Miller indices of the primitive lattice", where="miller")


def _slices(
    block: Atoms, planes: Sequence[np.ndarray], period: float, cut: SlabCut
) -> Iterator[_Slice]:
    """Every distinct run of planes that is thick enough and has the wanted top plane."""
    heights = np.array([block.positions[plane, 2].mean() for plane in planes])
    if heights[-1] - heights[0] < 3 * period:
        raise RecipeError(
            f"planes {list(cut.miller)} lie closer than {PLANE_TOLERANCE_A} Å",
            where="miller",
            allowed="lower indices",
        )
    first = int(np.searchsorted(heights, heights[0] + period / 2))
    end = int(np.searchsorted(heights, heights[first] + period - PLANE_TOLERANCE_A / 2))
    for bottom in range(first, end):
        thick = heights - heights[bottom]
        if cut.layers:
            tops: Iterable[int] = [bottom + cut.layers - 1]
        else:
            enough = (thick > cut.thickness - 0.05) & (thick < cut.thickness + 1.5 * period)
            tops = np.flatnonzero(enough)
        for top in tops:
            if cut.termination and not _same(block.symbols[planes[top]], cut.termination):
                continue
            gap = heights[bottom] - heights[bottom - 1] + heights[top + 1] - heights[top]
            n_atoms = sum(len(plane) for plane in planes[bottom : top + 1])
            yield _Slice(bottom, int(top), round(float(gap), 1), n_atoms)


def _preference(candidate: _Slice) -> tuple[float, int]:
    return -candidate.gap, candidate.n_atoms


def _no_slice(
    block: Atoms, planes: Sequence[np.ndarray], cut: SlabCut, faces: Faces
) -> RecipeError:
    ends = {str(Formula.from_list(block.symbols[plane]).reduce()[0]) for plane in planes[1:-1]}
    return RecipeError(
        f"no {faces} slab of planes {list(cut.miller)} ends in {cut.termination or 'any plane'}",
        where="termination",
        allowed=", ".join(sorted(ends)),
    )


def _same(symbols: Iterable[str], termination: str) -> bool:
    try:
        wanted = Formula(termination).count()
    except ValueError:
        raise RecipeError(
            f"{termination!r} is no formula", where="termination", allowed="such as O or LiAg"
        ) from None
    return _ratios(Counter(symbols)) == _ratios(Counter(wanted))


def _reduced(symbols: Iterable[str]) -> frozenset[tuple[str, int]]:
    return _ratios(Counter(symbols))


def _ratios(counts: Counter[str]) -> frozenset[tuple[str, int]]:
    divisor = gcd(*counts.values())
    return frozenset((symbol, count // divisor) for symbol, count in counts.items())
