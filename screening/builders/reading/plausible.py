"""What no parser refuses and no structure has: checked once, for every format."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from ase import Atoms

from screening.errors import StructureError

VECTOR_A = (0.5, 1000.0)
"""Shortest and longest cell vector of a file, Å: others are wrong units or slips."""

REACH_A = 10_000.0
"""Atoms farther from the origin than this are a slip, Å."""

FLAT = 1e-4
"""Volume of a cell over the product of its lengths below which its vectors lie in a plane."""

OCCUPANCY_TOLERANCE = 1e-3


def require_plausible(atoms: Atoms, where: str) -> None:
    """Refuse what no crystal, slab or molecule can be, however it was written.

    Raises
    ------
    StructureError
        No atoms; a number that is not finite; a cell without volume, or far too small or large; a
        periodic direction without a vector; atoms far away; occupancies outside 0 to 1.
    """
    if not len(atoms):
        raise StructureError("holds no atoms", where=where)
    cell = np.asarray(atoms.cell)
    if not (np.isfinite(atoms.positions).all() and np.isfinite(cell).all()):
        raise StructureError("a position or cell vector is not finite", where=where)
    _check_cell(atoms, cell, where)
    far = int(np.abs(atoms.positions).max(axis=1).argmax())
    if np.abs(atoms.positions[far]).max() > REACH_A:
        raise StructureError(
            f"atom {far} ({atoms.symbols[far]}) is {np.abs(atoms.positions[far]).max():.3g} Å away",
            where=where,
            allowed=f"up to {REACH_A:g} Å from the origin",
        )
    require_occupancies(occupancies(atoms), where)


def require_occupancies(values: Iterable[float], where: str) -> None:
    """Refuse occupancies that none can be.

    Raises
    ------
    StructureError
        If one is below 0 or above 1.
    """
    for value in values:
        if not -OCCUPANCY_TOLERANCE <= value <= 1 + OCCUPANCY_TOLERANCE:
            raise StructureError(
                f"a site is occupied {value:g} times", where=where, allowed="0 to 1"
            )


def require_ordered(atoms: Atoms, where: str) -> None:
    """Refuse sites that are occupied in part, and name them.

    Raises
    ------
    StructureError
        If there are any.
    """
    values = occupancies(atoms)
    partial = np.abs(values - 1.0) > OCCUPANCY_TOLERANCE
    if not partial.any():
        return
    named = len(values) == len(atoms)
    names = (
        atoms.arrays.get("label", np.array(atoms.symbols)) if named else np.full(len(values), "")
    )
    parts = list(dict.fromkeys(
        f"{name} {value:g}".strip()
        for name, value in zip(names[partial], values[partial], strict=True)
    ))  # fmt: skip
    more = f" and {len(parts) - 4} more" if len(parts) > 4 else ""
    raise StructureError(
        f"sites are occupied in part: {', '.join(parts[:4])}{more}",
        where=where,
        allowed="occupancies of 1; --order makes an ordered structure of this composition",
    )


def _check_cell(atoms: Atoms, cell: np.ndarray, where: str) -> None:
    for name, vector, periodic in zip("abc", cell, atoms.pbc, strict=True):
        longest = float(np.abs(vector).max())
        within = (
            VECTOR_A[0] / 2 < longest <= VECTOR_A[1]
        )  # squares of others may over- or underflow
        length = float(np.linalg.norm(vector)) if within else longest
        if periodic and not length:
            raise StructureError(
                f"is periodic along {name}, and has no cell vector {name}",
                where=where,
                allowed="a cell vector, or no periodicity along it",
            )
        if length and not VECTOR_A[0] <= length <= VECTOR_A[1]:
            raise StructureError(
                f"cell vector {name} is {length:.3g} Å long",
                where=where,
                allowed=f"{VECTOR_A[0]:g} to {VECTOR_A[1]:g} Å",
            )
    vectors = cell[cell.any(axis=1)]
    if len(vectors):
        units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
        if np.linalg.det(units @ units.T) < FLAT**2:
            raise StructureError(
                "the cell vectors lie in a plane or on a line",
                where=where,
                allowed="vectors that span the cell",
            )


def occupancies(atoms: Atoms) -> np.ndarray:
    """Occupancies that a file gave: one an atom, or those of ASE's table by kind of site."""
    for name in ("occupancy", "occupancies", "occ"):
        if name in atoms.arrays:
            return np.asarray(atoms.arrays[name], dtype=float).ravel()
    stated = atoms.info.get("occupancy")
    tables = stated.values() if isinstance(stated, dict) else []
    return np.array([float(value) for table in tables for value in table.values()])
