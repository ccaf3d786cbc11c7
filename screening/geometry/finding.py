"""Symmetry-distinct adsorption sites of a host."""

from __future__ import annotations

from collections import Counter

import numpy as np
from ase import Atoms
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from screening.geometry.galleries import galleries
from screening.geometry.placement import descend, stand
from screening.geometry.round import round_copies
from screening.geometry.sites import Face, Site, SiteCopy, SiteKind
from screening.geometry.symmetry import REMEMBERED, SYMPREC, Operation, symmetry_operations
from screening.geometry.ties import ranks
from screening.geometry.views import View, is_flat, views
from screening.geometry.voids import find_voids
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice
from screening.structure.memo import remembered
from screening.structure.radii import PROBE, contact_ratios, ion_contact, radius

KINDS: tuple[SiteKind, ...] = ("vacancy", "hollow", "bridge", "top")
WIDTH = 2.5
SIGHT = 8.0
"""Å; width and cut-off of the Gaussians that order the sites."""
ALIKE = 3e-4
"""Sites whose crowding differs by less are ordered by something else: 1e-4 Å of noise in each
position moves it by some 1e-4."""
PLACE_A = 0.01
"""Å; places closer than this along an axis are equal when copies of a site are ordered."""
FACES: tuple[Face, ...] = ("top", "outside", "floor", "roof", "bottom", "inside")
OUTER: tuple[Face, ...] = ("top", "outside")
"""Faces that labels do not name."""
LIKE_HOST = 0.8
"""Nearest-neighbour distance over the probe's contact: 0.85 (W) to 1.25 (K) in metals, 0.75 for
Ni in NiO, 0.66 for the metal of bare MXenes, whose neighbour is carbon."""
LARGE_A = 1.15
"""Radius of the atoms of metals, Å: all but beryllium; not of C, N, O, F, P, S or silicon."""
SQUEEZED = 0.15
"""Sum over the atoms of what is missing to the radii sum, in radii sums, that a probe may lack in a
gallery: it leans away from a pillar, but not from both walls."""
OPPOSITE = 0.5
"""Å; places that the two walls of a gallery give and that lie closer than this are one."""


@remembered(REMEMBERED)
def find_sites(atoms: Atoms, geometry: Geometry, symprec: float = SYMPREC) -> tuple[Site, ...]:
    """Symmetry-distinct adsorption sites, the same for every ion.

    Both faces of a sheet, where they differ; the top of a slab; both sides of a tube's wall;
    all around a cluster; the walls of galleries inside sheets and slabs. Labels depend on nothing
    but the geometry: within a kind and a face, sites are numbered by how close the rarest element
    is, so that ``hollow-1`` is the one next to the dopant.

    Parameters
    ----------
    atoms
        Host without the ion.
    symprec
        Tolerance of the symmetry search, Å.
    """
    lattice = Lattice.of(atoms, geometry)
    copies = _copies(atoms, geometry)
    operations = symmetry_operations(atoms, geometry, symprec)
    groups = _group(copies, operations, lattice, 3 * symprec)
    nearest = _nearest_distances(atoms, lattice)
    groups = [group for group in groups if _is_open(atoms, group[0], nearest)]
    groups = _ordered(atoms, lattice, groups)
    counts: Counter[tuple[SiteKind, Face]] = Counter()
    sites = []
    for group in groups:
        first = group[0]
        counts[first.kind, first.face] += 1
        suffix = "" if first.face in OUTER else f"-{first.face}"
        sites.append(
            Site(
                label=f"{first.kind}-{counts[first.kind, first.face]}{suffix}",
                kind=first.kind,
                face=first.face,
                anchor=_triple(lattice.wrap(first.anchor[None])[0]),
                normal=_triple(first.normal),
                support=first.support,
                multiplicity=sum(copy.face == first.face for copy in group),
                headroom_a=first.headroom_a,
            )
        )
    return tuple(sites)


def _nearest_distances(atoms: Atoms, lattice: Lattice) -> np.ndarray:
    copies, _, _ = lattice.images(atoms.positions, SIGHT)
    distances: np.ndarray = cKDTree(copies).query(lattice.wrap(atoms.positions), k=2)[0][:, 1]
    return distances


def _copies(atoms: Atoms, geometry: Geometry) -> list[SiteCopy]:
    """All open places of the cell, with periodic duplicates at its boundary."""
    if geometry == "cluster" and not is_flat(atoms):
        copies = round_copies(atoms)
    else:
        copies = [copy for view in views(atoms, geometry) for copy in _seen(atoms, view)]
    walls = galleries(atoms, geometry)
    for floor, roof in zip(walls[::2], walls[1::2], strict=True):
        copies += _between(atoms, [*_seen(atoms, floor), *_seen(atoms, roof)])
    return copies


def _seen(atoms: Atoms, view: View) -> list[SiteCopy]:
    return [
        SiteCopy(
            void.kind,
            view.face,
            *view.lift(void.point),
            void.support,
            view.ceiling - void.point[2],
        )
        for void in find_voids(view, atoms.numbers)
    ]


def _between(atoms: Atoms, copies: list[SiteCopy]) -> list[SiteCopy]:
    """Open places of one gallery: where its two walls give the same one, the better kind's."""
    copies = [copy for copy in copies if _has_room(atoms, copy)]
    copies.sort(key=lambda copy: (KINDS.index(copy.kind), FACES.index(copy.face)))
    lattice = Lattice.of(atoms)
    places = np.array([_probe_position(atoms, copy) for copy in copies]).reshape(-1, 3)
    kept: list[int] = []
    for i, copy in enumerate(copies):
        others = [k for k in kept if copies[k].face != copy.face]
        gaps = np.linalg.norm(lattice.minimum_image(places[others] - places[i]), axis=1)
        if not (gaps < OPPOSITE).any():
            kept.append(i)
    return [copies[k] for k in kept]


