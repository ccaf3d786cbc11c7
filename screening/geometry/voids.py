"""Tops, bridges and hollows of a landscape: critical points of the distance to its atoms.

In the plane, the distance to the nearest exposed atom has its minima on the atoms (top), its
saddles where an edge of the Delaunay triangulation has its middle nearest to its own two ends
(bridge), and its maxima at Voronoi vertices that their atoms surround (hollow). See F. Aurenhammer,
ACM Comput. Surv. 23, 345 (1991), DOI 10.1145/116873.116880.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError, cKDTree

from screening.geometry.sites import SiteKind
from screening.geometry.views import View, fit_circle
from screening.structure.radii import NEIGHBOUR_SCALE, radius

MERGE = 0.35
"""Voronoi vertices closer than this multiple of the smaller ring's radius are one hollow (rings
are never perfect circles): 0.5 Å in graphene and on Cu(111)."""
RING_A = 1.42
"""Rings that look smaller than that of graphene are seen at a slant, Å."""
WIDEST = 2.8
"""Å between a pore's centre and the surface of its atoms; the centre of a wider pore touches
nothing and is no adsorption site."""
STEEP = 1.02
"""Rise over run of the steepest bridge: a little more than the 45° of an fcc step."""
OPEN = 1.75
"""A ring of atoms up to this multiple of their nearest-neighbour distance from its centre is no
pore, whatever its size: steps and troughs of metals are alike for all lattice constants."""
OVERHANG = 2.0
"""An atom is overhung by others within this multiple of its nearest-neighbour distance sideways, or
as near as the rim of the widest pore."""
SQUAT = 1.15
"""A bond over an atom hides it if it is longer than this multiple of its ends' distances to it."""
MARGIN = 9.0
"""Å of periodic copies around the cell; more than two of the widest pores."""
LONG_BRIDGE = 1.45
"""A bridge may be this much longer than the shorter contacts of its ends: fcc(110) has 1.41,
the dangling bonds of a carbon vacancy 1.73."""


@dataclass(frozen=True)
class Void:
    """A candidate site of one view: where it is, and the atoms around it.

    Attributes
    ----------
    point
        Coordinates in the view, at the mean height of the atoms around, shape (3,).
    """

    kind: SiteKind
    point: np.ndarray
    support: tuple[int, ...]


def exposed(view: View, numbers: np.ndarray) -> np.ndarray:
    """Return the indices of the atoms that an ion below the ceiling can reach from this face.

    An atom is buried if an atom or the middle of a bond stands right above it, or if the atoms
    that overhang it surround it: bonded ones that rise by more than 20°, others by more than 40°.
    """
    seen = np.flatnonzero(view.points[:, 2] < view.ceiling)
    copies, owner, _ = view.lattice.images(view.points[seen, :2], MARGIN)
    home = view.lattice.wrap(view.points[seen, :2])
    heights, radii = view.points[seen, 2], radius(numbers[seen])
    is_open = [
        not buried(copies - centre, heights[owner] - heights[i], radii[owner], radii[i])
        for i, centre in enumerate(home)
    ]
    reached: np.ndarray = seen[np.array(is_open, dtype=bool)]
    return reached


def covered(view: View, numbers: np.ndarray, index: int) -> bool:
    """Whether other atoms cover one, as seen from this face; see `exposed`."""
    copies, owner, _ = view.lattice.images(view.points[:, :2], MARGIN)
    centre = view.lattice.wrap(view.points[[index], :2])
    rise, radii = view.points[:, 2] - view.points[index, 2], radius(numbers)
    return buried(copies - centre, rise[owner], radii[owner], radii[index])


def buried(lateral: np.ndarray, rise: np.ndarray, radii: np.ndarray, own: float) -> bool:
    """Whether atoms at offsets (n, 2) sideways and (n,) upwards cover an atom; see `exposed`.

    Lengths are measured by the nearest atom, so that a crystal looks alike at any lattice constant.
    """
    apart = np.linalg.norm(lateral, axis=1)
    distances = np.hypot(apart, rise)
    others = distances > 1e-6
    if not others.any():
        return False
    unit = float(distances[others].min())
    ratios = distances / (radii + own)
    bonded = ratios < NEIGHBOUR_SCALE * ratios[others].min()
    slope = np.where(bonded, np.tan(np.radians(20)), np.tan(np.radians(40)))
    beside = apart < np.maximum(WIDEST + radii, OVERHANG * unit)
    over = (rise > 0.15 * unit) & (rise > slope * apart) & (bonded | beside)
    if (apart[over] < 0.25 * unit).any() or surrounded(lateral[over]):
        return True
    return _under_a_bond(np.column_stack([lateral, rise])[over], radii[over], 0.25 * unit)


