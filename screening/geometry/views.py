"""Faces of a host, each seen as a landscape of heights over a plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.builders.candidate import Geometry
from screening.geometry.lattice import Lattice
from screening.geometry.sites import Face


@dataclass(frozen=True)
class View:
    """A face unrolled into a plane.

    Attributes
    ----------
    points
        Two coordinates in the plane and the height of each atom, Å, shape (n_atoms, 3).
    lattice
        How the plane repeats, vectors of shape (n_periodic, 2).
    lift
        Maps a point (3,) of the view to its Cartesian position and outward normal.
    """

    face: Face
    points: np.ndarray
    lattice: Lattice
    lift: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def views(atoms: Atoms, geometry: Geometry) -> list[View]:
    """Faces on which an ion can land: both of a sheet, the top of a slab, both sides of a tube."""
    if geometry == "tube":
        return [_tube_view(atoms, 1), _tube_view(atoms, -1)]
    lattice = Lattice(Lattice.of(atoms, geometry).vectors[:, :2])
    frame = np.eye(3)
    top = _plane_view(atoms.positions, frame, lattice, 1)
    if geometry == "slab":
        return [top]
    return [top, _plane_view(atoms.positions, frame, lattice, -1)]


def tube_axis(atoms: Atoms) -> tuple[np.ndarray, float]:
    """Point on a tube's axis (3,) and its radius, Å: least-squares circle (Kåsa 1976)."""
    centre, size = fit_circle(atoms.positions[:, :2])
    return np.append(centre, 0.0), size


def fit_circle(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre (2,) and radius of the least-squares circle through points (n, 2).

    Linear fit after I. Kåsa, IEEE Trans. Instrum. Meas. IM-25, 8 (1976),
    DOI 10.1109/TIM.1976.6312298.
    """
    origin = points.mean(axis=0)
    shifted = points - origin
    matrix = np.column_stack([2 * shifted, np.ones(len(points))])
    *centre, offset = np.linalg.lstsq(matrix, (shifted**2).sum(axis=1), rcond=None)[0]
    return origin + centre, float(np.sqrt(max(offset + np.dot(centre, centre), 0.0)))


def _plane_view(positions: np.ndarray, frame: np.ndarray, lattice: Lattice, side: int) -> View:
    """Seen along the third row of `frame` (side 1) or against it (side -1)."""
    scale = np.array([1.0, 1.0, side])

    def lift(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (point * scale) @ frame, side * frame[2]

    return View("top" if side > 0 else "bottom", positions @ frame.T * scale, lattice, lift)


def _tube_view(atoms: Atoms, side: int) -> View:
    """Unrolled about its axis, from outside (side 1) or from inside (side -1)."""
    axis, radius = tube_axis(atoms)
    x, y, z = (atoms.positions - axis).T
    points = np.column_stack([np.arctan2(y, x) * radius, z, side * (np.hypot(x, y) - radius)])
    lattice = Lattice(np.diag([2 * np.pi * radius, atoms.cell.lengths()[2]]))

    def lift(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        angle = point[0] / radius
        outward = np.array([np.cos(angle), np.sin(angle), 0.0])
        distance = radius + side * point[2]
        return axis + distance * outward + np.array([0.0, 0.0, point[1]]), side * outward

    return View("outside" if side > 0 else "inside", points, lattice, lift)
