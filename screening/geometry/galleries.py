"""Galleries: rooms between the layers of a host that an ion can enter only from the side.

A plane across the host is classed by where the smallest ion has room in it. Where the free part
runs through the plane in two directions, an ion can move about; where the occupied part does, a
layer closes it. Both cannot be, and a gallery is a run of planes of the first sort between two of
the second. Pillars leave a gallery open, a cluster on a sheet makes none, whatever the bonds.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from scipy.ndimage import label
from scipy.spatial import cKDTree

from screening.geometry.views import View, plane_view
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice
from screening.structure.radii import PROBE, radius

GRID_A = 0.3
"""Spacing of the points at which room is looked for, Å; the neck between two pillars is wider."""
ROOM = 0.7
"""An ion passes between atoms at this multiple of the radii sum, over a barrier: from one
octahedral place of a layered sulfide to the next."""
LEAST_A = 2.0
"""Å between atoms and the next above them; no ion fits between closer layers."""


def galleries(atoms: Atoms, geometry: Geometry) -> list[View]:
    """Floor and roof of each gallery, the lowest gallery first; none in a tube or cluster.

    Each wall is seen from the middle of the gallery: the other wall is out of sight.
    """
    if geometry not in ("sheet", "slab"):
        return []
    lattice = Lattice(Lattice.of(atoms, geometry).vectors[:, :2])
    found = []
    for middle in _middles(atoms, lattice):
        found.append(plane_view("floor", atoms.positions, np.eye(3), lattice, middle))
        found.append(plane_view("roof", atoms.positions, np.eye(3), lattice, -middle))
    return found


def _middles(atoms: Atoms, lattice: Lattice) -> list[float]:
    """Height of the middle of each gallery, Å: half way between the atoms of its walls."""
    heights = np.unique(np.round(atoms.positions[:, 2], 6))
    if np.ptp(heights) < LEAST_A:
        return []
    between = (heights[1:] + heights[:-1])[np.diff(heights) > LEAST_A / 2] / 2
    planes = np.union1d(np.arange(heights[0], heights[-1], GRID_A), between)
    free = _free(atoms, lattice, planes)
    rooms = np.array([_runs_through(plane) for plane in free])
    middles: list[float] = []
    for run in np.split(np.arange(len(planes)), np.flatnonzero(np.diff(rooms)) + 1):
        if not rooms[run[0]]:
            continue
        below, above = heights[heights < planes[run[-1]]], heights[heights > planes[run[0]]]
        floor = _first_wall(atoms, lattice, below[::-1])
        roof = _first_wall(atoms, lattice, above)
        if floor is None or roof is None or roof - floor < LEAST_A:
            continue
        # Two runs in one gallery: planes that pillars fill lie between them.
        if not middles or (floor + roof) / 2 > middles[-1] + GRID_A:
            middles.append((floor + roof) / 2)
    return middles


def _first_wall(atoms: Atoms, lattice: Lattice, heights: np.ndarray) -> float | None:
    """First of the heights at which a layer closes the plane; None if none does."""
    for height in heights:
        if _runs_through(~_free(atoms, lattice, np.array([height]))[0]):
            return float(height)
    return None


def _free(atoms: Atoms, lattice: Lattice, planes: np.ndarray) -> np.ndarray:
    """Whether a probe has room at points of planes across the host, (n_planes, n, m)."""
    counts = np.maximum(np.ceil(np.linalg.norm(lattice.vectors, axis=1) / GRID_A), 4).astype(int)
    steps = np.stack(np.meshgrid(*(np.arange(n) / n for n in counts), indexing="ij"), axis=-1)
    flat = steps.reshape(-1, 2) @ lattice.vectors
    points = np.array([(*point, height) for height in planes for point in flat])
    full = Lattice(np.pad(lattice.vectors, ((0, 0), (0, 1))))
    reach = ROOM * (radius(atoms.numbers) + radius(atomic_numbers[PROBE]))
    free = np.ones(len(points), dtype=bool)
    for limit in np.unique(reach):
        copies, _, _ = full.images(atoms.positions[reach == limit], limit)
        free &= ~np.isfinite(cKDTree(copies).query(points, distance_upper_bound=limit)[0])
    return free.reshape(len(planes), *counts)


def _runs_through(mask: np.ndarray) -> bool:
    """Whether one connected part of a periodic plane meets its own copies in two directions."""
    if not mask.any():
        return False
    n, m = mask.shape
    parts = label(np.tile(mask, (3, 3)))[0]
    home = parts[n : 2 * n, m : 2 * m]
    beside, beyond = parts[2 * n :, m : 2 * m], parts[n : 2 * n, 2 * m :]
    return bool(((home > 0) & (home == beside) & (home == beyond)).any())