def _under_a_bond(offsets: np.ndarray, radii: np.ndarray, near: float) -> bool:
    """Whether the middle of a bond between atoms at offsets (n, 3) is right above: a dimer's.

    The bond is longer than its ends are away, by more than in the equal triangles of a metal.
    """
    one, two = np.triu_indices(len(offsets), 1)
    middles = (offsets[one, :2] + offsets[two, :2]) / 2
    lengths = np.linalg.norm(offsets[one] - offsets[two], axis=1)
    away = np.linalg.norm(offsets, axis=1)
    return bool(
        (
            (np.linalg.norm(middles, axis=1) < near)
            & (lengths < NEIGHBOUR_SCALE * (radii[one] + radii[two]))
            & (lengths > SQUAT * np.maximum(away[one], away[two]))
        ).any()
    )


def surrounded(vectors: np.ndarray, margin: float = 0.1) -> bool:
    """Whether directions (n, 2) leave no open half-plane, by more than `margin` radians."""
    if len(vectors) < 3:
        return False
    angles = np.sort(np.arctan2(vectors[:, 1], vectors[:, 0]))
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return bool(gaps.max() < np.pi - margin)


def find_voids(view: View, numbers: np.ndarray) -> list[Void]:
    """All tops, bridges and hollows of the cell, with periodic duplicates at its boundary."""
    atoms = exposed(view, numbers)
    net = _Net.of(view, numbers, atoms)
    tops = [Void("top", view.points[i], (int(i),)) for i in atoms]
    hollows, rings = net.hollows()
    return tops + net.bridges(rings) + hollows


