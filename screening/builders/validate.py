"""The checks that every host passes before anything is computed on it."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols, covalent_radii

from screening.errors import StructureError
from screening.structure.candidate import MAX_ATOMS, PERIODIC, Geometry, fixed_indices
from screening.structure.neighbours import close_pairs

MIN_VACUUM_A = 8.0
"""Least empty space between periodic images along a direction that is not periodic, Å."""

OVERLAP_FRACTION = 0.5
"""Two atoms overlap if closer than this fraction of the sum of their covalent radii."""

MAX_CELL_A = 200.0
"""Longest cell vector, Å: longer ones are typing errors, and would exhaust the memory."""

MIN_RADIUS_A = 0.5
"""Least distance of a tube's atoms from its axis, Å."""

_LAYER_A = 0.5
"""Atoms of the lowest layer differ in height by less, Å."""

_AXES = "abc"
_ALIGNED = 1e-4


def validate_structure(atoms: Atoms, geometry: Geometry, where: str) -> None:
    """Refuse a structure that cannot be screened as the geometry it claims.

    Parameters
    ----------
    atoms
        Host without the ion; left untouched.
    geometry
        sheet, slab, tube or cluster, see `candidate.PERIODIC`.
    where
        What the message names: a file, a recipe.

    Raises
    ------
    StructureError
        No or too many atoms, unknown elements, values that are not finite, wrong periodic axes,
        a tilted or flat cell, too little vacuum, overlapping atoms, a slab that is not held from
        below, a tube without a wall.
    """
    _check_atoms(atoms, where)
    _check_cell(atoms, geometry, where)
    _check_vacuum(atoms, geometry, where)
    check_overlaps(atoms, where)
    if geometry == "slab":
        _check_held_from_below(atoms, where)
    if geometry == "tube":
        _check_wall(atoms, where)


def extent(atoms: Atoms, axis: int) -> tuple[float, float]:
    """Return the extent of the atoms across a pair of cell faces, and the faces' distance, Å.

    Parameters
    ----------
    axis
        0, 1, 2 for the faces that a, b, c connect.
    """
    cell = np.asarray(atoms.cell.complete())
    normal = np.cross(cell[(axis + 1) % 3], cell[(axis + 2) % 3])
    normal /= np.linalg.norm(normal)
    heights = atoms.positions @ normal
    return float(np.ptp(heights)), float(abs(cell[axis] @ normal))


def _check_atoms(atoms: Atoms, where: str) -> None:
    if not 1 <= len(atoms) <= MAX_ATOMS:
        raise StructureError(
            f"structure has {len(atoms)} atoms", where=where, allowed=f"1 to {MAX_ATOMS}"
        )
    if not np.isfinite(atoms.positions).all():
        atom = int(np.argwhere(~np.isfinite(atoms.positions))[0, 0])
        raise StructureError(f"position of atom {atom} is not finite", where=where)
    unknown = [int(z) for z in atoms.numbers if not 1 <= z < len(chemical_symbols)]
    if unknown:
        raise StructureError(
            f"unknown element (atomic number {unknown[0]})", where=where, allowed="H to Og"
        )


def _check_cell(atoms: Atoms, geometry: Geometry, where: str) -> None:
    cell = np.asarray(atoms.cell)
    if not np.isfinite(cell).all():
        raise StructureError("the cell is not finite", where=where)
    if tuple(atoms.pbc) != PERIODIC[geometry]:
        found = "".join(a for a, p in zip(_AXES, atoms.pbc, strict=True) if p) or "none"
        wanted = "".join(a for a, p in zip(_AXES, PERIODIC[geometry], strict=True) if p) or "none"
        raise StructureError(
            f"a {geometry} cannot have periodic axes {found}", where=where, allowed=wanted
        )
    if np.linalg.norm(cell, axis=1).max() > MAX_CELL_A:
        raise StructureError(
            f"the cell is {np.linalg.norm(cell, axis=1).max():.3g} Å long",
            where=where,
            allowed=f"up to {MAX_CELL_A:g} Å",
        )
    if np.linalg.det(cell) < 1e-3:
        raise StructureError(
            "the cell is missing, flat or left-handed",
            where=where,
            allowed="three right-handed vectors; `alkascreen add` makes them",
        )
    in_plane, normal = cell[:2], cell[2]
    if max(abs(normal[0]), abs(normal[1])) > _ALIGNED * normal[2] or np.abs(
        in_plane[:, 2]
    ).max() > _ALIGNED * np.linalg.norm(in_plane):
        raise StructureError(
            "c is not along z and normal to a and b",
            where=where,
            allowed="c along the surface normal or tube axis; `alkascreen add` turns the cell",
        )


def _check_vacuum(atoms: Atoms, geometry: Geometry, where: str) -> None:
    for axis, periodic in enumerate(PERIODIC[geometry]):
        matter, height = extent(atoms, axis)
        if not periodic and height - matter < MIN_VACUUM_A:
            raise StructureError(
                f"only {max(height - matter, 0.0):.1f} Å of vacuum along {_AXES[axis]} "
                f"for a {geometry}",
                where=where,
                allowed=f"at least {MIN_VACUUM_A:g} Å",
            )


def _check_held_from_below(atoms: Atoms, where: str) -> None:
    """Ions land on the upper face, which must be the free one."""
    fixed = np.isin(np.arange(len(atoms)), fixed_indices(atoms))
    if not 0 < fixed.sum() < len(atoms):
        raise StructureError(
            "the slab has no fixed bottom layers, or no free atoms",
            where=where,
            allowed="FixAtoms on some of the atoms",
        )
    heights = atoms.positions[:, 2]
    if not (
        heights[fixed].mean() < heights[~fixed].mean()
        and heights[fixed].max() < heights[~fixed].max()
        and heights[fixed].min() < heights[~fixed].min() + _LAYER_A
    ):
        raise StructureError(
            "the fixed atoms of the slab are not its lower ones",
            where=where,
            allowed="FixAtoms on the bottom layers; `alkascreen add` turns a slab over",
        )


def _check_wall(atoms: Atoms, where: str) -> None:
    offsets = atoms.positions[:, :2] - atoms.positions[:, :2].mean(axis=0)
    width = float(np.linalg.norm(offsets, axis=1).max())
    if width < MIN_RADIUS_A:
        raise StructureError(
            f"a tube whose atoms are within {width:.2f} Å of its axis has no wall",
            where=where,
            allowed=f"a radius of at least {MIN_RADIUS_A:g} Å; a chain is screened as a sheet",
        )


def check_overlaps(atoms: Atoms, where: str) -> None:
    """Refuse atoms that lie on top of each other.

    Raises
    ------
    StructureError
        Names the closest pair.
    """
    reach = OVERLAP_FRACTION * covalent_radii[atoms.numbers]
    first, second, _, distance = close_pairs(atoms, 2 * float(reach.max()))
    spare = distance - reach[first] - reach[second]
    if len(spare) and spare.min() < 0:
        worst = int(np.argmin(spare))
        i, j = int(first[worst]), int(second[worst])
        raise StructureError(
            f"atoms {i} ({atoms.symbols[i]}) and {j} ({atoms.symbols[j]}) overlap: "
            f"{distance[worst]:.2f} Å apart",
            where=where,
            allowed=f"more than {reach[i] + reach[j]:.2f} Å",
        )
