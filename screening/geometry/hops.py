"""All symmetry-distinct hops of an ion between neighbouring minima of a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.geometry.alignment import aligned
from screening.geometry.reversal import reversal, transported
from screening.geometry.symmetry import Operation, symmetry_operations
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice

SAME = 0.5
"""Å; minima that are closer are one: relaxed ions lie a little off their symmetric place."""
LONGEST = 6.0
"""Å; a longer hop crosses ground that has no minimum in it and is no elementary step."""
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


def find_hops(
    host: Atoms, minima: Sequence[Minimum], geometry: Geometry, cutoff: float = LONGEST
) -> tuple[Hop, ...]:
    """Symmetry-distinct hops between neighbouring minima, shortest first.

    Hops cross the periodic boundary, stay on their side of a sheet or a tube's wall, and join
    minima that have no other between them.

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
    operations = symmetry_operations(host, geometry)
    copies = _copies(host, settled, geometry, lattice, operations)
    network = _Network(lattice, np.array([c.position for c in copies]).reshape(-1, 3), operations)
    hops: list[Hop] = []
    for links, swaps in network.classes(_sides(host, copies, geometry), cutoff):
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
    host: Atoms,
    settled: Sequence[Atoms],
    geometry: Geometry,
    lattice: Lattice,
    operations: Sequence[Operation],
) -> list[_Copy]:
    """Distinct copies of the minima in the cell; a sheet is not turned over."""
    middle = host.positions[:, 2].mean()
    copies: list[_Copy] = []
    for index, atoms in enumerate(settled):
        ion = atoms.positions[-1]
        flat = geometry == "sheet" and abs(ion[2] - middle) > SAME
        usable = [o for o in operations if not flat or o.rotation[2, 2] > 0]
        positions = lattice.wrap(np.array([operation.apply(ion) for operation in usable]))
        earlier = np.array([c.position for c in copies]).reshape(-1, 3)
        known = lattice.match(earlier, positions, SAME) >= 0
        copies += [
            _Copy(index, usable[i], positions[i])
            for i in lattice.unique(positions, SAME)
            if not known[i]
        ]
    return copies


def _sides(host: Atoms, copies: Sequence[_Copy], geometry: Geometry) -> np.ndarray:
    """Side of the sheet or of the tube's wall that each copy is on, -1, 0 (in it) or 1."""
    positions = np.array([c.position for c in copies]).reshape(-1, 3)
    if geometry == "sheet":
        offsets = positions[:, 2] - host.positions[:, 2].mean()
    elif geometry == "tube":
        axis = host.positions[:, :2].mean(axis=0)
        wall = np.linalg.norm(host.positions[:, :2] - axis, axis=1).mean()
        offsets = np.linalg.norm(positions[:, :2] - axis, axis=1) - wall
    else:
        offsets = np.zeros(len(positions))
    return np.where(np.abs(offsets) > SAME, np.sign(offsets), 0.0)


@dataclass(frozen=True)
class _Network:
    """Copies of minima as the nodes of a periodic graph."""

    lattice: Lattice
    nodes: np.ndarray
    operations: Sequence[Operation]

    def classes(self, sides: np.ndarray, cutoff: float) -> list[tuple[list[Link], list[Operation]]]:
        """Links grouped by symmetry, shortest first, with operations that swap the first's ends."""
        waiting = self._links(sides, cutoff)
        waiting.sort(
            key=lambda one: (round(self.length(one), 2), one.start, np.abs(one.vector).sum())
        )
        done: set[Link] = set()
        classes = []
        for link in waiting:
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

    def length(self, link: Link) -> float:
        """Distance between the ends of a link, Å."""
        vector = self.nodes[link.end] - self.nodes[link.start]
        return float(np.linalg.norm(vector + np.array(link.vector) @ self.lattice.vectors))

    def _links(self, sides: np.ndarray, cutoff: float) -> list[Link]:
        """Links in both directions between nodes with no third one between them."""
        copies, owner, shift = self.lattice.images(self.nodes, cutoff)
        found = []
        for start, position in enumerate(self.nodes):
            distance = np.linalg.norm(copies - position, axis=1)
            for k in np.flatnonzero((distance < cutoff) & (distance > SAME)):
                middle = (copies[k] + position) / 2
                nearest = np.partition(np.linalg.norm(copies - middle, axis=1), 2)[2]
                if nearest > BETWEEN * distance[k] / 2 and sides[start] * sides[owner[k]] >= 0:
                    vector = tuple(int(v) for v in shift[k])
                    found.append(Link(start, int(owner[k]), vector))
        return found

    def _images(self, link: Link) -> list[tuple[Operation, Link]]:
        """Links that the operations make of a link, itself among them."""
        end = self.nodes[link.end] + np.array(link.vector) @ self.lattice.vectors
        ends = np.array([self.nodes[link.start], end])
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
