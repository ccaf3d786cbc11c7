"""Hops of a point defect between its places in a crystal, as bands need them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.geometry import find_mic
from scipy.optimize import linear_sum_assignment

from screening.geometry.defects import Places
from screening.geometry.hops import Hop
from screening.geometry.percolation import percolating_barrier

MOVED_A = 1.0
"""An ion that goes farther along a path has changed its place."""
CLOSE_A = 0.5
"""A straight way that passes an atom more closely than this goes through it."""


def defect_hops(
    places: Places, states: Sequence[Atoms | None], label: str, reach_a: float, most: int
) -> list[Hop]:
    """Hops of a defect, the shortest first, until it gets about in all directions.

    Parameters
    ----------
    states
        The relaxed defect at the first place of each orbit; None where it does not stay.
    label
        Of the defect, for names: ``vacancy``.
    reach_a
        Hops up to this length are taken whether or not they are needed, Å.
    most
        Number of hops after which to stop.
    """
    hops: list[Hop] = []
    for length, links in places.links():
        kinds = (int(places.orbit[links[0].start]), int(places.orbit[links[0].end]))
        start, other = states[kinds[0]], states[kinds[1]]
        if start is None or other is None:
            continue
        if len(hops) == most or (length > reach_a and _connected(hops, states)):
            break
        end = matched(start, places.carried(links[0].end, other))
        if blocked(start, end):
            continue
        jumps = int((np.linalg.norm(end.positions - start.positions, axis=1) > MOVED_A).sum())
        name = f"{label} {kinds[0] + 1}-{kinds[1] + 1}, {length:.2f} Å"
        name += f", {jumps} ions" if jumps > 1 else ""
        name += f" #{len(hops) + 1}" if name in [hop.name for hop in hops] else ""
        hops.append(Hop(name, kinds, start, end, length, mirrored=False, links=links))
    return hops


def blocked(start: Atoms, end: Atoms) -> bool:
    """Whether an ion that changes its place would go straight through an atom that stays."""
    ways = end.positions - start.positions
    goes = np.linalg.norm(ways, axis=1) > MOVED_A
    shares = np.linspace(0, 1, 11)[:, None, None]
    points = (start.positions[goes] + shares * ways[goes]).reshape(-1, 3)
    offsets = (start.positions[~goes][None] - points[:, None]).reshape(-1, 3)
    return bool((find_mic(offsets, start.cell, pbc=True)[1] < CLOSE_A).any())


def _connected(hops: Sequence[Hop], states: Sequence[Atoms | None]) -> bool:
    levels = [0.0 if state is not None else np.inf for state in states]
    way = percolating_barrier(levels, hops, {hop.name: 1.0 for hop in hops})
    return way.barrier_ev is not None


def matched(start: Atoms, end: Atoms) -> Atoms:
    """Order the atoms of an end state so that like atoms move least, in the images that are near.

    Where one ion can push another on, both move (the interstitialcy mechanism): the sum of squares
    of two short ways is less than that of a long one.
    """
    moved: Atoms = start.copy()
    for number in np.unique(start.numbers):
        mine = np.flatnonzero(start.numbers == number)
        theirs = end.positions[end.numbers == number]
        offsets = theirs[None] - start.positions[mine][:, None]
        near, lengths = find_mic(offsets.reshape(-1, 3), start.cell, pbc=True)
        rows, columns = linear_sum_assignment(lengths.reshape(len(mine), -1) ** 2)
        moved.positions[mine[rows]] += near.reshape(len(mine), -1, 3)[rows, columns]
    return moved
