"""Symmetry-distinct adsorption sites of a host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cmp_to_key

import numpy as np
from ase import Atoms

from screening.builders.candidate import Geometry
from screening.geometry.lattice import Lattice
from screening.geometry.placement import ceiling, descend
from screening.geometry.radii import ion_contact
from screening.geometry.round import round_copies
from screening.geometry.sites import Face, Site, SiteCopy, SiteKind
from screening.geometry.symmetry import SYMPREC, Operation, symmetry_operations
from screening.geometry.views import is_flat, views
from screening.geometry.voids import find_voids

PROBE = "Li"
"""The smallest of the ions decides which sites are open, so that all three share their sites."""
KINDS: tuple[SiteKind, ...] = ("vacancy", "hollow", "bridge", "top")
SIGHT = 8.0
"""Å; how far a fingerprint looks."""
SHELLS_APART = 0.2
ROUNDING = 0.01
"""Å; distances that differ by more belong to different shells, by less are equal."""
FACES: tuple[Face, ...] = ("top", "outside", "bottom", "inside")


def find_sites(atoms: Atoms, geometry: Geometry, symprec: float = SYMPREC) -> tuple[Site, ...]:
    """Symmetry-distinct adsorption sites, the same for every ion.

    Both faces of a sheet, where they differ; the top of a slab; both sides of a tube's wall;
    all around a cluster. Labels depend on nothing but the geometry: within a kind and a face,
    sites are numbered by their distances to the rarest element first, so that ``hollow-1``
    is the one next to the dopant.

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
    fingerprints = [_fingerprint(atoms, lattice, group[0]) for group in groups]
    order = sorted(range(len(groups)), key=cmp_to_key(_comparer(groups, fingerprints)))
    counts: Counter[tuple[SiteKind, Face]] = Counter()
    sites = []
    for index in order:
        first = groups[index][0]
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
                multiplicity=sum(copy.face == first.face for copy in groups[index]),
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


def _fingerprint(atoms: Atoms, lattice: Lattice, copy: SiteCopy) -> np.ndarray:
    """Distances to the nearest atoms of each element, rarest element first."""
    copies, owner, _ = lattice.images(atoms.positions, SIGHT)
    distances = np.linalg.norm(copies - lattice.wrap(copy.marker[None])[0], axis=1)
    counts = Counter(atoms.numbers.tolist())
    shells = [
        np.sort(distances[atoms.numbers[owner] == number])
        for number in sorted(counts, key=lambda n: (counts[n], n))
    ]
    fingerprint: np.ndarray = np.minimum(np.concatenate(shells), SIGHT)
    return fingerprint


def _comparer(groups: list[list[SiteCopy]], prints: list[np.ndarray]) -> Callable[[int, int], int]:
    """Order by kind, face and fingerprint, whole shells of neighbours before small shifts."""

    def compare(one: int, two: int) -> int:
        a, b = groups[one][0], groups[two][0]
        major = (KINDS.index(a.kind), FACES.index(a.face))
        minor = (KINDS.index(b.kind), FACES.index(b.face))
        if major != minor:
            return -1 if major < minor else 1
        difference = prints[one] - prints[two]
        for tolerance in SHELLS_APART, ROUNDING:
            decisive = difference[np.abs(difference) > tolerance]
            if len(decisive):
                return int(np.sign(decisive[0]))
        return 0

    return compare


def _triple(vector: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in vector)
    return x, y, z