def _probe_position(atoms: Atoms, copy: SiteCopy) -> np.ndarray:
    contact = ion_contact(atoms, PROBE, copy.support)
    return stand(atoms, copy.anchor, copy.normal, contact, copy.headroom_a)


def _is_open(atoms: Atoms, copy: SiteCopy, nearest: np.ndarray) -> bool:
    """Whether a probe that comes down reaches the site before any atom that overhangs it.

    Over metals, whose atoms are of the probe's size and touch each other at about the distance at
    which they touch the probe, the probe takes their size: which places of a step are open does
    not change with the lattice constant.

    Parameters
    ----------
    nearest
        Distance from each atom to the next, Å, shape (n_atoms,).
    """
    contact = ion_contact(atoms, PROBE, copy.support)
    support = list(copy.support)
    size = float((nearest / contact)[support].min())
    if LIKE_HOST < size < np.inf and radius(atoms.numbers[support]).min() > LARGE_A:
        contact *= size
    height, touched = descend(atoms, copy.anchor, copy.normal, contact, copy.headroom_a)
    if copy.face == "inside" and height == copy.headroom_a:  # a tube too narrow for the probe
        return False
    if touched is None or touched in copy.support:
        return True
    offsets = atoms.positions[[touched, *copy.support]] - copy.anchor
    heights = Lattice.of(atoms).minimum_image(offsets) @ copy.normal
    return bool(heights[0] < heights[1:].max())


def _has_room(atoms: Atoms, copy: SiteCopy) -> bool:
    """Whether a probe that stops half way to an opposite wall has room there.

    Octahedral places of layered sulfides and the sixfold ones of LiC6 are as wide as the radii
    sum; in the hollows of unexpanded graphite an atom of the next layer stands at 0.82 of it.
    """
    ratios = contact_ratios(atoms, _probe_position(atoms, copy), PROBE, Lattice.of(atoms))
    return float(np.maximum(1.0 - ratios, 0.0).sum()) < SQUEEZED


def _group(
    copies: list[SiteCopy], operations: tuple[Operation, ...], lattice: Lattice, tolerance: float
) -> list[list[SiteCopy]]:
    """Group copies that an operation of the host (or a lattice vector) carries into each other."""
    kinds = np.array([1e3 * KINDS.index(copy.kind) for copy in copies])
    padded = Lattice(np.pad(lattice.vectors, ((0, 0), (0, 1))))
    markers = np.array([copy.marker for copy in copies])
    targets = np.column_stack([markers, kinds])
    waiting = dict.fromkeys(padded.unique(targets, tolerance).tolist())
    indices = np.array(list(waiting))
    groups = []
    while waiting:
        first = next(iter(waiting))
        moved = np.array([operation.apply(markers[first]) for operation in operations])
        tagged = np.column_stack([moved, np.full(len(moved), kinds[first])])
        found = padded.match(targets[indices], tagged, tolerance)
        members = {first, *indices[found[found >= 0]].tolist()} & waiting.keys()
        groups.append([copies[i] for i in sorted(members)])
        for member in members:
            del waiting[member]
    return [[group[i] for i in _in_order(group, lattice)] for group in groups]


def _in_order(group: list[SiteCopy], lattice: Lattice) -> np.ndarray:
    """Order of the copies of a site: by face, then by place in the cell."""
    places = lattice.wrap(np.array([copy.anchor for copy in group]))
    faces = [FACES.index(copy.face) for copy in group]
    return _sorted_by([np.array(faces), *(ranks(column, PLACE_A) for column in places.T)])


def _ordered(atoms: Atoms, lattice: Lattice, groups: list[list[SiteCopy]]) -> list[list[SiteCopy]]:
    """Sites by kind, face, then how closely each element crowds them, rarest first.

    The crowding is a sum of Gaussians of the distances, averaged over the copies: smooth, so that
    relaxing does not reorder sites, and the same for any origin and order of atoms. Sites that
    noise could swap are told apart by the next element, then by their number and place.
    """
    if not groups:
        return []
    first = [group[0] for group in groups]
    crowding = np.array([_crowding(atoms, lattice, group) for group in groups])
    places = lattice.wrap(np.array([copy.anchor for copy in first]))
    order = _sorted_by(
        [
            np.array([KINDS.index(copy.kind) for copy in first]),
            np.array([FACES.index(copy.face) for copy in first]),
            *(ranks(-column, ALIKE) for column in crowding.T),
            np.array([len(group) for group in groups]),
            *(ranks(column, PLACE_A) for column in places.T),
        ]
    )
    return [groups[i] for i in order]


def _crowding(atoms: Atoms, lattice: Lattice, group: list[SiteCopy]) -> list[float]:
    """Weight of each element around the copies of a site, the rarest element first."""
    copies, owner, _ = lattice.images(atoms.positions, SIGHT)
    markers = lattice.wrap(np.array([copy.marker for copy in group]))
    distances, floor = cdist(markers, copies), np.exp(-0.5 * (SIGHT / WIDTH) ** 2)
    weights = np.maximum(np.exp(-0.5 * (distances / WIDTH) ** 2) - floor, 0.0).mean(axis=0)
    counts = Counter(atoms.numbers.tolist())
    return [
        float(weights[atoms.numbers[owner] == number].sum())
        for number in sorted(counts, key=lambda n: (counts[n], n))
    ]


def _sorted_by(keys: list[np.ndarray]) -> np.ndarray:
    """Return indices in the order of the first key, ties in that of the second, and so on."""
    order: np.ndarray = np.lexsort(keys[::-1])
    return order


def _triple(vector: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in vector)
    return x, y, z
