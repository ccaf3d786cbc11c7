"""Points that repeat along none, one, two or three lattice vectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from ase import Atoms
from scipy.spatial import cKDTree

from screening.structure.candidate import PERIODIC, Geometry

BOUNDARY = 1e-3
"""Fraction of a cell up to which a point before its boundary counts as behind it: one place of a
relaxed structure belongs to one cell whatever the noise of its last digits."""


@dataclass(frozen=True)
class Lattice:
    """The periodic directions of a structure.

    Attributes
    ----------
    vectors
        Rows are the lattice vectors, Å, shape (n_periodic, n_dimensions).
    """

    vectors: np.ndarray

    @classmethod
    def of(cls, atoms: Atoms, geometry: Geometry | None = None) -> Lattice:
        """Lattice of a structure; the geometry, if given, says which axes repeat."""
        periodic = atoms.pbc if geometry is None else np.array(PERIODIC[geometry])
        return cls(np.array(atoms.cell.array[periodic]))

    @cached_property
    def _inverse(self) -> np.ndarray:
        """Columns turn a position into its coordinates along the lattice vectors."""
        return _inverse(self.vectors.shape, np.ascontiguousarray(self.vectors).tobytes())

    def cells(self, points: np.ndarray) -> np.ndarray:
        """Cell in which each point lies, integers, shape (n_points, n_periodic)."""
        cells: np.ndarray = np.floor(points @ self._inverse + BOUNDARY)
        return cells

    def nearest_cells(self, vectors: np.ndarray) -> np.ndarray:
        """Lattice vector nearest to each vector, as integers, shape (n_vectors, n_periodic)."""
        cells: np.ndarray = np.rint(vectors @ self._inverse).astype(int)
        return cells

    def at_home(self, points: np.ndarray, margin: float = 1e-6) -> np.ndarray:
        """Whether each point lies in the home cell, a fraction of a cell wider; (n_points,)."""
        fractional = points @ self._inverse
        inside: np.ndarray = ((fractional > -margin) & (fractional < 1 + margin)).all(axis=1)
        return inside

    def wrap(self, points: np.ndarray) -> np.ndarray:
        """Move points into the home cell along the periodic directions."""
        wrapped: np.ndarray = points - self.cells(points) @ self.vectors
        return wrapped

    def minimum_image(self, vectors: np.ndarray) -> np.ndarray:
        """Shortest periodic equivalent of each vector, same shape."""
        flat = self.wrap(np.reshape(vectors, (-1, np.shape(vectors)[-1])))
        shifts = self._shifts(np.linalg.norm(self.vectors, axis=1).max(initial=0.0))
        copies = flat[:, None, :] + shifts[None] @ self.vectors
        nearest = np.linalg.norm(copies, axis=2).argmin(axis=1)
        return np.reshape(copies[np.arange(len(flat)), nearest], np.shape(vectors))

    def images(self, points: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All copies of wrapped points that can lie within `reach` of the home cell.

        Returns
        -------
        copies, owner, shift
            Positions (m, n_dimensions), index of the point each is a copy of (m,), and lattice
            vector added to the wrapped point (m, n_periodic).
        """
        shifts = self._shifts(reach)
        wrapped = self.wrap(points)
        copies = wrapped[None] + (shifts @ self.vectors)[:, None]
        owner = np.tile(np.arange(len(points)), len(shifts))
        return copies.reshape(-1, points.shape[1]), owner, np.repeat(shifts, len(points), axis=0)

    def match(self, targets: np.ndarray, points: np.ndarray, tolerance: float) -> np.ndarray:
        """Index of the target at each point, modulo the lattice; -1 where there is none."""
        copies, owner, _ = self.images(targets, tolerance)
        distance, found = cKDTree(copies).query(self.wrap(points), distance_upper_bound=tolerance)
        owner = np.append(owner, -1)
        return owner[np.where(np.isfinite(distance), found, -1)]

    def unique(self, points: np.ndarray, tolerance: float) -> np.ndarray:
        """Return the indices of the points that are no periodic copy of an earlier one."""
        copies, owner, _ = self.images(points, tolerance)
        near = cKDTree(copies).query_ball_point(self.wrap(points), tolerance)
        return np.unique([owner[indices].min() for indices in near])

    def _shifts(self, reach: float) -> np.ndarray:
        counts = np.ceil(reach * np.linalg.norm(self._inverse, axis=0)).astype(int)
        return _blocks(tuple(counts.tolist()))


# A lattice is made anew wherever it is needed; what follows from it is worked out once.


@lru_cache(maxsize=256)
def _inverse(shape: tuple[int, int], vectors: bytes) -> np.ndarray:
    inverse: np.ndarray = np.linalg.pinv(np.frombuffer(vectors).reshape(shape))
    inverse.flags.writeable = False
    return inverse


@lru_cache(maxsize=256)
def _blocks(counts: tuple[int, ...]) -> np.ndarray:
    """Lattice vectors from −n to n along each axis, integers, shape (n_vectors, n_axes)."""
    if not counts:
        return np.zeros((1, 0))
    ranges = [np.arange(-n, n + 1) for n in counts]
    blocks = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, len(counts))
    blocks.flags.writeable = False
    return blocks
