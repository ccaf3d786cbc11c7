"""The network of all minima and hops of an ion: the way out of the cell, and diffusion over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ase import Atoms
from ase.units import kB

from screening.descriptors.bound import Bound, minima
from screening.descriptors.calibrated import landscape
from screening.descriptors.diffusion import (
    FLAT_EV_A2,
    Station,
    diffusion_cm2_s,
    profile_thz,
    vibrations,
)
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.paths import (
    RESTS_ELSEWHERE,
    HopRow,
    hop_row,
    images_of,
    path_task,
    raw_barrier,
    with_barrier,
)
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import TaskError
from screening.evaluate.task import TaskResult
from screening.geometry import Hop, Minimum, Percolation, find_hops, percolating_barrier
from screening.structure import Lattice

SLIDING_KT = 4.0
"""Below this many kT over the barrier, an ion slides rather than hops."""

Method = Literal["percolating", "scan"]


def true_minima(softest_ev_a2: Sequence[float | None]) -> list[int]:
    """Return the indices of sites that are minima of the potential, not saddles or plateaus.

    A relaxed ion may be held by symmetry alone. The deepest site needs no curvature below
    −`FLAT_EV_A2`; any other must be steeper than `FLAT_EV_A2`, for a shallower one (4 meV over
    0.6 Å) is a plateau that a path to the next minimum crosses anyway.

    Parameters
    ----------
    softest_ev_a2
        Smallest curvature at each site, lowest site first, eV/Å²; None where it is not known.
    """
    found: list[int] = []
    for index, softest in enumerate(softest_ev_a2):
        limit = FLAT_EV_A2 if found else -FLAT_EV_A2
        if softest is not None and softest > limit:
            found.append(index)
    return found


@dataclass(frozen=True)
class _Network:
    """Minima with their modes, and the hops between them with their paths.

    Attributes
    ----------
    minima
        Relaxed structures, the deepest first.
    energies_ev, tops_ev
        Of the minima, and of the highest point of each hop; None for closed hops.
    """

    minima: Sequence[Atoms]
    energies_ev: Sequence[float]
    tops_ev: Sequence[float | None]
    modes: Sequence[TaskResult]
    hops: Sequence[Hop]
    paths: Sequence[TaskResult]
    rows: Sequence[HopRow]

    def way_out(self) -> Percolation:
        """Barriers out of the cell."""
        saddles = {hop.name: top for hop, top in zip(self.hops, self.tops_ev, strict=True)}
        return percolating_barrier(self.energies_ev, self.hops, saddles)


def percolation(
    method: Method, band: Mapping[str, Any], temperature_k: float, pair: Pair, bound: Bound
) -> Steps[Found]:
    """Barrier of the way out of the cell over all minima and symmetry-distinct hops.

    Hops whose path fails, leaves the host or tears it stay closed.
    """
    network = yield from _network(method, band, pair, bound)
    if network is None:
        return Found().lacking("no relaxed site is a minimum")
    way = network.way_out()
    frequencies = network.modes[0].data["frequencies_thz"]
    found = Found().detailed(hops=network.rows)
    found = found.given(attempt_thz=frequencies[0] if frequencies else None)
    if way.barriers_ev and way.barriers_ev[0] is not None:
        found = found.given(barrier_easy_ev=Value(way.barriers_ev[0], "engine", method=method))
    if way.barrier_ev is None:
        return found.lacking("no known path leads out of the cell in all directions")
    bottleneck = way.bottlenecks[-1]
    tasks = {hop.name: path.key for hop, path in zip(network.hops, network.paths, strict=True)}
    found = found.given(
        barrier_ev=Value(
            way.barrier_ev, "engine", method=method, task=tasks.get(bottleneck or "", "")
        ),
        barrier_path=bottleneck,
        barrier_method=method,
    )
    found, network = yield from _calibrated(pair, bound, found, network)
    return (yield from _diffusion(temperature_k, pair, bound, found, network))


def _network(
    method: Method, band: Mapping[str, Any], pair: Pair, bound: Bound
) -> Steps[_Network | None]:
    """Find the true minima, all hops between them and a path for each."""
    known = [(entry, entry.state) for entry in minima(bound.adsorbed) if entry.state is not None]
    modes = yield [
        pair.task("modes", (state.atoms,), {"atom": bound.ion_index}, entry.row.site)
        for entry, state in known
    ]
    kept = true_minima([None if m.failed else m.data["curvatures_ev_a2"][0] for m in modes])
    if not kept:
        return None
    states = [known[i][1] for i in kept]
    energies = [state.energy_ev for state in states]
    labels = [known[i][0].row.final_site or known[i][0].row.site for i in kept]
    places = [Minimum(label, s.atoms) for label, s in zip(labels, states, strict=True)]
    geometry = pair.candidate.geometry
    hops = find_hops(bound.host.atoms, places, geometry)
    ends = [(energies[hop.minima[0]], energies[hop.minima[1]]) for hop in hops]
    scan = method == "scan"
    paths = yield [
        path_task(band, pair, bound, hop, end, scan=scan)
        for hop, end in zip(hops, ends, strict=True)
    ]
    rows = [hop_row(hop, path, geometry) for hop, path in zip(hops, paths, strict=True)]
    tops = [
        None if row.forward_ev is None else path.energy_ev
        for row, path in zip(rows, paths, strict=True)
    ]
    atoms = [state.atoms for state in states]
    return _Network(atoms, energies, tops, [modes[i] for i in kept], hops, paths, rows)


def _calibrated(
    pair: Pair, bound: Bound, found: Found, network: _Network
) -> Steps[tuple[Found, _Network]]:
    """Calibrate minima and paths, and find the way out over the calibrated ones."""
    structures, energies = list(network.minima), list(network.energies_ev)
    spans: list[range | None] = []
    for hop, path, top in zip(network.hops, network.paths, network.tops_ev, strict=True):
        images = [] if top is None else images_of(hop, path)
        spans.append(range(len(structures), len(structures) + len(images)) if images else None)
        structures += images
        energies += path.data["energies_ev"] if images else []
    try:
        level = yield from landscape(pair, bound, structures, energies)
    except TaskError as error:
        return raw_barrier(found, error), network
    if level is None:
        return found, network
    highest = [None if s is None else max(s, key=level.energies_ev.__getitem__) for s in spans]
    network = replace(
        network,
        energies_ev=level.energies_ev[: len(network.minima)].tolist(),
        tops_ev=[None if i is None else float(level.energies_ev[i]) for i in highest],
    )
    way, low = network.way_out(), int(level.energies_ev.argmin())
    tops = {hop.name: top for hop, top in zip(network.hops, highest, strict=True)}
    easy, last = (tops.get(way.bottlenecks[end] or "") for end in (0, -1))
    if easy is None or last is None:
        return raw_barrier(found, TaskError("its bottleneck has no calibrated path")), network
    found = with_barrier(found, level.barrier(low, last))
    found = found.given(
        barrier_easy_ev=Value(level.barrier(low, easy)[0], "calibrated"),
        barrier_path=way.bottlenecks[-1],
    )
    sites = range(len(network.minima))
    rests = low in sites or not level.below(low, sites)
    return found if rests else found.flagged(RESTS_ELSEWHERE), network


def _diffusion(
    temperature_k: float, pair: Pair, bound: Bound, found: Found, network: _Network
) -> Steps[Found]:
    """Diffusion coefficient over the network; one that has no vibrations goes without."""
    if RESTS_ELSEWHERE in found.flags:
        return found.noted("diffusion: the ion rests at none of the known minima")
    top = found.values["barrier_ev"]
    # Heights and frequencies of one rate are those of one surface.
    if top.scale == "engine":
        rates, method = (yield from _vineyard(pair, bound, network)), "Vineyard"
    else:
        rates, method = _profiles(network, temperature_k), "cosine profile"
    if rates is None:
        return found.noted("diffusion: a minimum is too flat for vibrations")
    wells, products = rates
    saddles = {
        hop.name: Station(energy, product)
        for hop, energy, product in zip(network.hops, network.tops_ev, products, strict=True)
        if product is not None and energy is not None
    }
    stations = [Station(*at) for at in zip(network.energies_ev, wells, strict=True)]
    lattice = Lattice.of(bound.host.atoms, pair.candidate.geometry)
    value = diffusion_cm2_s(stations, network.hops, saddles, lattice.vectors, temperature_k)
    if value and top.number < SLIDING_KT * kB * temperature_k:
        found = found.flagged("barrier below 4 kT: diffusion is an upper bound")
    hops = [
        known if product is None else replace(known, prefactor_thz=wells[hop.minima[0]] / product)
        for hop, known, product in zip(network.hops, network.rows, products, strict=True)
    ]
    if value is not None:
        found = found.given(diffusion_cm2_s=Value(value, top.scale, method=method, task=top.task))
    return found.given(temperature_k=temperature_k).detailed(hops=hops)


_Rates = tuple[list[float], list[float | None]]
"""Products of frequencies in each minimum, and on the saddle of each hop; None for closed hops."""


def _vineyard(pair: Pair, bound: Bound, network: _Network) -> Steps[_Rates | None]:
    """Take the engine's modes of the ion; None if a minimum is too flat to have them."""
    wells = [_vibrations(modes) for modes in network.modes]
    known = [modes for modes in wells if modes is not None]
    if len(known) < len(wells):
        return None
    return known, (yield from _saddle_modes(pair, bound, network, known))


