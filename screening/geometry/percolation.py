"""The lowest bottleneck that lets an ion leave its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screening.geometry.hops import Hop, Link
from screening.geometry.ties import ENERGY_EV, ranks


@dataclass(frozen=True)
class Percolation:
    """How an ion in the deepest minimum gets away.

    Attributes
    ----------
    barriers_ev
        Barrier at which the n-th independent direction opens, eV above the deepest minimum, in
        ascending order; None where no known path leads out. Two on a surface, one on a tube.
    bottlenecks
        Name of the hop that opens each direction; None where there is none.
    """

    barriers_ev: tuple[float | None, ...]
    bottlenecks: tuple[str | None, ...]

    @property
    def barrier_ev(self) -> float | None:
        """Barrier to diffusion in all periodic directions, eV; None if some stay closed."""
        return self.barriers_ev[-1] if self.barriers_ev else None


def percolating_barrier(
    minima_ev: Sequence[float], hops: Sequence[Hop], saddles_ev: Mapping[str, float | None]
) -> Percolation:
    """Lowest threshold at which the deepest minimum's basin runs through the crystal.

    Hops open in the order of their saddle energies; a union-find that carries lattice vectors
    notices when a basin meets its own periodic image, and in how many directions. Of minima or
    saddles within `ties.ENERGY_EV` the first of the list counts: noise renames no bottleneck.

    Parameters
    ----------
    minima_ev
        Energy of each minimum, in the order given to `find_hops`.
    saddles_ev
        Saddle energy by the hop's name, on the same scale; hops without one stay closed.
    """
    if not hops:
        return Percolation((), ())
    dimensions = len(hops[0].links[0].vector)
    bottom = min(minima_ev)
    deepest = int(np.argmin(ranks(minima_ev, ENERGY_EV)))
    starts = {
        node
        for hop in hops
        for link in hop.links
        for node, minimum in zip((link.start, link.end), hop.minima, strict=True)
        if minimum == deepest
    }
    nodes = _Basins(dimensions)
    barriers: list[float] = []
    highest = -np.inf
    names: list[str] = []
    levels = [(level, hop) for hop in hops if (level := saddles_ev.get(hop.name)) is not None]
    order = np.argsort(ranks([level for level, _ in levels], ENERGY_EV), kind="stable")
    for level, hop in (levels[i] for i in order):
        for link in hop.links:
            nodes.join(link)
        highest = max(highest, level)
        opened = max((nodes.rank(start) for start in starts), default=0)
        barriers += [highest - bottom] * (opened - len(barriers))
        names += [hop.name] * (opened - len(names))
    missing = (None,) * (dimensions - len(barriers))
    return Percolation((*barriers, *missing), (*names, *missing))


class _Basins:
    """Union-find over the copies of minima; each knows its lattice offset from its root."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self.parent: dict[int, tuple[int, np.ndarray]] = {}
        self.cycles: dict[int, list[np.ndarray]] = {}

    def find(self, node: int) -> tuple[int, np.ndarray]:
        """Root of a node, and the lattice vector from the root's cell to the node's."""
        offset = np.zeros(self.dimensions, dtype=int)
        while node in self.parent:
            node, step = self.parent[node]
            offset = offset + step
        return node, offset

    def join(self, link: Link) -> None:
        """Open a link; a loop through the crystal is kept as the vector that it closes with."""
        (one, here), (two, there) = self.find(link.start), self.find(link.end)
        # The end, seen from the start's root, lies `here + vector` cells away.
        gap = here + np.array(link.vector, dtype=int) - there
        if one == two:
            self.cycles.setdefault(one, []).append(gap)
            return
        self.parent[two] = one, gap
        self.cycles.setdefault(one, []).extend(self.cycles.pop(two, []))

    def rank(self, node: int) -> int:
        """Count the independent directions in which the node's basin is connected."""
        cycles = self.cycles.get(self.find(node)[0], [])
        return int(np.linalg.matrix_rank(np.array(cycles))) if cycles else 0
