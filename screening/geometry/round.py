"""Sites all around a compact cluster: the critical points of `voids`, on a sphere.

The Delaunay triangulation of directions is their convex hull (K. Q. Brown, Inf. Process. Lett. 9,
223 (1979), DOI 10.1016/0020-0190(79)90074-7).
"""

from __future__ import annotations

import itertools

import numpy as np
from ase import Atoms
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull

from screening.geometry.sites import SiteCopy, SiteKind
from screening.geometry.voids import LONG_BRIDGE, MERGE, buried, surrounded
from screening.structure.radii import radius


def round_copies(atoms: Atoms) -> list[SiteCopy]:
    """Tops, bridges and hollows of a compact cluster, seen from its centroid."""
    centre = atoms.positions.mean(axis=0)
    skin = exposed_around(atoms)
    vectors = atoms.positions[skin] - centre
    lengths = np.linalg.norm(vectors, axis=1)
    directions = vectors / lengths[:, None]

    def copy(kind: SiteKind, direction: np.ndarray, corners: list[int]) -> SiteCopy:
        anchor = centre + direction * (vectors[corners] @ direction).mean()
        support = tuple(sorted(int(i) for i in skin[corners]))
        return SiteCopy(kind, "outside", anchor, direction, support)

    found = [copy("top", direction, [i]) for i, direction in enumerate(directions)]
    if len(skin) < 4:
        return found
    hull = ConvexHull(directions)
    rings = _rings(hull)
    for ring in range(rings.max() + 1):
        corners = np.unique(hull.simplices[rings == ring])
        axis = _ring_axis(directions[corners])
        if surrounded((directions[corners] - axis) @ _tangents(axis).T):
            found.append(copy("hollow", axis, corners.tolist()))
    for a, b in _saddles(hull, rings, directions, vectors):
        middle = directions[a] + directions[b]
        found.append(copy("bridge", middle / np.linalg.norm(middle), [a, b]))
    return found


def exposed_around(atoms: Atoms) -> np.ndarray:
    """Return the indices of the atoms of a compact cluster that nothing covers from outside."""
    offsets = atoms.positions - atoms.positions.mean(axis=0)
    radii = radius(atoms.numbers)
    skin = []
    for i, vector in enumerate(offsets):
        length = np.linalg.norm(vector)
        if length < 0.5 and len(atoms) > 1:
            continue
        up = vector / length if length > 0 else np.array([0.0, 0.0, 1.0])
        others = np.delete(offsets, i, axis=0) - vector
        if not buried(others @ _tangents(up).T, others @ up, np.delete(radii, i), radii[i]):
            skin.append(i)
    return np.array(skin, dtype=int)


def _rings(hull: ConvexHull) -> np.ndarray:
    """Group number of each facet; facets of one ring share their circumcentre, see `MERGE`."""
    axes = hull.equations[:, :3]
    one = np.repeat(np.arange(len(axes)), 3)
    two = hull.neighbors.ravel()
    apart = np.linalg.norm(axes[one] - axes[two], axis=1)
    sizes = np.sqrt(np.maximum(1 - hull.equations[:, 3] ** 2, 0.0))
    close = apart < MERGE * np.minimum(sizes[one], sizes[two])
    graph = coo_array((np.ones(close.sum()), (one[close], two[close])), shape=(len(axes),) * 2)
    labels: np.ndarray = connected_components(graph, directed=False)[1]
    return labels


def _ring_axis(corners: np.ndarray) -> np.ndarray:
    """Direction with the same angle to all corners, in the least-squares sense."""
    axis = np.linalg.lstsq(corners, np.ones(len(corners)), rcond=None)[0]
    unit: np.ndarray = axis / np.linalg.norm(axis)
    return unit


def _saddles(
    hull: ConvexHull, rings: np.ndarray, directions: np.ndarray, vectors: np.ndarray
) -> list[tuple[int, int]]:
    """Edges between different rings whose middle is nearest to its own two ends."""
    sides: dict[tuple[int, int], set[int]] = {}
    for simplex, ring in zip(hull.simplices, rings, strict=True):
        for a, b in itertools.combinations(sorted(simplex.tolist()), 2):
            sides.setdefault((a, b), set()).add(int(ring))
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    nearest = np.sort(distances, axis=1)[:, 1]
    found = []
    for (a, b), around in sides.items():
        middle = directions[a] + directions[b]
        closeness = directions @ middle
        short = distances[a, b] < LONG_BRIDGE * max(nearest[a], nearest[b])
        if len(around) == 2 and short and closeness.max() < closeness[a] + 0.02:
            found.append((a, b))
    return found


def _tangents(direction: np.ndarray) -> np.ndarray:
    """Two orthonormal vectors across a direction, as rows."""
    _, _, axes = np.linalg.svd(direction[None])
    return np.asarray(axes[1:])
