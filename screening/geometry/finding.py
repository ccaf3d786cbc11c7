"""Symmetry-distinct adsorption sites of a host."""

from __future__ import annotations

from collections import Counter

import numpy as np
from ase import Atoms
from scipy.spatial.distance import cdist

from screening.geometry.placement import ceiling, descend
from screening.geometry.round import round_copies
from screening.geometry.sites import Face, Site, SiteCopy, SiteKind
from screening.geometry.symmetry import SYMPREC, Operation, symmetry_operations
from screening.geometry.views import is_flat, views
from screening.geometry.voids import find_voids
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice
from screening.structure.radii import ion_contact

PROBE = "Li"
"""The smallest of the ions decides which sites are open, so that all three share their sites."""
KINDS: tuple[SiteKind, ...] = ("vacancy", "hollow", "bridge", "top")
WIDTH = 2.5
SIGHT = 8.0
"""Å; width and cut-off of the Gaussians that order the sites."""
FACES: tuple[Face, ...] = ("top", "outside", "bottom", "inside")


def find_sites(atoms: Atoms, geometry: Geometry, symprec: float = SYMPREC) -> tuple[Site, ...]:
    """Symmetry-distinct adsorption sites, the same for every ion.

    Both faces of a sheet, where they differ; the top of a slab; both sides of a tube's wall;
    all around a cluster. Labels depend on nothing but the geometry: within a kind and a face,
    sites are numbered by how close the rarest element is, so that ``hollow-1`` is the one next
    to the dopant.

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
    groups = [group for group in groups if _is_open(atoms, group[0])]
    groups.sort(key=lambda group: _rank(atoms, lattice, group))
    counts: Counter[tuple[SiteKind, Face]] = Counter()
    sites = []
    for group in groups:
        first = group[0]
        counts[first.kind, first.face] += 1
        suffix = f"-{first.face}" if first.face in ("bottom", "inside") else ""
        sites.append(
            Site(
                label=f"{first.kind}-{counts[first.kind, first.face]}{suffix}",
                kind=first.kind,
                face=first.face,
                anchor=_triple(lattice.wrap(first.anchor[None])[0]),
                normal=_triple(first.normal),
                support=first.support,
                multiplicity=sum(copy.face == first.face for copy in group),
            )
        )
    return tuple(sites)


def _copies(atoms: Atoms, geometry: Geometry) -> list[SiteCopy]:
    if geometry == "cluster" and not is_flat(atoms):
        return round_copies(atoms)
    return [
        SiteCopy(void.kind, view.face, *view.lift(void.point), void.support)
        for view in views(atoms, geometry)
        for void in find_voids(view, atoms.numbers)
    ]


def _is_open(atoms: Atoms, copy: SiteCopy) -> bool:
    """Whether a probe that comes down reaches the site before any atom that overhangs it."""
    contact = ion_contact(atoms, PROBE, copy.support)
    start = ceiling(atoms, copy.face, copy.anchor)
    height, touched = descend(atoms, copy.anchor, copy.normal, contact, start)
    if height == start:  # a tube too narrow for the probe
        return False
    if touched is None or touched in copy.support:
        return True
    offsets = atoms.positions[[touched, *copy.support]] - copy.anchor
    heights = Lattice.of(atoms).minimum_image(offsets) @ copy.normal
    return bool(heights[0] < heights[1:].max())


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
    for group in groups:
        group.sort(key=lambda c: (FACES.index(c.face), _place_in_cell(c.anchor, lattice)))
    return groups


def _place_in_cell(anchor: np.ndarray, lattice: Lattice) -> tuple[float, ...]:
    return tuple(np.round(lattice.wrap(anchor[None])[0], 2))


def _rank(atoms: Atoms, lattice: Lattice, group: list[SiteCopy]) -> tuple[float, ...]:
    """Sort key of a site: kind, face, then how closely each element crowds it, rarest first.

    The crowding is a sum of Gaussians of the distances, averaged over the copies: smooth, so that
    relaxing does not reorder sites, and the same for any origin and order of atoms.
    """
    copies, owner, _ = lattice.images(atoms.positions, SIGHT)
    markers = lattice.wrap(np.array([copy.marker for copy in group]))
    distances, floor = cdist(markers, copies), np.exp(-0.5 * (SIGHT / WIDTH) ** 2)
    weights = np.maximum(np.exp(-0.5 * (distances / WIDTH) ** 2) - floor, 0.0).mean(axis=0)
    counts = Counter(atoms.numbers.tolist())
    crowding = [
        float(weights[atoms.numbers[owner] == number].sum())
        for number in sorted(counts, key=lambda n: (counts[n], n))
    ]
    first = group[0]
    return (
        KINDS.index(first.kind),
        FACES.index(first.face),
        *(round(-value, 5) for value in crowding),
        len(group),
    )


def _triple(vector: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in vector)
    return x, y, z
