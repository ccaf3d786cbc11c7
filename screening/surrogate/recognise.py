"""Whether two clean hosts are the same: every atom's distances to the others, atom by atom.

Sorted distances of each atom to its neighbours (pointwise distance distributions: Widdowson &
Kurlin, NeurIPS 35, 2022) depend on structure alone and change continuously with it: by a little
when a host is relaxed otherwise, by half an ångström at the atoms of a topological defect, although
composition, coordination and mean distances are those of the pristine host.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from scipy.optimize import linear_sum_assignment

from screening.structure.neighbours import close_pairs

CUTOFF_A = 6.0
"""Distances beyond this count as this."""

SOFT_A = 0.3
"""Difference of two hosts over which what is known of one fades for the other: relaxing with
another engine makes 0.02 to 0.1 Å, a bond turned in graphene 0.5 Å or more."""

LARGEST_A = 0.45
"""Hosts that differ by more are different hosts."""

OTHER_CELL = 0.7
"""Likeness of a host in another cell, beside that of its geometry: ions stand at other distances.
Graphene 3 × 3 and 4 × 4 differ by 0.03 to 0.04 eV when the π levels are accounted for."""


@dataclass(frozen=True)
class Match:
    """The training host that a host is; false if there is none.

    Attributes
    ----------
    key
        Hash of the training host; empty if there is none.
    likeness
        Correlation of the two hosts' own errors: 1 for the same structure, less at another
        geometry or in another cell.
    other_cell
        Whether it is the same host in another cell.
    """

    key: str = ""
    likeness: float = 0.0
    other_cell: bool = False

    def __bool__(self) -> bool:
        return bool(self.key)


STRANGER = Match()


@dataclass(frozen=True)
class Shape:
    """Structure of a clean host, as a calibration keeps it.

    Attributes
    ----------
    numbers, positions, cell, pbc
        As in `ase.Atoms`; positions and cell to 0.001 Å.
    """

    numbers: tuple[int, ...]
    positions: tuple[tuple[float, ...], ...]
    cell: tuple[tuple[float, ...], ...]
    pbc: tuple[bool, ...]

    @classmethod
    def of(cls, host: Atoms) -> Shape:
        """Take the structure of a host."""
        return cls(
            tuple(host.numbers.tolist()),
            tuple(map(tuple, (host.positions.round(3) + 0.0).tolist())),
            tuple(map(tuple, (host.cell.array.round(3) + 0.0).tolist())),
            tuple(map(bool, host.pbc)),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Shape:
        """Undo `dataclasses.asdict` and JSON."""
        return cls.of(Atoms(data["numbers"], data["positions"], cell=data["cell"], pbc=data["pbc"]))

    @functools.cached_property
    def atoms(self) -> Atoms:
        """The host; treat as read-only."""
        return Atoms(self.numbers, self.positions, cell=self.cell, pbc=self.pbc)

    @functools.cached_property
    def ratio(self) -> tuple[tuple[int, int], ...]:
        """Atomic numbers with their smallest whole shares."""
        kinds, counts = np.unique(self.numbers, return_counts=True)
        return tuple(zip(kinds.tolist(), (counts // np.gcd.reduce(counts)).tolist(), strict=True))

    @functools.cached_property
    def profiles(self) -> np.ndarray:
        """Sorted distances of each atom to each element, shape (n_atoms, n_elements, n), Å."""
        first, second, _, distance = close_pairs(self.atoms, CUTOFF_A)
        numbers = np.array(self.numbers)
        kinds = np.unique(numbers)
        lists = [
            [np.sort(distance[(first == i) & (numbers[second] == kind)]) for kind in kinds]
            for i in range(len(numbers))
        ]
        longest = max((len(found) for row in lists for found in row), default=0)
        padded = np.full((len(numbers), len(kinds), longest), CUTOFF_A)
        for i, row in enumerate(lists):
            for k, found in enumerate(row):
                padded[i, k, : len(found)] = found
        return padded

    def difference(self, other: Shape) -> float:
        """Largest difference of a distance between corresponding atoms, Å; infinite where none do.

        Atoms of hosts in the same cell correspond one to one; in another cell each has to have
        one that it corresponds to.
        """
        if self.ratio != other.ratio:
            return math.inf
        one, two = _alike(self.profiles, other.profiles)
        numbers, others = np.array(self.numbers), np.array(other.numbers)
        largest = 0.0
        for kind in np.unique(numbers):
            gaps = _gaps(one[numbers == kind], two[others == kind])
            if len(numbers) == len(others):
                found = gaps[linear_sum_assignment(gaps)]
            else:
                found = np.concatenate([gaps.min(axis=0), gaps.min(axis=1)])
            largest = max(largest, float(found.max()))
        return largest


def match(host: Atoms, known: Mapping[str, Shape]) -> Match:
    """Find the training host that a host is; the most alike if there are several.

    Parameters
    ----------
    known
        Training hosts by their keys.
    """
    shape = Shape.of(host)
    found = [_match(shape, key, other) for key, other in known.items()]
    return max(found, key=lambda match: match.likeness, default=Match())


def _match(shape: Shape, key: str, known: Shape) -> Match:
    difference = shape.difference(known)
    if difference > LARGEST_A:
        return Match()
    likeness = math.exp(-((difference / SOFT_A) ** 2) / 2)
    other_cell = len(shape.numbers) != len(known.numbers)
    return Match(key, likeness * (OTHER_CELL if other_cell else 1.0), other_cell)


def _alike(one: np.ndarray, two: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pad profiles to one length."""
    longest = max(one.shape[2], two.shape[2])
    padded = [
        np.pad(p, ((0, 0), (0, 0), (0, longest - p.shape[2])), constant_values=CUTOFF_A)
        for p in (one, two)
    ]
    return padded[0], padded[1]


def _gaps(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Largest difference between the profiles of each pair of atoms, shape (len(one), len(two))."""
    gaps = np.empty((len(one), len(two)))
    for i, profile in enumerate(one):
        gaps[i] = np.abs(two - profile).max(axis=(1, 2), initial=0.0)
    return gaps
