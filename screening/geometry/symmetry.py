"""Isometries that map a host onto itself, found with a tolerance that relaxed hosts need.

Space-group libraries know crystals; a tube's ninefold screw and a cluster's fivefold axis are not
crystallographic. Sheets, slabs, tubes and clusters all yield to the same search: try every
isometry that maps one reference atom onto an atom of its kind, keep those that map all atoms.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.geometry.minkowski_reduction import minkowski_reduce

from screening.geometry.ties import ranks
from screening.structure.candidate import Geometry, fixed_indices
from screening.structure.lattice import Lattice
from screening.structure.memo import remembered

SYMPREC = 0.1
"""Å; relaxed hosts deviate by a few hundredths from their ideal symmetry."""
REMEMBERED = 64
"""Hosts whose operations are kept: sites, outcomes, hops and paths of all ions ask for them."""


@dataclass(frozen=True)
class Operation:
    """An isometry of a host: ``x -> rotation @ x + translation``.

    Attributes
    ----------
    rotation, translation
        Cartesian, shapes (3, 3) and (3,), the translation in Å.
    permutation
        Atom i arrives where atom ``permutation[i]`` stands, modulo the lattice; shape (n_atoms,).
    """

    rotation: np.ndarray
    translation: np.ndarray
    permutation: np.ndarray

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Move points, shape (..., 3)."""
        moved: np.ndarray = points @ self.rotation.T + self.translation
        return moved

    def turn(self, vectors: np.ndarray) -> np.ndarray:
        """Rotate vectors, shape (..., 3)."""
        turned: np.ndarray = vectors @ self.rotation.T
        return turned


@remembered(REMEMBERED)
def symmetry_operations(
    atoms: Atoms, geometry: Geometry, symprec: float = SYMPREC
) -> tuple[Operation, ...]:
    """All isometries that map the host, its fixed atoms and its cell onto themselves.

    A slab keeps its faces apart; a sheet may be turned over. The identity comes first.

    Parameters
    ----------
    symprec
        Largest distance between a mapped atom and the atom it lands on, Å.
    """
    kinds, positions, lattice = _kinds(atoms), atoms.positions, Lattice.of(atoms, geometry)
    # The kind is a fourth coordinate: atoms of different kinds never come close.
    padded = Lattice(np.pad(lattice.vectors, ((0, 0), (0, 1))))
    targets = np.column_stack([positions, 1e3 * kinds])
    trials = _trials(positions, geometry, lattice, kinds, symprec)
    rotations, translations = map(np.array, zip(*trials, strict=True))

    def land(chosen: np.ndarray, count: int) -> np.ndarray:
        """Atom on which each of the first `count` atoms lands, a row a trial; -1 for none."""
        moved = positions[:count] @ rotations[chosen].transpose(0, 2, 1)
        moved = (moved + translations[chosen, None]).reshape(-1, 3)
        tagged = np.column_stack([moved, np.tile(targets[:count, 3], len(chosen))])
        return padded.match(targets, tagged, symprec).reshape(len(chosen), count)

    alive = np.arange(len(rotations))
    for count in min(4, len(kinds)), len(kinds):  # most trials fail on the first atoms
        landing = land(alive, count)
        passed = (landing >= 0).all(axis=1)
        alive, landing = alive[passed], landing[passed]
    found = [
        Operation(rotations[trial], translations[trial], permutation)
        for trial, permutation in zip(alive, landing, strict=True)
        if len(set(permutation.tolist())) == len(kinds)
    ]
    nearness = ranks([_distance_from_identity(operation) for operation in found], 1e-2)
    return tuple(found[i] for i in np.argsort(nearness, kind="stable"))


def _distance_from_identity(operation: Operation) -> float:
    moved = operation.permutation != np.arange(len(operation.permutation))
    return float(np.abs(operation.rotation - np.eye(3)).sum() + 1e3 * moved.any())


def _kinds(atoms: Atoms) -> np.ndarray:
    fixed = np.zeros(len(atoms), dtype=int)
    fixed[fixed_indices(atoms)] = 1
    kinds: np.ndarray = 2 * atoms.numbers + fixed
    return kinds


