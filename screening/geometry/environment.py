"""Sites that differ in what surrounds them, for hosts with hundreds of symmetry-distinct ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from scipy.spatial.distance import cdist

from screening.geometry.sites import Site
from screening.structure.lattice import Lattice

SHELLS_A = np.arange(1.0, 5.5, 0.5)
"""Distances at which the surroundings of a site are looked at, Å."""
WIDTH_A = 0.5


def surroundings(atoms: Atoms, sites: Sequence[Site]) -> np.ndarray:
    """Smoothed numbers of neighbours of each element at each distance, shape (n_sites, n).

    Sites with equal rows see the same chemistry within 5 Å, whatever their symmetry.
    """
    lattice = Lattice.of(atoms)
    copies, owner, _ = lattice.images(atoms.positions, SHELLS_A[-1] + 3 * WIDTH_A)
    anchors = lattice.wrap(np.array([site.anchor for site in sites]))
    distances = cdist(anchors, copies)
    # Near neighbours count most: a shell's weight falls with the square of its distance.
    shells = np.exp(-(((distances[:, :, None] - SHELLS_A) / WIDTH_A) ** 2) / 2) / SHELLS_A**2
    numbers = atoms.numbers[owner]
    parts = [shells[:, numbers == number].sum(axis=1) for number in np.unique(atoms.numbers)]
    return np.hstack(parts)


def most_different(atoms: Atoms, sites: Sequence[Site], count: int) -> list[int]:
    """Pick `count` sites whose surroundings differ most from each other; their indices, in order.

    Farthest-point sampling (Gonzalez 1985, doi:10.1016/0304-3975(85)90224-5) from the first site.
    """
    if len(sites) <= count:
        return list(range(len(sites)))
    vectors = surroundings(atoms, sites)
    chosen = [0]
    gap = np.linalg.norm(vectors - vectors[0], axis=1)
    while len(chosen) < count:
        chosen.append(int(gap.argmax()))
        gap = np.minimum(gap, np.linalg.norm(vectors - vectors[chosen[-1]], axis=1))
    return sorted(chosen)
