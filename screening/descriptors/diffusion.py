"""Diffusion coefficient of one ion that hops between the minima of a host.

An ion in minimum i leaves over saddle s at the rate of harmonic transition state theory (Vineyard,
J. Phys. Chem. Solids 3, 121 (1957), doi:10.1016/0022-3697(57)90059-8), with the ion's own modes:

    k = prod(nu_i) / prod(nu_s) exp(-(E_s - E_i) / kT)        three modes over two

Where minima and saddles are calibrated, the engine's modes are those of another surface, and all
that is known of the calibrated one is its heights. There a hop is a cosine of its height and
length, and the rate that of one dimension (Frenkel 1926; Gomer, Rep. Prog. Phys. 53, 917 (1990),
doi:10.1088/0034-4885/53/7/002): ``V = E/2 (1 - cos(2 pi x / L))``, ``nu = sqrt(E / 2m) / L``.

These rates obey detailed balance: in equilibrium each hop is walked as often as its reverse. For
such a walk on a periodic network the diffusion tensor is that of a network of conductors (Haus &
Kehr, Phys. Rep. 150, 263 (1987), doi:10.1016/0370-1573(87)90005-6), each of conductance p_i k:

    u D u = min over phi of sum over hops of p_i k (u v + phi_j - phi_i)^2

with v the lattice vector that the hop crosses and p_i the occupation of the cell's minimum i. Nodes
are eliminated one by one by the star-mesh transformation, which only adds positive terms: rates of
very different size do not blur each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ase.units import kB
from scipy.constants import atomic_mass, elementary_charge
from scipy.linalg import qr
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from screening.geometry import Hop, Link

A2_THZ_IN_CM2_PER_S = 1e-4
N_MODES = 3
NO_STEP = 1e-9
"""Lattice vectors; a shorter one is rounding error."""
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


def profile_thz(height_ev: float, length_a: float, mass_amu: float) -> float:
    """Frequency of an ion at the bottom of a cosine: ``sqrt(E / 2m) / L``, THz.

    Parameters
    ----------
    height_ev
        From bottom to top, eV.
    length_a
        From bottom to bottom, Å.

    Raises
    ------
    ValueError
        Unless all are above 0.
    """
    if not min(height_ev, length_a, mass_amu) > 0:
        raise ValueError(f"no oscillation of {mass_amu} u, {height_ev} eV high, {length_a} Å long")
    speed_m_s = np.sqrt(height_ev * elementary_charge / (2 * mass_amu * atomic_mass))
    return float(speed_m_s / length_a / 100)  # m/s over Å is 10¹⁰ Hz


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
    flows, vectors = _loops(network, len(lattice_a))
    slowest = _slowest(flows, vectors, lattice_a)
    return None if slowest is None else slowest * A2_THZ_IN_CM2_PER_S


def _slowest(flows: np.ndarray, vectors: np.ndarray, lattice_a: np.ndarray) -> float | None:
    """Smaller eigenvalue of sum(flow v v), Å² THz, however much smaller than the other."""
    real = np.linalg.norm(vectors, axis=1) > NO_STEP
    steps = vectors[real] @ lattice_a
    directions = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    if not len(steps) or np.linalg.matrix_rank(directions, tol=NO_STEP) < len(lattice_a):
        return None
    if len(lattice_a) == 1:
        return float(flows[real] @ (steps**2).sum(axis=1))
    # The eigenvalues are squared singular values of these rows; QR keeps small ones accurate if
    # rows are sorted and columns pivoted (Cox & Higham, in Numerical Analysis 1997).
    rows = np.sqrt(flows[real])[:, None] * steps
    order = np.argsort(-np.abs(rows).max(axis=1))
    triangle = qr(rows[order], mode="r", pivoting=True)[0]
    product = (triangle[0, 0] * triangle[1, 1]) ** 2
    total = float((rows**2).sum())
    return float(2 * product / (total + np.sqrt(max(0.0, total**2 - 4 * product))))


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


def _loops(network: Sequence[tuple[Link, float]], dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Independent walks with the network's diffusion, from taking its nodes out one by one.

    Returns
    -------
    flows, vectors
        Rate of each walk, THz, and its step in lattice vectors; shapes (n,) and (n, n_periodic).
    """
    loops: list[tuple[float, np.ndarray]] = []
    wires: dict[int, dict[int, tuple[float, np.ndarray]]] = {}

    def join(one: int, two: int, flow: float, vector: np.ndarray) -> None:
        """Add a wire; two between the same nodes make one, and a loop that diffuses by itself."""
        if flow == 0:  # so slow that the number underflows
            return
        if one == two:
            loops.append((flow, vector))
            return
        old, before = wires.setdefault(one, {}).get(two, (0.0, vector))
        gap, both = vector - before, old + flow
        loops.append((old / both * flow, gap))
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
        for (one, (here, out)), (two, (there, back)) in itertools.combinations(spokes.items(), 2):
            join(one, two, here / total * there, back - out)
    flows = np.array([flow for flow, _ in loops])
    return flows, np.array([vector for _, vector in loops]).reshape(-1, dimensions)