def _trials(
    positions: np.ndarray, geometry: Geometry, lattice: Lattice, kinds: np.ndarray, symprec: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if geometry == "cluster":
        return _cluster_trials(positions, kinds, symprec)
    if geometry == "tube":
        return _tube_trials(positions, kinds, symprec)
    return _layer_trials(positions, kinds, lattice, geometry == "sheet", symprec)


def _layer_trials(
    positions: np.ndarray, kinds: np.ndarray, lattice: Lattice, two_faced: bool, symprec: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rotations of the plane lattice, with and without turning the sheet over."""
    middle = positions[:, 2].mean()
    heights = positions[:, 2] - middle
    keys = list(zip(kinds.tolist(), ranks(np.abs(heights), symprec).tolist(), strict=True))
    reference = _rarest(keys, np.ones(len(keys), dtype=bool))
    for plane, side in itertools.product(_plane_rotations(lattice), (1, -1)[: 1 + two_faced]):
        rotation = np.diag([0.0, 0.0, side])
        rotation[:2, :2] = plane
        same = (kinds == kinds[reference]) & (np.abs(heights - side * heights[reference]) < symprec)
        for image in np.flatnonzero(same):
            translation = positions[image] - rotation @ positions[reference]
            translation[2] = (1 - side) * middle
            yield rotation, translation


def _plane_rotations(lattice: Lattice) -> list[np.ndarray]:
    """Rotations and reflections (2, 2) that map the plane lattice onto itself."""
    cell = np.eye(3)
    cell[:2] = lattice.vectors
    reduced = minkowski_reduce(cell, pbc=(True, True, False))[0][:2, :2]
    entries = np.array(list(itertools.product((-1, 0, 1), repeat=4))).reshape(-1, 2, 2)
    rotations = (np.linalg.inv(reduced) @ entries @ reduced).transpose(0, 2, 1)
    # 1 % lets a cell that relaxed a little keep its symmetry.
    kept = np.isclose(rotations @ rotations.transpose(0, 2, 1), np.eye(2), atol=1e-2)
    return list(rotations[kept.all(axis=(1, 2))])


def _tube_trials(
    positions: np.ndarray, kinds: np.ndarray, symprec: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rotations and reflections about the tube's axis z, with a glide along it."""
    centre = positions.mean(axis=0) * (1.0, 1.0, 0.0)
    radial = np.hypot(*(positions - centre).T[:2])
    angle = np.arctan2(*(positions - centre).T[1::-1])
    keys = list(zip(kinds.tolist(), ranks(radial, symprec).tolist(), strict=True))
    reference = _rarest(keys, radial > 0.5 * radial.max())
    same = (kinds == kinds[reference]) & (np.abs(radial - radial[reference]) < symprec)
    for image, turn, side in itertools.product(np.flatnonzero(same), (1, -1), (1, -1)):
        phase = angle[image] - turn * angle[reference]
        cosine, sine = np.cos(phase), np.sin(phase)
        rotation = np.array([[cosine, -turn * sine, 0], [sine, turn * cosine, 0], [0, 0, side]])
        translation = centre - rotation @ centre
        translation[2] = positions[image, 2] - side * positions[reference, 2]
        yield rotation, translation


def _cluster_trials(
    positions: np.ndarray, kinds: np.ndarray, symprec: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Point operations about the centroid that carry two reference atoms onto others."""
    centre = positions.mean(axis=0)
    vectors = positions - centre
    length = np.linalg.norm(vectors, axis=1)
    yield np.eye(3), np.zeros(3)
    keys = list(zip(kinds.tolist(), ranks(length, symprec).tolist(), strict=True))
    first = _rarest(keys, length >= 0.5 * length.max())
    spread = np.linalg.norm(np.cross(vectors, vectors[first]), axis=1)
    if spread.max() < symprec:  # one atom, or all in a row
        return
    second = _rarest(keys, spread >= 0.5 * spread.max())
    frame = _frame(vectors[first], vectors[second])
    apart = np.linalg.norm(vectors[first] - vectors[second])
    alike = [
        np.flatnonzero((kinds == kinds[i]) & (np.abs(length - length[i]) < symprec))
        for i in (first, second)
    ]
    for one, two, side in itertools.product(alike[0], alike[1], (1, -1)):
        if abs(np.linalg.norm(vectors[one] - vectors[two]) - apart) < 2 * symprec:
            image = _frame(vectors[one], vectors[two]) * (1, 1, side)
            rotation = image @ frame.T
            if side < 0 or not np.allclose(rotation, np.eye(3), atol=1e-6):
                yield rotation, centre - rotation @ centre


def _frame(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Right-handed orthonormal axes, as columns, spanned by two vectors."""
    normal = np.cross(first, second)
    axes = [first, np.cross(normal, first), normal]
    return np.column_stack([axis / np.linalg.norm(axis) for axis in axes])


def _rarest(keys: Sequence[Hashable], allowed: np.ndarray) -> int:
    """Index of an allowed atom of the smallest class: the fewest isometries to try."""
    counts = Counter(keys)
    return min(np.flatnonzero(allowed).tolist(), key=lambda i: counts[keys[i]])
