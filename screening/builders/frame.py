"""The turn of a foreign structure into our frame: c along the normal, centred, held from below."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from screening.builders.bonding import groups_within
from screening.builders.constraints import with_fixed_atoms
from screening.builders.gaps import VACUUM_GAP_A, gap, gathered, normal
from screening.builders.recognition import Layers, across, recognise
from screening.errors import StructureError
from screening.structure.candidate import Geometry, fixed_indices

__all__ = ["fix_lower_half", "framed", "recognise", "to_frame"]

FRAGMENT_GAP_A = 5.0
"""Pieces farther apart than this are no one host, Å: nothing binds or holds them."""

_ALIGNED = np.cos(np.radians(25.0))
_OPEN_AXES = {"sheet": 1, "slab": 1, "tube": 2, "cluster": 3}


def to_frame(atoms: Atoms, geometry: Geometry, vacuum: float, where: str) -> Atoms:
    """Return the structure in our frame, see `framed`."""
    return framed(atoms, geometry, vacuum, where)[0]


def framed(
    atoms: Atoms, geometry: Geometry, vacuum: float, where: str
) -> tuple[Atoms, tuple[str, ...]]:
    """Return the structure in our frame, see `candidate.Candidate`, and what was done to it.

    The widest gaps become the directions without periodicity, with `vacuum` Å on either side; c
    is turned along z and points where the file's vector points. A slab is held from below: one
    whose upper face the file fixes is turned over, one without fixed atoms gets its lower half
    fixed. A ribbon lies in the plane, along a.

    Raises
    ------
    StructureError
        If there is no vacuum where the geometry needs it, or the atoms are several pieces.
    """
    atoms, said = with_fixed_atoms(atoms)
    gaps = [gap(atoms, axis)[0] for axis in range(3)]
    open_axes = sorted(np.argsort(gaps, kind="stable")[::-1][: _OPEN_AXES[geometry]].tolist())
    for axis in open_axes:
        if gaps[axis] < VACUUM_GAP_A:
            raise StructureError(
                f"a {geometry} needs vacuum along {'abc'[axis]}, found {gaps[axis]:.1f} Å",
                where=where,
                allowed=f"at least {VACUUM_GAP_A:g} Å, or a bulk crystal with Miller indices",
            )
    wide = [axis for axis in range(3) if gaps[axis] >= VACUUM_GAP_A]
    ribbon = geometry == "sheet" and len(wide) == 2
    joined = gathered(atoms, wide if ribbon else open_axes)
    _refuse_fragments(joined, where)
    if ribbon:
        joined = _flat(joined, wide, vacuum)
        said.append("its width along b, its normal along c")
    elif geometry == "cluster":
        joined.cell = np.eye(3)
    else:
        closed = [axis for axis in range(3) if axis not in open_axes]
        unique = closed[0] if geometry == "tube" else open_axes[0]
        joined = _upright(joined, unique, open_axes)
        said += [f"c is the file's {'abc'[unique]}"] if unique != 2 else []
    joined.pbc = [geometry in {"sheet", "slab"}] * 2 + [geometry == "tube"]
    joined, fixed = _held_from_below(joined) if geometry == "slab" else _unpinned(joined)
    lateral = {"cluster": (0, 1, 2), "tube": (0, 1)}.get(geometry, (2,))
    joined.center(vacuum=vacuum, axis=lateral)
    return joined, (*said, *fixed)


def _refuse_fragments(atoms: Atoms, where: str) -> None:
    parts = groups_within(atoms, FRAGMENT_GAP_A)
    if len(parts) > 1:
        names = [atoms[part].get_chemical_formula() for part in parts[:3]]
        raise StructureError(
            f"holds {len(parts)} pieces more than {FRAGMENT_GAP_A:g} Å apart: {', '.join(names)}",
            where=where,
            allowed="one host: delete what is not part of it",
        )


def _held_from_below(slab: Atoms) -> tuple[Atoms, list[str]]:
    """Return the slab with its fixed atoms below the free ones, and what was done for it."""
    fixed, said = fixed_indices(slab), []
    heights = slab.positions[:, 2]
    if 0 < len(fixed) < len(slab):
        free = np.setdiff1d(np.arange(len(slab)), fixed)
        if heights[fixed].mean() > heights[free].mean():
            slab = _turned_over(slab)
            heights = slab.positions[:, 2]
            said.append("turned over: the file fixes the upper atoms")
        layers = Layers(slab, heights)
        bottom = np.intersect1d(layers.outer(-1), layers.dense)
        if np.isin(bottom, fixed).mean() >= 0.5:
            return slab, [*said, f"{len(fixed)} of {len(slab)} atoms fixed, as in the file"]
        below = np.flatnonzero(heights < heights[fixed].min())
        if heights[fixed].min() > heights[layers.dense].min() and len(fixed) >= len(bottom):
            slab.set_constraint(FixAtoms(np.union1d(fixed, below)))
            text = f"{len(fixed)} atoms fixed, as in the file, and the {len(below)} below them"
            return slab, [*said, text]
        said.append(f"the file's {len(fixed)} fixed atoms hold no face of a slab")
    elif len(fixed):
        return slab, []
    fix_lower_half(slab)
    count = len(fixed_indices(slab))
    reason = "the file fixes none" if not len(fixed) else "instead"
    return slab, [*said, f"lower half fixed, {count} of {len(slab)} atoms: {reason}"]


def _unpinned(host: Atoms) -> tuple[Atoms, list[str]]:
    """Free single fixed atoms of a host without a lower side: they only break its symmetry."""
    fixed = fixed_indices(host)
    if not len(fixed):
        return host, []
    if len(fixed) == len(host) or Layers(host, host.positions[:, 2]).held_face():
        return host, [f"{len(fixed)} of {len(host)} atoms fixed, as in the file"]
    host.set_constraint()
    return host, [f"{len(fixed)} atoms that the file fixes are free: they hold no face"]


def fix_lower_half(slab: Atoms) -> None:
    """Fix the atoms below the middle plane of a slab, in place; adsorbates do not count."""
    heights = slab.positions[:, 2]
    host = heights[Layers(slab, heights).dense]
    middle = (host.min() + host.max()) / 2
    slab.set_constraint(FixAtoms(np.flatnonzero(heights < middle - 1e-3)))


def _turned_over(slab: Atoms) -> Atoms:
    """Half a turn about a: the lower face becomes the upper one."""
    turned: Atoms = slab.copy()
    turn = np.diag([1.0, -1.0, -1.0])
    turned.positions = slab.positions @ turn
    turned.cell = np.asarray(slab.cell) @ turn * np.array([1.0, -1.0, -1.0])[:, None]
    return turned


def _flat(atoms: Atoms, open_axes: list[int], vacuum: float) -> Atoms:
    """Lay a ribbon in the plane: along a, its width along b, c where it has no extent."""
    (along,) = (axis for axis in range(3) if axis not in open_axes)
    cell = np.asarray(atoms.cell)
    x = cell[along] / np.linalg.norm(cell[along])
    points, (_, thin) = across(atoms, cell[along])
    flat = {axis: normal(atoms, axis) for axis in open_axes}
    # The file's own axis where it is meant to be the normal: groups tilt the principal axes.
    nearest = max(open_axes, key=lambda axis: abs(flat[axis] @ thin))
    upright = abs(flat[nearest] @ x) < 1e-6 and abs(flat[nearest] @ thin) > _ALIGNED
    z = flat[nearest] if upright else thin * (np.sign(thin @ flat[nearest]) or 1.0)
    y = np.cross(z, x)
    width = float(np.ptp(points[:, 0]))
    (other,) = (axis for axis in open_axes if axis != nearest)
    across_b = abs(cell[other] @ y) if upright else 0.0
    period = across_b if across_b >= width + VACUUM_GAP_A else width + 2 * vacuum
    atoms.positions = atoms.positions @ np.array([x, y, z]).T
    atoms.cell = np.diag([np.linalg.norm(cell[along]), period, 1.0])
    return atoms


def _upright(atoms: Atoms, unique: int, open_axes: list[int]) -> Atoms:
    """Turn the cell so that `unique` becomes c, along z, and open vectors stand upright on it."""
    order = [(unique + 1) % 3, (unique + 2) % 3, unique]
    cell = np.asarray(atoms.cell.complete())[order]
    if unique in open_axes:
        if np.linalg.det(cell) < 0:
            # Exchanging a and b makes the cell right-handed and leaves up where it was.
            cell = cell[[1, 0, 2]]
        cell[2] = np.cross(cell[0], cell[1])
    else:
        cell[0] -= (cell[0] @ cell[2]) / (cell[2] @ cell[2]) * cell[2]
        cell[1] = np.cross(cell[2], cell[0])
    z = cell[2] / np.linalg.norm(cell[2])
    x = cell[0] / np.linalg.norm(cell[0])
    turn = np.array([x, np.cross(z, x), z])
    atoms.positions = atoms.positions @ turn.T
    atoms.cell = np.where(abs(cell @ turn.T) < 1e-10, 0.0, cell @ turn.T)
    return atoms
