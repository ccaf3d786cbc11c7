"""Surface cells: how far a sheet or slab repeats in the plane, and the vacuum around it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np
from ase import Atoms
from ase.build import make_supercell
from ase.constraints import FixAtoms
from ase.geometry import minkowski_reduce
from pydantic import Field, PositiveInt

from screening.config import StrictModel
from screening.errors import RecipeError

Size = Annotated[tuple[PositiveInt, PositiveInt], Field(strict=False)]

_MAX_AREA = 64
_TURNS = tuple(
    np.array(m)
    for m in (
        [[1, 0], [0, 1]],
        [[0, 1], [-1, 0]],
        [[1, 1], [-1, 0]],
        [[0, 1], [-1, 1]],
        [[1, -1], [0, 1]],
        [[1, 1], [0, 1]],
    )
)


class SurfaceCell(StrictModel):
    """How large the surface cell is and how much empty space stands on either side.

    Attributes
    ----------
    size
        Repetitions along a and b; by default the smallest supercell in which each image of an
        adatom is at least `min_distance` away.
    min_distance
        Least distance between periodic images in the plane, Å.
    vacuum
        Empty space above and below, each, Å.
    """

    size: Size | None = None
    min_distance: Annotated[float, Field(gt=0, le=40)] = 4.9
    vacuum: Annotated[float, Field(ge=5, le=60)] = 10.0


def in_vacuum(atoms: Atoms, vacuum: float) -> Atoms:
    """Copy of the atoms as a free slab, centred between `vacuum` Å on either side."""
    slab: Atoms = atoms.copy()
    slab.pbc = (True, True, False)
    slab.center(vacuum=vacuum, axis=2)
    return slab


def repeat_surface(primitive: Atoms, cell: SurfaceCell, *, fix_bottom: bool = False) -> Atoms:
    """Repeat a surface cell as asked, sort it by height, and fix its lower half if it is a slab."""
    matrix = np.diag(cell.size) if cell.size else spacious_cell(primitive.cell, cell.min_distance)
    full = np.eye(3, dtype=int)
    full[:2, :2] = matrix
    atoms: Atoms = make_supercell(primitive, full)
    atoms.set_cell(atoms.cell.standard_form()[0], scale_atoms=True)
    atoms.wrap()
    order = np.lexsort(np.round(atoms.get_scaled_positions(), 6).T[[0, 1, 2]])
    atoms = atoms[order]
    if fix_bottom:
        heights = atoms.positions[:, 2]
        middle = (heights.min() + heights.max()) / 2
        atoms.set_constraint(FixAtoms(np.flatnonzero(heights < middle - 1e-3)))
    return atoms


def spacious_cell(cell: np.ndarray, min_distance: float) -> np.ndarray:
    """Smallest in-plane supercell whose shortest lattice vector reaches `min_distance`.

    Parameters
    ----------
    cell
        Cell vectors, shape (3, 3), Å; a and b are repeated.
    min_distance
        Å.

    Returns
    -------
    np.ndarray
        Integer matrix, shape (2, 2), of a reduced right-handed cell. It keeps the symmetry of
        the lattice, so that no two equivalent adsorption sites become different.
    """
    plane = np.round(np.asarray(cell)[:2, :2], 9)
    return np.array(_spacious(tuple(map(tuple, plane.tolist())), min_distance))


@lru_cache(maxsize=4096)
def _spacious(plane: tuple[tuple[float, ...], ...], min_distance: float) -> np.ndarray:
    start = _reduce(np.eye(2, dtype=int), np.array(plane))
    base = start @ np.array(plane)
    operations = _lattice_operations(base)
    for area in range(1, _MAX_AREA + 1):
        shapes = list(_symmetric_supercells(area, base, operations))
        best = max(shapes, key=lambda m: _shortest(m @ base), default=None)
        if best is not None and _shortest(best @ base) >= min_distance - 1e-3:
            return np.asarray(best @ start, dtype=int)
    raise RecipeError(
        f"min_distance {min_distance:g} Å needs more than {_MAX_AREA} surface cells",
        where="min_distance",
        allowed="a smaller distance, or an explicit size",
    )


@dataclass(frozen=True)
class Coincidence:
    """A cell that two plane lattices share.

    Attributes
    ----------
    film, substrate
        Integer matrices, shape (2, 2), that repeat each.
    strain
        Largest principal strain that brings the substrate onto the film.
    area
        Å².
    """

    film: np.ndarray
    substrate: np.ndarray
    strain: float
    area: float


def coincidence_cell(
    film: np.ndarray,
    substrate: np.ndarray,
    max_area: float,
    max_strain: float,
    min_distance: float = 0.0,
) -> Coincidence:
    """Smallest common cell of two plane lattices within a strain, and the most compact of these.

    Parameters
    ----------
    film, substrate
        In-plane cell vectors, shape (2, 2), Å; they may be turned against each other.
    max_area
        Å².
    max_strain
        Largest principal strain, as a fraction.
    min_distance
        Least length of the cell's shortest vector, Å.

    Raises
    ------
    RecipeError
        If there is none.

    References
    ----------
    Zur & McGill, J. Appl. Phys. 55, 378 (1984), doi:10.1063/1.333084.
    """
    unit, below = abs(np.linalg.det(film)), abs(np.linalg.det(substrate))
    for n_film in range(1, int(max_area / unit) + 1):
        ratio = n_film * unit / below
        least, most = ratio / (1 + max_strain) ** 2, ratio / (1 - max_strain) ** 2
        counts = range(max(1, math.ceil(least)), math.floor(most) + 1)
        pairs = (
            (_reduce(first, film), turn @ _reduce(second, substrate))
            for n_substrate in counts
            for first in _supercells(n_film)
            for second in _supercells(n_substrate)
            for turn in _TURNS
        )
        strained = ((f, s, _strain(s @ substrate, f @ film)) for f, s in pairs)
        matches = [match for match in strained if match[2] <= max_strain]
        best = min(matches, key=lambda m: (-_shortest(m[0] @ film), m[2]), default=None)
        if best is not None and _shortest(best[0] @ film) >= min_distance:
            return Coincidence(*best, area=n_film * unit)
    raise RecipeError(
        f"no common cell of at most {max_area:g} Å² within {max_strain:.1%} strain",
        where="max_strain",
        allowed="a larger strain or max_area",
    )


def _strain(start: np.ndarray, end: np.ndarray) -> float:
    """Largest principal strain from one cell to another, whatever their orientation."""
    return float(np.abs(np.linalg.svd(np.linalg.solve(start, end))[1] - 1).max())


def _shortest(cell: np.ndarray) -> float:
    return round(float(np.linalg.norm(cell, axis=1).min()), 6)


def _symmetric_supercells(
    area: int, base: np.ndarray, operations: np.ndarray
) -> Iterator[np.ndarray]:
    """Reduced supercells of so many cells that keep every symmetry of the plane lattice."""
    for matrix in _supercells(area):
        turned = matrix @ operations @ np.linalg.inv(matrix)
        if np.abs(turned - np.rint(turned)).max() < 1e-6:
            yield _reduce(matrix, base)


def _supercells(area: int) -> Iterator[np.ndarray]:
    """One matrix in Hermite normal form of every plane lattice of so many cells."""
    for width in (d for d in range(1, area + 1) if area % d == 0):
        for shift in range(width):
            yield np.array([[width, 0], [shift, area // width]])


def _lattice_operations(base: np.ndarray) -> np.ndarray:
    """Integer matrices that map the reduced plane lattice onto itself, shape (n, 2, 2)."""
    metric = base @ base.T
    matrices = np.array(list(itertools.product((-1, 0, 1), repeat=4))).reshape(-1, 2, 2)
    mapped = matrices @ metric @ matrices.transpose(0, 2, 1)
    return np.asarray(matrices[np.abs(mapped - metric).max(axis=(1, 2)) < 1e-3])


def _reduce(matrix: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Unimodular change of a supercell to its two shortest vectors, right-handed."""
    cell = np.eye(3)
    cell[:2, :2] = matrix @ base
    operation = minkowski_reduce(cell, pbc=(True, True, False))[1][:2, :2]
    reduced: np.ndarray = np.rint(operation @ matrix).astype(int)
    if np.linalg.det(reduced @ base) < 0:
        reduced[1] *= -1
    return reduced
