"""What it would bring, and cost, to stop an ion that falls into a basin found from another site.

    python benchmarks/known_basins.py [HOST …] [--ions Li,Na,K] [--sites 6]

Every site of the hosts of `force_calls.py` is relaxed to its end, each step recorded. Then, for
each distance, it is worked out what a shortcut would have done that stops a site as soon as all
atoms are within that distance of the end of an earlier site, or of one of its images under the
symmetry of the host: calls saved; sites stopped; pairs of host and ion whose lowest energy would be
lost (by more than 1 meV), and by how much; sites whose own end lies more than 5 meV from that of
the basin in which they were stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from force_calls import FMAX_EV_A, HOSTS, MAX_STEPS, pairs_of

from screening.builders import load_catalogue
from screening.calculators import resolve
from screening.evaluate import Potential, relax_batch
from screening.geometry import find_sites, most_different, place
from screening.geometry.symmetry import Operation, symmetry_operations
from screening.structure.lattice import Lattice

DISTANCES_A = (0.05, 0.1, 0.2, 0.3, 0.5)
EQUAL_EV, OWN_EV = 1e-3, 5e-3


class Recorder:
    """A potential that keeps what it was asked and what it said."""

    def __init__(self, potential: Potential) -> None:
        self._potential = potential
        self.path: list[np.ndarray] = []
        self.energies: list[float] = []

    def compute(self, structures: list[Atoms]) -> list:
        points = self._potential.compute(structures)
        self.path.append(structures[0].positions.copy())
        self.energies.append(points[0].energy_ev)
        return points


@dataclass
class Count:
    saved: int = 0
    stopped: int = 0
    lost: int = 0
    worst_ev: float = 0.0
    other: int = 0


def images(ended: np.ndarray, operations: tuple[Operation, ...]) -> np.ndarray:
    """All places of the atoms that the host's symmetry makes of one end; shape (n, atoms, 3)."""
    found = []
    for operation in operations:
        moved = operation.apply(ended)
        turned = moved.copy()  # the ion comes last, and stays the ion
        turned[operation.permutation] = moved[:-1]
        found.append(turned)
    return np.array(found)


def furthest(positions: np.ndarray, known: np.ndarray, lattice: Lattice) -> float:
    """Largest distance of an atom from its place in the nearest of known structures, Å."""
    apart = lattice.minimum_image((known - positions).reshape(-1, 3)).reshape(known.shape)
    return float(np.linalg.norm(apart, axis=2).max(axis=1).min())


def tally(paths: list[Recorder], host: Atoms, geometry: str, counts: dict[float, Count]) -> None:
    operations, lattice = symmetry_operations(host, geometry), Lattice.of(host, geometry)
    true = min(one.energies[-1] for one in paths)
    distances = []
    for place_, one in enumerate(paths):
        known = [images(other.path[-1], operations) for other in paths[:place_]]
        distances.append(
            [[furthest(now, images_, lattice) for images_ in known] for now in one.path]
        )
    for limit, count in counts.items():
        ended: list[int] = []
        for site, one in enumerate(paths):
            stop = next(
                (
                    (step, other)
                    for step, near in enumerate(distances[site][:-1])
                    for other in ended
                    if near[other] < limit
                ),
                None,
            )
            if stop is None:
                ended.append(site)
                continue
            step, other = stop
            count.stopped += 1
            count.saved += len(one.path) - 1 - step
            count.other += abs(one.energies[-1] - paths[other].energies[-1]) > OWN_EV
        off = min(paths[site].energies[-1] for site in ended) - true
        count.lost += off > EQUAL_EV
        count.worst_ev = max(count.worst_ev, off)


def main() -> None:
    options = pairs_of(__doc__).parse_args()
    potential = Potential(resolve("sevennet").make())
    catalogue = load_catalogue(Path("structures"))
    counts = {limit: Count() for limit in DISTANCES_A}
    calls = pairs = 0
    for name in options.hosts or HOSTS["sevennet"]:
        candidate = catalogue.build(name)
        settings = {"fmax": FMAX_EV_A, "max_steps": MAX_STEPS}
        host = relax_batch([candidate.atoms], potential, **settings)[0].atoms
        found = find_sites(host, candidate.geometry)
        sites = [found[i] for i in most_different(host, found, options.sites)]
        for ion in options.ions.split(","):
            paths = []
            for site in sites:
                paths.append(Recorder(potential))
                relax_batch([place(host, site, ion)], paths[-1], soft=(len(host),), **settings)
            tally(paths, host, candidate.geometry, counts)
            pairs, calls = pairs + 1, calls + sum(len(one.path) for one in paths)
        print(f"{name:<24}{pairs:>4} pairs{calls:>6} calls so far", flush=True)
    print(
        "within, Å   calls saved   sites stopped   lowest lost   by, meV   another end than its own"
    )
    for limit, count in counts.items():
        print(
            f"{limit:>9.2f}{count.saved:>8} ({count.saved / calls:>4.0%}){count.stopped:>14}"
            f"{count.lost:>14}{1e3 * count.worst_ev:>12.1f}{count.other:>20}"
        )


if __name__ == "__main__":
    main()
