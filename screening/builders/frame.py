"""What a foreign structure is, and its turn into our frame: c along the normal, centred."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from screening.builders.validate import extent
from screening.errors import StructureError
from screening.structure.candidate import Geometry, fixed_indices

VACUUM_GAP_A = 6.0
"""Empty space along a cell vector that counts as vacuum, Å: more than the layer distances of van
der Waals and pillared crystals, less than people leave in a surface cell."""

SHEET_THICKNESS_A = 8.0
"""A compound thicker than this is taken for a slab, Å (M3C2T2 MXenes are 7.6 Å thick)."""

_OPEN_AXES = {"sheet": 1, "slab": 1, "tube": 2, "cluster": 3}
_METALS = frozenset(
    [*range(3, 5), *range(11, 14), *range(19, 32), *range(37, 51), *range(55, 84), *range(87, 119)]
)


@dataclass(frozen=True)
class Recognised:
    """What a structure is and why.

    Attributes
    ----------
    geometry
        None for a bulk crystal.
    reason
        A sentence for the user.
    """

    geometry: Geometry | None
    reason: str


def recognise(atoms: Atoms) -> Recognised:
    """Tell sheet, slab, tube, cluster and bulk apart by where the vacuum is."""
    gaps = [_gap(atoms, axis)[0] for axis in range(3)]
    open_axes = [axis for axis in range(3) if gaps[axis] >= VACUUM_GAP_A]
    names = " and ".join("abc"[axis] for axis in open_axes)
    if not open_axes:
        return Recognised(None, f"no vacuum of {VACUUM_GAP_A:g} Å along any axis: a bulk crystal")
    if len(open_axes) == 3:
        return Recognised("cluster", "vacuum all around: a cluster or molecule")
    if len(open_axes) == 2:
        return Recognised("tube", f"vacuum along {names}: a tube or wire")
    thickness = extent(_gather(atoms, open_axes), open_axes[0])[0]
    metal = set(atoms.numbers) <= _METALS and thickness > 1.0
    if metal or thickness > SHEET_THICKNESS_A or len(fixed_indices(atoms)):
        return Recognised("slab", f"vacuum along {names}, {thickness:.1f} Å thick: a slab")
    return Recognised("sheet", f"vacuum along {names}, {thickness:.1f} Å thick: a sheet")


def to_frame(atoms: Atoms, geometry: Geometry, vacuum: float, where: str) -> Atoms:
    """Return the structure in our frame, see `candidate.Candidate`.

    The widest gaps become the directions without periodicity, with `vacuum` Å on either side;
    c is turned along z. A slab without fixed atoms gets its lower half fixed.

    Raises
    ------
    StructureError
        If there is no vacuum where the geometry needs it.
    """
    gaps = [_gap(atoms, axis)[0] for axis in range(3)]
    open_axes = sorted(np.argsort(gaps)[::-1][: _OPEN_AXES[geometry]])
    for axis in open_axes:
        if gaps[axis] < VACUUM_GAP_A:
            raise StructureError(
                f"a {geometry} needs vacuum along {'abc'[axis]}, found {gaps[axis]:.1f} Å",
                where=where,
                allowed=f"at least {VACUUM_GAP_A:g} Å, or a bulk crystal with Miller indices",
            )
    joined = _gather(atoms, open_axes)
    if geometry == "cluster":
        joined.cell = np.eye(3)
    else:
        closed = [axis for axis in range(3) if axis not in open_axes]
        unique = closed[0] if geometry == "tube" else open_axes[0]
        joined = _upright(joined, unique, open_axes)
    joined.pbc = [geometry in {"sheet", "slab"}] * 2 + [geometry == "tube"]
    lateral = {"cluster": (0, 1, 2), "tube": (0, 1)}.get(geometry, (2,))
    joined.center(vacuum=vacuum, axis=lateral)
    if geometry == "slab" and not len(fixed_indices(joined)):
        fix_lower_half(joined)
    return joined


def fix_lower_half(slab: Atoms) -> None:
    """Fix the atoms below the middle plane of a slab, in place."""
    heights = slab.positions[:, 2]
    middle = (heights.min() + heights.max()) / 2
    slab.set_constraint(FixAtoms(np.flatnonzero(heights < middle - 1e-3)))


def _height(atoms: Atoms, axis: int) -> float:
    """Distance between the cell faces that a vector connects, Å; infinite without a vector."""
    reciprocal = float(np.linalg.norm(atoms.cell.complete().reciprocal()[axis]))
    return 1.0 / reciprocal if atoms.cell[axis].any() else np.inf


def _gap(atoms: Atoms, axis: int) -> tuple[float, float]:
    """Widest empty space along a cell vector, Å, and the fraction at which matter starts again."""
    if not atoms.pbc[axis] or not atoms.cell[axis].any():
        return np.inf, 0.0
    fractions = np.sort(_fractions(atoms)[:, axis] % 1.0)
    steps = np.diff([*fractions, fractions[0] + 1.0])
    widest = int(np.argmax(steps))
    start = fractions[(widest + 1) % len(fractions)]
    return float(steps[widest]) * _height(atoms, axis), float(start)


def _fractions(atoms: Atoms) -> np.ndarray:
    return np.asarray(np.linalg.solve(atoms.cell.complete().T, atoms.positions.T).T)


def _gather(atoms: Atoms, open_axes: list[int]) -> Atoms:
    """Move atoms by whole cell vectors so that the vacuum lies at the cell's faces."""
    joined: Atoms = atoms.copy()
    joined.info = {}
    for name in set(joined.arrays) - {"numbers", "positions"}:
        del joined.arrays[name]
    joined.set_constraint([FixAtoms(fixed_indices(atoms))] if len(fixed_indices(atoms)) else None)
    fractions = _fractions(atoms)
    for axis in range(3):
        start = _gap(atoms, axis)[1]
        if atoms.pbc[axis] and atoms.cell[axis].any():
            shift = (start if axis in open_axes else 0.0) - 1e-6
            moves = np.floor(fractions[:, axis] - shift)
            joined.positions -= moves[:, None] * atoms.cell[axis]
    return joined


def _upright(atoms: Atoms, unique: int, open_axes: list[int]) -> Atoms:
    """Turn the cell so that `unique` becomes c, along z, and open vectors stand upright on it."""
    order = [(unique + 1) % 3, (unique + 2) % 3, unique]
    cell = np.asarray(atoms.cell.complete())[order]
    is_open = [axis in open_axes for axis in order]
    if is_open[2]:
        cell[2] = np.cross(cell[0], cell[1])
    else:
        cell[0] = np.cross(cell[1], cell[2]) if np.linalg.det(cell) > 0 else cell[0]
        cell[0] -= (cell[0] @ cell[2]) / (cell[2] @ cell[2]) * cell[2]
        cell[1] = np.cross(cell[2], cell[0])
    z = cell[2] / np.linalg.norm(cell[2])
    x = cell[0] / np.linalg.norm(cell[0])
    turn = np.array([x, np.cross(z, x), z])
    atoms.positions = atoms.positions @ turn.T
    atoms.cell = np.where(abs(cell @ turn.T) < 1e-10, 0.0, cell @ turn.T)
    if atoms.cell.handedness < 0:
        atoms.cell[1] *= -1
    return atoms
