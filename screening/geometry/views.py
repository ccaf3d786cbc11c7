"""Faces of a host, each seen as a landscape of heights over a plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.geometry.sites import Face
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice


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
    ceiling
        Height from which an ion looks down, Å: infinite in front of an open face, the axis inside
        a tube, half way to the opposite wall of a gallery. What is above it is out of sight.
    """

    face: Face
    points: np.ndarray
    lattice: Lattice
    lift: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    ceiling: float = np.inf


def views(atoms: Atoms, geometry: Geometry, frame: Atoms | None = None) -> list[View]:
    """Outer faces on which an ion can land.

    Both of a sheet or a flat molecule, the top of a slab, both sides of a tube's wall. A compact
    cluster has no such faces, see `screening.geometry.round`; for walls of galleries inside a
    host, see `screening.geometry.galleries`.

    Parameters
    ----------
    frame
        Host that says where the axes are, if `atoms` holds more.
    """
    host = atoms if frame is None else frame
    if geometry == "tube":
        return [_tube_view(atoms, tube_axis(host), side) for side in (1, -1)]
    lattice = Lattice(Lattice.of(atoms, geometry).vectors[:, :2])
    axes = _principal_axes(host)[0] if geometry == "cluster" else np.eye(3)
    top = plane_view("top", atoms.positions, axes, lattice)
    if geometry == "slab":
        return [top]
    return [top, plane_view("bottom", atoms.positions, axes, lattice)]


def tube_axis(atoms: Atoms) -> tuple[np.ndarray, float]:
    """Point on a tube's axis (3,) and its radius, Å: least-squares circle (Kåsa 1976)."""
    centre, size = fit_circle(atoms.positions[:, :2])
    return np.append(centre, 0.0), size


def is_flat(atoms: Atoms) -> bool:
    """Whether a cluster is a flake or a bowl, with two faces, rather than a ball."""
    _, widths = _principal_axes(atoms)
    return bool(widths[2] < 0.5 * widths[1] or widths[2] < 0.5)


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


def plane_view(
    face: Face, positions: np.ndarray, frame: np.ndarray, lattice: Lattice, ceiling: float = np.inf
) -> View:
    """Seen against the third row of `frame`, or along it for a face that looks down."""
    side = 1 if face in ("top", "floor") else -1
    scale = np.array([1.0, 1.0, side])

    def lift(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (point * scale) @ frame, side * frame[2]

    return View(face, positions @ frame.T * scale, lattice, lift, ceiling)


def _tube_view(atoms: Atoms, circle: tuple[np.ndarray, float], side: int) -> View:
    """Unrolled about its axis, from outside (side 1) or from inside (side -1)."""
    axis, radius = circle
    x, y, z = (atoms.positions - axis).T
    points = np.column_stack([np.arctan2(y, x) * radius, z, side * (np.hypot(x, y) - radius)])
    lattice = Lattice(np.diag([2 * np.pi * radius, atoms.cell.lengths()[2]]))

    def lift(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        angle = point[0] / radius
        outward = np.array([np.cos(angle), np.sin(angle), 0.0])
        distance = radius + side * point[2]
        return axis + distance * outward + np.array([0.0, 0.0, point[1]]), side * outward

    if side > 0:
        return View("outside", points, lattice, lift)
    return View("inside", points, lattice, lift, ceiling=radius)


def _principal_axes(atoms: Atoms) -> tuple[np.ndarray, np.ndarray]:
    """Right-handed axes (rows, the shortest last) of a cluster, and its widths along them, Å."""
    offsets = atoms.positions - atoms.positions.mean(axis=0)
    _, _, axes = np.linalg.svd(offsets, full_matrices=True)
    # The skew of the mass tells up from down; where it vanishes, both faces are alike.
    if (atoms.numbers * (offsets @ axes[2]) ** 3).sum() < 0:
        axes[2] *= -1
    axes[0] *= np.linalg.det(axes)
    return axes, np.ptp(offsets @ axes.T, axis=0)
