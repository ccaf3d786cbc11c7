"""Point defects of a crystal: where an ion may be missing or added, and which places are alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import spglib
from ase import Atoms
from ase.geometry import find_mic
from ase.neighborlist import neighbor_list
from scipy.spatial import Voronoi, cKDTree

from screening.errors import StructureError
from screening.geometry.hops import Link

SYMPREC_A = 0.01
"""A crystal relaxed within its group keeps it to 1e-4 Å."""
SAME_A = 1.0
"""Vertices of the Voronoi diagram that are closer belong to one void."""
NARROWEST_A = 1.5
"""The centre of a narrower void is nearer to an atom than any ion comes."""
LONGEST_A = 6.0
"""A longer hop of an ion in a crystal passes others on its way."""


def spacious(crystal: Atoms, least_a: float, fewest: int = 1) -> tuple[Atoms, Atoms]:
    """Repeat a crystal until no atom is nearer than `least_a` to its own image.

    Parameters
    ----------
    fewest
        Atoms that it has at least: in a wide lattice a defect would else be every tenth atom.

    Returns
    -------
    tuple
        The cell that is repeated, primitive or conventional, whichever makes the fewest atoms; and
        the repeated one.
    """
    standard = spglib.standardize_cell(_plain(crystal), no_idealize=True, symprec=SYMPREC_A)
    units = [crystal]
    if standard is not None:
        units.append(Atoms(standard[2], cell=standard[0], scaled_positions=standard[1], pbc=True))
    grown = [(unit, _repeated(unit, least_a, fewest)) for unit in units]
    return min(grown, key=lambda pair: len(pair[1]))


def _repeated(unit: Atoms, least_a: float, fewest: int) -> Atoms:
    """Repeat along the shortest vector of the shortest period until there is no shorter one."""
    counts = np.ones(3, dtype=int)
    steps = np.stack(np.meshgrid(*[range(-2, 3)] * 3, indexing="ij"), -1).reshape(-1, 3)
    steps = steps[np.abs(steps).any(axis=1)]
    while True:
        vectors = unit.cell.array * counts[:, None]
        periods = np.linalg.norm(steps @ vectors, axis=1)
        if periods.min() >= least_a and len(unit) * counts.prod() >= fewest:
            repeated: Atoms = unit.repeat(counts)
            return repeated
        own = np.where(steps[periods.argmin()] != 0, np.linalg.norm(vectors, axis=1), np.inf)
        counts[own.argmin()] += 1


def inequivalent(cell: Atoms, symbol: str) -> list[int]:
    """Return the indices of the atoms of an element, one of each kind."""
    kinds = _symmetry(cell)["equivalent_atoms"]
    return sorted({int(kinds[index]) for index in cell.symbols.search(symbol)})


def voids(crystal: Atoms, most: int) -> np.ndarray:
    """Centres of the widest holes of a crystal, one of each kind: vertices of its Voronoi diagram.

    Returns
    -------
    ndarray
        Fractional, shape (n, 3), n at most `most`; the widest first.
    """
    block = crystal.repeat(5)
    middle = np.full(3, 2.0) @ crystal.cell.array
    vertices = Voronoi(block.positions).vertices - middle
    scaled = crystal.cell.scaled_positions(vertices)
    home = vertices[((scaled > -1e-6) & (scaled < 1 - 1e-6)).all(axis=1)]
    width = cKDTree(block.positions - middle).query(home)[0] if len(home) else np.empty(0)
    found: list[np.ndarray] = []
    order = np.lexsort((*home.T.round(2), -width.round(3)))
    for vertex in crystal.cell.scaled_positions(home[order[width[order] > NARROWEST_A]]):
        point = _centred(crystal, vertex)
        known = Places.of(crystal, found).points if found else np.empty((0, 3))
        apart = (known - point - np.rint(known - point)) @ crystal.cell.array
        if np.linalg.norm(apart, axis=1).min(initial=np.inf) > SAME_A:
            found.append(point)
        if len(found) == most:
            break
    return np.array(found).reshape(-1, 3)


def _centred(crystal: Atoms, point: np.ndarray) -> np.ndarray:
    """Move a point to the middle of its copies that are near: a void has one centre."""
    copies = Places.of(crystal, [point]).points
    apart = copies - point - np.rint(copies - point)
    near = np.linalg.norm(apart @ crystal.cell.array, axis=1) < SAME_A
    centre: np.ndarray = point + apart[near].mean(axis=0)
    return centre


@dataclass(frozen=True)
class Places:
    """All copies of some points under the symmetry of a cell.

    Attributes
    ----------
    cell
        The perfect cell.
    points
        Fractional, in the home cell, shape (n, 3).
    orbit
        Which of the given points each is a copy of, shape (n,).
    rotations, translations
        Fractional, shapes (m, 3, 3) and (m, 3).
    """

    cell: Atoms
    points: np.ndarray
    orbit: np.ndarray
    rotations: np.ndarray
    translations: np.ndarray

    @classmethod
    def of(cls, cell: Atoms, seeds: Sequence[np.ndarray] | np.ndarray) -> Places:
        """Places of some fractional points, each of another kind; each comes first of its copies.

        Raises
        ------
        StructureError
            If the cell has no symmetry at all, not even the identity.
        """
        found = _symmetry(cell)
        rotations, translations = found["rotations"], found["translations"]
        points: list[np.ndarray] = []
        orbit: list[int] = []
        for kind, seed in enumerate(seeds):
            copies = np.vstack([[seed], rotations @ np.asarray(seed) + translations])
            copies = _home(copies)
            near = cKDTree(copies, boxsize=1.0).query_ball_point(copies, 1e-3)
            own = [i for i, group in enumerate(near) if min(group) == i]
            points += list(copies[own])
            orbit += [kind] * len(own)
        return cls(cell, np.array(points), np.array(orbit), rotations, translations)

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.points, boxsize=1.0)

    def nearest_a(self, symbol: str) -> float:
        """Distance from a place to the nearest atom of an element, Å; infinite if there is none."""
        atoms = self.cell.get_scaled_positions()[self.cell.symbols.search(symbol)]
        offsets = (atoms[None] - self.points[:, None]).reshape(-1, 3) @ self.cell.cell.array
        lengths: np.ndarray = find_mic(offsets, self.cell.cell, pbc=True)[1]
        return float(lengths.min(initial=np.inf))

    def first(self, orbit: int) -> int:
        """Return the number of the place that an orbit was made from."""
        return int(np.argmax(self.orbit == orbit))

    def carried(self, place: int, state: Atoms) -> Atoms:
        """Carry a state of the first place of an orbit to another place of it."""
        seed = self.points[self.first(int(self.orbit[place]))]
        images = _home(self.rotations @ seed + self.translations)
        apart = images - self.points[place]
        index = int(np.abs(apart - np.rint(apart)).max(axis=1).argmin())
        moved: Atoms = state.copy()
        turned = state.get_scaled_positions(wrap=False) @ self.rotations[index].T
        moved.set_scaled_positions(turned + self.translations[index])
        return moved

    def links(self) -> Iterator[tuple[float, tuple[Link, ...]]]:
        """Links between places, one group for each kind, the shortest first: length, Å, and links.

        The first link of a group starts at the first place of its orbit.
        """
        marks = Atoms("H" * len(self.points), cell=self.cell.cell, pbc=True)
        marks.set_scaled_positions(self.points)
        ends = neighbor_list("ijSd", marks, LONGEST_A)
        order = np.lexsort((ends[1], ends[0], ends[3].round(3)))
        starts = {self.first(kind) for kind in range(int(self.orbit.max(initial=-1)) + 1)}
        seen: set[Link] = set()
        for start, end, vector, length in zip(*(part[order] for part in ends), strict=True):
            link = Link(int(start), int(end), tuple(int(v) for v in vector))
            if link.start in starts and link not in seen:
                copies = self._copies(link)
                seen.update(copies, (copy.reversed() for copy in copies))
                yield float(length), copies

    def _copies(self, link: Link) -> tuple[Link, ...]:
        ends = np.array([self.points[link.start], self.points[link.end] + link.vector])
        moved = np.einsum("mij,nj->nmi", self.rotations, ends) + self.translations
        numbers = self._tree.query(_home(moved))[1]
        cells = np.rint(moved - self.points[numbers]).astype(int)
        vectors = (cells[1] - cells[0]).tolist()
        made = [Link(int(a), int(b), tuple(v)) for a, b, v in zip(*numbers, vectors, strict=True)]
        return tuple(dict.fromkeys([link, *made]))


def _plain(atoms: Atoms) -> Any:
    return (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)


def _symmetry(atoms: Atoms) -> dict[str, np.ndarray]:
    found = spglib.get_symmetry(_plain(atoms), symprec=SYMPREC_A)
    if found is None:
        raise StructureError("no symmetry found", where=atoms.get_chemical_formula())
    known: dict[str, np.ndarray] = found
    return known


def _home(points: np.ndarray) -> np.ndarray:
    """Fractional points in the home cell; what is at its far face by rounding, at the near one."""
    inside: np.ndarray = np.mod(points, 1.0)
    inside[inside > 1.0 - 1e-9] = 0.0
    return inside
