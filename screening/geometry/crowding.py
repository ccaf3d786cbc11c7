"""How close the ions of a cell stand to each other and to their images."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.structure.lattice import Lattice

METAL_NEIGHBOUR_A: Mapping[str, float] = {"Li": 3.02, "Na": 3.66, "K": 4.53}
"""Nearest-neighbour distance of the bcc metal, √3 a / 2, Å (Kittel, Introduction to Solid State
Physics, 8th ed., ch. 1, table 3: a = 3.491, 4.225, 5.225 Å)."""
DILUTE = 0.5
"""Coverage up to which an ion counts as single, in monolayers of the metal's densest plane."""


@dataclass(frozen=True)
class Crowding:
    """How close the ions of a cell stand.

    Attributes
    ----------
    distance_a
        Smallest distance between two ions, periodic images included, Å; infinite for a single
        ion in a cell that does not repeat.
    metal_a
        Nearest-neighbour distance of the ion's metal, Å.
    coverage
        Ions by area over those of the metal's densest plane, bcc(110), which holds one atom in
        a²/√2 = 0.943 metal_a²; None where the cell does not repeat in two directions.
    problem
        What makes the value one of many ions rather than of one; empty if nothing does.
    """

    distance_a: float
    metal_a: float
    coverage: float | None
    problem: str


def crowding(
    atoms: Atoms,
    ions: Sequence[int],
    metal_a: float | None = None,
    most: float = DILUTE,
) -> Crowding:
    """Nearest distance between ions, and whether it is that of an adatom or of a layer.

    Parameters
    ----------
    atoms
        Host with its ions; `pbc` says which directions repeat.
    ions
        Indices of the ions, all of one element.
    metal_a
        Nearest-neighbour distance of the metal, Å, as relaxed by an engine; without it, the
        measured one of Li, Na and K.
    most
        Coverage above which the cell is flagged.
    """
    symbol = str(atoms.symbols[ions[0]])
    metal = METAL_NEIGHBOUR_A[symbol] if metal_a is None else metal_a
    distance = nearest_distance(atoms, ions)
    lattice = Lattice.of(atoms)
    coverage = None
    if len(lattice.vectors) == 2:
        area = float(np.linalg.norm(np.cross(*lattice.vectors)))
        coverage = len(ions) * (2 * math.sqrt(2) / 3) * metal**2 / area
    problem = ""
    if distance < metal:
        problem = (
            f"{symbol} ions stand {distance:.2f} Å apart, closer than in the metal ({metal:.2f} Å)"
        )
    elif coverage is not None and coverage > most:
        problem = f"{symbol} ions cover {coverage:.2f} of a monolayer, more than {most:g}"
    return Crowding(distance, metal, coverage, problem)


def nearest_distance(atoms: Atoms, ions: Sequence[int]) -> float:
    """Smallest distance between ions, or between an ion and a periodic image of one, Å."""
    lattice = Lattice.of(atoms)
    points = lattice.wrap(atoms.positions[list(ions)])
    # The shortest lattice vector of all is no longer than the shortest of a basis.
    reach = float(np.linalg.norm(lattice.vectors, axis=1).min(initial=np.inf))
    copies, owner, shift = lattice.images(points, reach if np.isfinite(reach) else 0.0)
    distances = np.linalg.norm(copies[None] - points[:, None], axis=2)
    itself = (owner[None] == np.arange(len(points))[:, None]) & ~shift.any(axis=1)
    distances[itself] = np.inf
    return float(distances.min())


def nearest_image_distance(atoms: Atoms, ion_index: int) -> float:
    """Distance between an ion and its nearest periodic image, Å; infinite without periodicity.

    The coverage of a calculation, independent of how its cell is drawn.
    """
    return nearest_distance(atoms, [ion_index])
