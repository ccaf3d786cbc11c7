"""Diffusion coefficient of one ion that hops between the minima of a host.

An ion in minimum i leaves over saddle s at the rate of harmonic transition state theory (Vineyard,
J. Phys. Chem. Solids 3, 121 (1957), doi:10.1016/0022-3697(57)90059-8), with the ion's own modes:

    k = prod(nu_i) / prod(nu_s) exp(-(E_s - E_i) / kT)        three modes over two

These rates obey detailed balance: in equilibrium each hop is walked as often as its reverse. For
such a walk on a periodic network the diffusion tensor is that of a network of conductors (Haus &
Kehr, Phys. Rep. 150, 263 (1987), doi:10.1016/0370-1573(87)90005-6), each of conductance p_i k:

    u D u = min over phi of sum over hops of p_i k (u v + phi_j - phi_i)^2

with v the lattice vector that the hop crosses and p_i the occupation of the cell's minimum i. Nodes
are eliminated one by one by the star-mesh transformation, which only adds positive terms: rates of
very different size do not blur each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ase.units import kB
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from screening.geometry import Hop, Link

A2_THZ_IN_CM2_PER_S = 1e-4
N_MODES = 3
FLAT_EV_A2 = 0.02
"""A mode that is softer than this is no vibration, and its frequency no attempt."""


@dataclass(frozen=True)
class Station:
    """A minimum or a saddle.

    Attributes
    ----------
    energy_ev
        Of all of them on one scale.
    modes_thz
        Product of the frequencies of the ion's vibrations, THz³ in a minimum, THz² on a saddle.
    """

    energy_ev: float
    modes_thz: float


def vibrations(
    curvatures_ev_a2: Sequence[float], frequencies_thz: Sequence[float], *, saddle: bool = False
) -> float | None:
    """Product of the frequencies of an ion in a minimum, or of two across the way over a saddle.

    Returns
    -------
    float or None
        None if the modes are not those of a minimum or a saddle, or one is nearly flat.
    """
    unstable = int(saddle)
    steep = [curvature > FLAT_EV_A2 for curvature in curvatures_ev_a2]
    if sum(steep) != N_MODES - unstable or (saddle and curvatures_ev_a2[0] >= 0):
        return None
    return float(np.prod(frequencies_thz[-(N_MODES - unstable) :]))


def diffusion_cm2_s(
    minima: Sequence[Station],
    hops: Sequence[Hop],
    saddles: Mapping[str, Station],
    lattice_a: np.ndarray,
    temperature_k: float,
) -> float | None:
    """Diffusion coefficient in the slowest direction, cm²/s.

    Parameters
    ----------
    minima
        In the order given to `find_hops`.
    saddles
        By the hop's name; hops without one are closed.
    lattice_a
        Vectors along which the host repeats, Å, shape (n_periodic, 3).

    Returns
    -------
    float or None
        None if the deepest minimum is not connected to its copies in all periodic directions.
    """
    network = _conductances(minima, hops, saddles, temperature_k)
    if not network:
        return None
    tensor = lattice_a.T @ _eliminate(network, len(lattice_a)) @ lattice_a
    slowest = float(np.linalg.eigvalsh(tensor)[-len(lattice_a)])
    largest = float(np.abs(tensor).max())
    if slowest <= np.finfo(float).eps * largest:
        return None
    return slowest * A2_THZ_IN_CM2_PER_S


def _conductances(
    minima: Sequence[Station],
    hops: Sequence[Hop],
    saddles: Mapping[str, Station],
    temperature_k: float,
) -> list[tuple[Link, float]]:
    """Links that the deepest minimum reaches, with their flow in equilibrium, THz."""
    thermal = kB * temperature_k
    deepest = min(range(len(minima)), key=lambda index: minima[index].energy_ev)
    zero = minima[deepest]

    def weight(station: Station) -> float:
        """Boltzmann factor over the vibrations, against the deepest minimum."""
        factor = np.exp(-(station.energy_ev - zero.energy_ev) / thermal)
        return float(factor * zero.modes_thz / station.modes_thz)

    kind = {
        node: minimum
        for hop in hops
        for link in hop.links
        for node, minimum in zip((link.start, link.end), hop.minima, strict=True)
    }
    links = [(link, weight(saddles[h.name])) for h in hops if h.name in saddles for link in h.links]
    if not links:
        return []
    ends = np.array([(link.start, link.end) for link, _ in links]).T
    size = max(kind) + 1
    _, group = connected_components(coo_array((np.ones(len(links)), ends), shape=(size, size)))
    reached = {group[node] for node, minimum in kind.items() if minimum == deepest}
    total = sum(weight(minima[m]) for node, m in kind.items() if group[node] in reached)
    return [(link, flow / total) for link, flow in links if group[link.start] in reached]


def _eliminate(network: Sequence[tuple[Link, float]], dimensions: int) -> np.ndarray:
    """Diffusion tensor in lattice vectors, by taking the nodes out one by one."""
    tensor = np.zeros((dimensions, dimensions))
    wires: dict[int, dict[int, tuple[float, np.ndarray]]] = {}

    def join(one: int, two: int, flow: float, vector: np.ndarray) -> None:
        """Add a wire; two between the same nodes make one, and a loop that diffuses by itself."""
        nonlocal tensor
        if flow == 0:  # so slow that the number underflows
            return
        if one == two:
            tensor = tensor + flow * np.outer(vector, vector)
            return
        old, before = wires.setdefault(one, {}).get(two, (0.0, vector))
        gap, both = vector - before, old + flow
        tensor = tensor + old * flow / both * np.outer(gap, gap)
        mean = before + flow / both * gap
        wires[one][two] = both, mean
        wires.setdefault(two, {})[one] = both, -mean

    for link, flow in network:
        join(link.start, link.end, flow, np.array(link.vector, dtype=float))
    while wires:
        node, spokes = wires.popitem()
        for other in spokes:
            del wires[other][node]
        total = sum(flow for flow, _ in spokes.values())
        ends = list(spokes.items())
        for index, (one, (here, out)) in enumerate(ends):
            for two, (there, back) in ends[index + 1 :]:
                join(one, two, here * there / total, back - out)
    return tensor