def _profiles(network: _Network, temperature_k: float) -> _Rates:
    """Take the frequency of each hop's cosine, of its mean height so that both ways balance.

    Minima differ in depth alone. A top that is no higher than kT counts as that.
    """
    products: list[float | None] = []
    for hop, top in zip(network.hops, network.tops_ev, strict=True):
        if top is None:
            products.append(None)
            continue
        ends = [network.energies_ev[end] for end in hop.minima]
        height = max(top - sum(ends) / 2, kB * temperature_k)
        mass = float(hop.start.get_masses()[-1])
        products.append(1 / profile_thz(height, hop.length_a, mass))
    return [1.0] * len(network.minima), products


def _saddle_modes(
    pair: Pair, bound: Bound, network: _Network, wells: Sequence[float]
) -> Steps[list[float | None]]:
    """Product of the ion's two frequencies on each open saddle, THz²; None for closed hops.

    A scan does not find the saddle well enough for modes. There, and where the ion alone does not
    have the modes of a saddle, the prefactor is the softest frequency of the first minimum.
    """
    opened = [i for i, known in enumerate(network.rows) if known.forward_ev is not None]
    results: dict[int, TaskResult] = {}
    if not any(path.kind == "scan" for path in network.paths):
        tops = [(network.paths[i].atoms, network.hops[i].name) for i in opened]
        tasks = [
            pair.task("modes", (top,), {"atom": bound.ion_index}, name)
            for top, name in tops
            if top is not None
        ]
        results = dict(zip(opened, (yield tasks), strict=True))
    products: list[float | None] = [None] * len(network.hops)
    for index in opened:
        first = network.hops[index].minima[0]
        softest = network.modes[first].data["frequencies_thz"][0]
        top = results.get(index)
        own = None if top is None or top.failed else _vibrations(top, saddle=True)
        products[index] = own or wells[first] / softest
    return products


def _vibrations(modes: TaskResult, *, saddle: bool = False) -> float | None:
    data = modes.data
    return vibrations(data["curvatures_ev_a2"], data["frequencies_thz"], saddle=saddle)