@dataclass(frozen=True)
class _Net:
    """Delaunay triangulation of the exposed atoms and their periodic copies."""

    view: View
    points: np.ndarray
    owner: np.ndarray
    simplices: np.ndarray
    neighbours: np.ndarray
    tree: cKDTree
    nearest: np.ndarray
    radii: np.ndarray

    @classmethod
    def of(cls, view: View, numbers: np.ndarray, atoms: np.ndarray) -> _Net:
        flat, owner, _ = view.lattice.images(view.points[atoms, :2], MARGIN)
        owner = atoms[owner]
        points = np.column_stack([flat, view.points[owner, 2]])
        try:
            mesh = Delaunay(flat)
            simplices, neighbours = mesh.simplices, mesh.neighbors
        except (QhullError, ValueError):  # fewer than three points, or all in a row
            simplices = neighbours = np.empty((0, 3), dtype=int)
        space = cKDTree(points)
        nearest = space.query(points, k=2)[0][:, 1] if len(points) > 1 else np.full(1, np.inf)
        return cls(
            view,
            points,
            owner,
            simplices,
            neighbours,
            cKDTree(flat),
            nearest,
            radius(numbers[owner]),
        )

    def hollows(self) -> tuple[list[Void], np.ndarray]:
        """Hollows, and the ring (merged group) that each triangle belongs to."""
        centres = _circumcentres(self.points[self.simplices, :2])
        rings = self._merge(centres)
        nearby = self.view.lattice.at_home(centres, margin=1.0)
        found = []
        for ring in np.unique(rings[nearby]):
            corners = np.unique(self.simplices[rings == ring])
            centre, size = fit_circle(self.points[corners, :2])
            if size > max(WIDEST + self.radii[corners].mean(), OPEN * self.nearest[corners].mean()):
                continue
            if not self.view.lattice.at_home(centre[None])[0]:
                continue
            kind = self._ring_kind(corners, centre)
            if kind and surrounded(self.points[corners, :2] - centre):
                found.append(self._void(kind, centre, corners))
        return found, rings

    def bridges(self, rings: np.ndarray) -> list[Void]:
        """Middles of the edges between different rings that are saddles of the distance."""
        edges, sides = self._edges(rings)
        one, two = self.points[edges[:, 0]], self.points[edges[:, 1]]
        vectors, middles = one - two, (one + two)[:, :2] / 2
        flat = np.linalg.norm(vectors[:, :2], axis=1)
        shortest = np.maximum(self.nearest[edges[:, 0]], self.nearest[edges[:, 1]])
        keep = (
            self.view.lattice.at_home(middles)
            & (sides[:, 0] != sides[:, 1])
            & (np.abs(vectors[:, 2]) < STEEP * flat)
            & (np.linalg.norm(vectors, axis=1) < LONG_BRIDGE * shortest)
            & (self.tree.query(middles)[0] > 0.48 * flat)
        )
        return [self._void("bridge", middles[k], edges[k]) for k in np.flatnonzero(keep)]

    def _edges(self, rings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Edges (n, 2) of the triangulation and the rings (n, 2) on their sides, -1 outside."""
        if not len(self.simplices):
            steps = np.arange(len(self.points) - 1)
            pairs = np.stack([steps, steps + 1], axis=1)
            return pairs, np.tile([0, -1], (len(pairs), 1))
        opposite = self.simplices[:, [[1, 2], [0, 2], [0, 1]]].reshape(-1, 2)
        beyond = np.where(self.neighbours >= 0, rings[self.neighbours], -1).ravel()
        edges, first = np.unique(np.sort(opposite, axis=1), axis=0, return_index=True)
        return edges, np.stack([np.repeat(rings, 3), beyond], axis=1)[first]

    def _ring_kind(self, corners: np.ndarray, centre: np.ndarray) -> SiteKind | None:
        """Kind of a ring; None for the air beside a group that sticks out.

        Most sides of a hollow are contacts. Where most are too long for that, the ring is a hole
        if nothing stands in it, and no site if it climbs by more than 45°.
        """
        offsets = self.points[corners, :2] - centre
        ring = corners[np.argsort(np.arctan2(offsets[:, 1], offsets[:, 0]))]
        sides = np.linalg.norm(self.points[ring] - self.points[np.roll(ring, 1)], axis=1)
        longest = LONG_BRIDGE * np.maximum(self.nearest[ring], self.nearest[np.roll(ring, 1)])
        if (sides > longest).mean() < 0.5:
            return "hollow"
        heights = self.points[corners, 2] - self.points[corners, 2].mean()
        if np.linalg.norm(np.linalg.lstsq(offsets, heights, rcond=None)[0]) > 1.0:
            return None
        flat = self.view.lattice.minimum_image(self.view.points[:, :2] - centre)
        rise = self.view.points[:, 2] - self.points[corners, 2].mean()
        inmost = np.hypot(np.linalg.norm(flat, axis=1), rise).min()
        size = np.hypot(np.linalg.norm(offsets, axis=1), heights).min()
        return "vacancy" if inmost > 0.95 * size else "hollow"

    def _void(self, kind: SiteKind, centre: np.ndarray, corners: np.ndarray) -> Void:
        height = self.points[corners, 2].mean()
        support = tuple(sorted({int(i) for i in self.owner[corners]}))
        return Void(kind, np.append(centre, height), support)

    def _merge(self, centres: np.ndarray) -> np.ndarray:
        count = len(centres)
        one, side = np.nonzero(self.neighbours >= 0)
        two = self.neighbours[one, side]
        apart = np.linalg.norm(centres[one] - centres[two], axis=1)
        sizes = np.linalg.norm(centres - self.points[self.simplices[:, 0], :2], axis=1)
        close = apart < MERGE * np.maximum(np.minimum(sizes[one], sizes[two]), RING_A)
        graph = coo_array((np.ones(close.sum()), (one[close], two[close])), shape=(count, count))
        labels: np.ndarray = connected_components(graph, directed=False)[1] if count else one
        return labels


def _circumcentres(corners: np.ndarray) -> np.ndarray:
    """Centres (n, 2) of the circles through triangles (n, 3, 2)."""
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    matrix = 2 * np.stack([one, two], axis=1)
    squares = np.stack([(one**2).sum(axis=1), (two**2).sum(axis=1)], axis=1)
    # Slivers along the rim have no circle worth the name; they stay finite, far away.
    flat = np.abs(np.linalg.det(matrix)) < 1e-9
    matrix[flat] = 1e-9 * np.eye(2)
    return corners[:, 0] + np.linalg.solve(matrix, squares[..., None])[..., 0]
