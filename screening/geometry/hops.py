"""All symmetry-distinct hops of an ion between neighbouring minima of a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from scipy.spatial import cKDTree

from screening.geometry.alignment import aligned
from screening.geometry.reversal import reversal, transported
from screening.geometry.sites import Face
from screening.geometry.standing import open_faces
from screening.geometry.symmetry import Operation, symmetry_operations
from screening.geometry.ties import ranks
from screening.geometry.voids import surrounded
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice

SAME = 0.5
"""Å; minima that are closer are one: relaxed ions lie a little off their symmetric place."""
LONGEST = 6.0
"""Å; a longer hop crosses ground that has no minimum in it and is no elementary step."""
TIED_A = 0.02
"""Å; hops whose lengths differ by less are equally long."""
BETWEEN = 1.05
"""Two minima are neighbours if no third one lies in the sphere between them, a little widened: the
diagonal of a square is no hop (Gabriel & Sokal, Syst. Zool. 18, 259 (1969),
DOI 10.2307/2412323)."""


@dataclass(frozen=True)
class Minimum:
    """A relaxed ion on a host.

    Attributes
    ----------
    label
        Of the site where the ion ended.
    atoms
        Host atoms in host order, then the ion.
    """

    label: str
    atoms: Atoms


@dataclass(frozen=True)
class Link:
    """One copy of a hop: from a copy of a minimum to another, `vector` cells away.

    Attributes
    ----------
    start, end
        Numbers of the copies in the cell, the same in all hops of a host.
    vector
        Lattice vector crossed, integers, one for each periodic direction.
    """

    start: int
    end: int
    vector: tuple[int, ...]

    def reversed(self) -> Link:
        """Return the same link walked backwards."""
        return Link(self.end, self.start, tuple(-v for v in self.vector))


@dataclass(frozen=True)
class Hop:
    """A symmetry-distinct hop and all its copies in the cell.

    Attributes
    ----------
    name
        ``hollow-1 -> bridge-1``; numbered, ``#2``, where several connect the same minima.
    minima
        Indices of the minima at both ends, into the sequence given to `find_hops`.
    start, end
        End structures as a band needs them: matching atoms, the end in the image that is near.
    length_a
        Distance between the ion's end positions, Å.
    mirrored
        Whether a symmetry operation swaps the ends: half of the band tells all.
    links
        All copies, the one of `start` and `end` first.
    mirror
        The operation that carries `start` onto `end` and back, where there is an exact one.
    """

    name: str
    minima: tuple[int, int]
    start: Atoms
    end: Atoms
    length_a: float
    mirrored: bool
    links: tuple[Link, ...]
    mirror: Operation | None = None

    @property
    def multiplicity(self) -> int:
        """Number of copies in the cell."""
        return len(self.links)


@dataclass(frozen=True)
class _Copy:
    minimum: int
    operation: Operation
    position: np.ndarray
    faces: frozenset[Face]


def find_hops(
    host: Atoms, minima: Sequence[Minimum], geometry: Geometry, cutoff: float = LONGEST
) -> tuple[Hop, ...]:
    """Symmetry-distinct hops between neighbouring minima, shortest first.

    Hops cross the periodic boundary and join minima that have no other between them. None passes
    through atoms that cover one of its ends: an ion changes sides of a sheet or a wall by a pore.

    Parameters
    ----------
    host
        Relaxed host without the ion.
    minima
        Distinct minima; symmetry-equivalent ones count once.
    cutoff
        Longest hop, Å.
    """
    lattice = Lattice.of(host, geometry)
    settled = [aligned(host, minimum.atoms, geometry) for minimum in minima]
    faces = [open_faces(atoms, geometry) for atoms in settled]
    operations = symmetry_operations(host, geometry)
    copies = _copies(settled, faces, lattice, operations)
    network = _Network(lattice, np.array([c.position for c in copies]).reshape(-1, 3), operations)
    waiting = [
        link
        for link in network.links(cutoff)
        if not _walled_off(host, network, link, (copies[link.start], copies[link.end]), geometry)
    ]
    hops: list[Hop] = []
    for links, swaps in network.classes(waiting):
        first = links[0]
        ends = copies[first.start], copies[first.end]
        start, end = (transported(host, settled[c.minimum], c.operation, lattice) for c in ends)
        start.positions[-1] = ends[0].position
        end.positions[-1] = ends[1].position + np.array(first.vector) @ lattice.vectors
        mirror, end = reversal(host, start, end, swaps, lattice)
        indices = ends[0].minimum, ends[1].minimum
        same = sum(hop.minima == indices for hop in hops)
        name = " -> ".join(minima[i].label for i in indices) + (f" #{same + 1}" if same else "")
        length = float(np.linalg.norm(end.positions[-1] - start.positions[-1]))
        hops.append(Hop(name, indices, start, end, length, bool(swaps), tuple(links), mirror))
    return tuple(hops)


def _copies(
    settled: Sequence[Atoms],
    faces: Sequence[frozenset[Face]],
    lattice: Lattice,
    operations: Sequence[Operation],
) -> list[_Copy]:
    """Distinct copies of the minima in the cell; one open to one face of a sheet stays on it."""
    copies: list[_Copy] = []
    for index, atoms in enumerate(settled):
        ion = atoms.positions[-1]
        sided = len(faces[index] & {"top", "bottom"}) == 1
        usable = [o for o in operations if not sided or o.rotation[2, 2] > 0]
        positions = lattice.wrap(np.array([operation.apply(ion) for operation in usable]))
        earlier = np.array([c.position for c in copies]).reshape(-1, 3)
        known = lattice.match(earlier, positions, SAME) >= 0
        copies += [
            _Copy(index, usable[i], positions[i], faces[index])
            for i in lattice.unique(positions, SAME)
            if not known[i]
        ]
    return copies


def _walled_off(
    host: Atoms, network: _Network, link: Link, ends: tuple[_Copy, _Copy], geometry: Geometry
) -> bool:
    """Whether atoms of the host close the straight way between the ends of a link."""
    if any(end.faces for end in ends):
        return not ends[0].faces & ends[1].faces
    if geometry not in ("sheet", "slab"):
        return False
    # Both ends are inside. A layer lies between them if it surrounds the line from one to other.
    start, end = network.ends(link)
    low, high = sorted((start, end), key=lambda point: float(point[2]))
    heights = host.positions[:, 2]
    between = (heights > low[2] + SAME) & (heights < high[2] - SAME)
    if not between.any():
        return False
    share = ((heights - low[2]) / (high[2] - low[2]))[between, None]
    crossing = (low + share * (high - low))[:, :2]
    flat = Lattice(Lattice.of(host, geometry).vectors[:, :2])
    return surrounded(flat.minimum_image(host.positions[between, :2] - crossing))


@dataclass(frozen=True)
class _Network:
    """Copies of minima as the nodes of a periodic graph."""

    lattice: Lattice
    nodes: np.ndarray
    operations: Sequence[Operation]

    def classes(self, waiting: Sequence[Link]) -> list[tuple[list[Link], list[Operation]]]:
        """Links grouped by symmetry, shortest first, with operations that swap the first's ends."""
        lengths = ranks([self.length(link) for link in waiting], TIED_A)
        keys = [
            (int(rank), one.start, one.end, int(np.abs(one.vector).sum()), one.vector)
            for rank, one in zip(lengths, waiting, strict=True)
        ]
        order = sorted(range(len(waiting)), key=keys.__getitem__)
        done: set[Link] = set()
        classes = []
        for link in (waiting[i] for i in order):
            if link in done:
                continue
            moved = self._images(link)
            images = [image for _, image in moved]
            members = {link: None}
            for image in images:
                if image.reversed() not in members:
                    members[image] = None
            done.update(images, (image.reversed() for image in images))
            swaps = [operation for operation, image in moved if image == link.reversed()]
            classes.append((list(members), swaps))
        return classes

    def ends(self, link: Link) -> np.ndarray:
        """Positions of both ends of a link, (2, 3), Å."""
        end = self.nodes[link.end] + np.array(link.vector) @ self.lattice.vectors
        return np.array([self.nodes[link.start], end])

    def length(self, link: Link) -> float:
        """Distance between the ends of a link, Å."""
        start, end = self.ends(link)
        return float(np.linalg.norm(end - start))

    def links(self, cutoff: float) -> list[Link]:
        """Links in both directions between nodes with no third one between them."""
        copies, owner, shift = self.lattice.images(self.nodes, cutoff)
        tree = cKDTree(copies)
        found = []
        for start, position in enumerate(self.nodes):
            distance = np.linalg.norm(copies - position, axis=1)
            near = np.flatnonzero((distance < cutoff) & (distance > SAME))
            # Nearest to a middle are the two ends; the third one must not lie between them.
            third = tree.query((copies[near] + position) / 2, k=3)[0][:, 2]
            found += [
                Link(start, int(owner[k]), tuple(shift[k].tolist()))
                for k in near[third > BETWEEN * distance[near] / 2]
            ]
        return found

    def _images(self, link: Link) -> list[tuple[Operation, Link]]:
        """Links that the operations make of a link, itself among them."""
        ends = self.ends(link)
        moved = np.concatenate([operation.apply(ends) for operation in self.operations])
        indices = self.lattice.match(self.nodes, moved, SAME)
        shifts = self.lattice.nearest_cells(moved - self.nodes[indices])
        cells = shifts.reshape(len(self.operations), 2, len(link.vector))
        return [
            (operation, Link(int(one), int(two), tuple(int(v) for v in there - here)))
            for operation, (one, two), (here, there) in zip(
                self.operations, indices.reshape(-1, 2), cells, strict=True
            )
            if one >= 0 and two >= 0  # an operation that turns a sheet over leaves the network
        ]
