"""Diffusion: one hop from the best site, or the way out of the cell over all hops."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from ase import Atoms
from ase.units import kB

from screening.descriptors.adsorption import minima
from screening.descriptors.barrier import choose_hop, true_minima
from screening.descriptors.diffusion import Station, diffusion_cm2_s, vibrations
from screening.descriptors.record import HopRow, Row
from screening.errors import TaskError
from screening.geometry import (
    Hop,
    Minimum,
    Percolation,
    find_hops,
    path_outcome,
    percolating_barrier,
)
from screening.pipeline.pair import Bound, Pair, Steps, noted, without
from screening.pipeline.stages.landscape import (
    RESTS_ELSEWHERE,
    calibrated_hop,
    landscape,
    raw_barrier,
    resting_elsewhere,
    with_barrier,
)
from screening.pipeline.tasks import Task, TaskResult
from screening.pipeline.workflow import BarrierSettings
from screening.structure import Geometry, Lattice

ROTATION_DECIMALS = 9
SLIDING_KT = 4.0
"""Below this many kT over the barrier, an ion slides rather than hops."""


def best_hop(settings: BarrierSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Barrier of the hop from the best site to its nearest copy, or to the next best site."""
    try:
        chosen = choose_hop(bound.host.atoms, bound.adsorbed, pair.candidate.geometry)
    except TaskError as error:
        return without(row, str(error))
    ends = (chosen.start_energy_ev, chosen.end_energy_ev)
    (path,) = yield [path_task(settings, pair, bound, chosen.hop, ends)]
    hop = hop_row(chosen.hop, path, pair.candidate.geometry)
    row = replace(row, hops=(hop,))
    if hop.forward_ev is None:
        return without(row, hop.reason)
    row = replace(
        row, barrier_ev=hop.forward_ev, barrier_path=hop.hop, barrier_method=settings.path
    )
    images = images_of(chosen.hop, path)
    return (yield from calibrated_hop(pair, bound, row, images, path.data["energies_ev"]))


@dataclass(frozen=True)
class _Network:
    """Minima with their modes, and the hops between them with their paths.

    Attributes
    ----------
    energies_ev, tops_ev
        Of the minima, and of the highest point of each hop; None for closed hops.
    """

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


def percolation(settings: BarrierSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Barrier of the way out of the cell over all minima and symmetry-distinct hops.

    Hops whose path fails, leaves the host or tears it stay closed.
    """
    found = [(entry, entry.state) for entry in minima(bound.adsorbed) if entry.state is not None]
    modes = yield [
        pair.task("modes", (state.atoms,), {"atom": bound.ion_index}, entry.row.site)
        for entry, state in found
    ]
    kept = true_minima([None if m.failed else m.data["curvatures_ev_a2"][0] for m in modes])
    if not kept:
        return without(row, "no relaxed site is a minimum")
    states = [found[i][1] for i in kept]
    energies = [state.energy_ev for state in states]
    labels = [found[i][0].row.final_site or found[i][0].row.site for i in kept]
    places = [Minimum(label, s.atoms) for label, s in zip(labels, states, strict=True)]
    hops = find_hops(bound.host.atoms, places, pair.candidate.geometry)
    paths = yield [
        path_task(settings, pair, bound, hop, (energies[hop.minima[0]], energies[hop.minima[1]]))
        for hop in hops
    ]
    geometry = pair.candidate.geometry
    rows = [hop_row(hop, path, geometry) for hop, path in zip(hops, paths, strict=True)]
    tops = [
        None if known.forward_ev is None else path.energy_ev
        for known, path in zip(rows, paths, strict=True)
    ]
    network = _Network(energies, tops, [modes[i] for i in kept], hops, paths, rows)
    way = network.way_out()
    frequencies = modes[kept[0]].data["frequencies_thz"]
    row = replace(
        row,
        hops=tuple(rows),
        attempt_thz=frequencies[0] if frequencies else None,
        barrier_easy_ev=way.barriers_ev[0] if way.barriers_ev else None,
        barrier_ev=way.barrier_ev,
        barrier_path=way.bottlenecks[-1] if way.bottlenecks else None,
        barrier_method=settings.path if way.barrier_ev is not None else None,
    )
    if way.barrier_ev is None:
        return without(row, "no known path leads out of the cell in all directions")
    row, network = yield from _calibrated(pair, bound, row, network, [s.atoms for s in states])
    return (yield from _diffusion(settings, pair, bound, row, network))


def _calibrated(
    pair: Pair, bound: Bound, row: Row, network: _Network, minima_atoms: Sequence[Atoms]
) -> Generator[list[Task], list[TaskResult], tuple[Row, _Network]]:
    """Calibrate minima and paths, and find the way out over the calibrated ones."""
    structures, energies = list(minima_atoms), list(network.energies_ev)
    spans: list[range | None] = []
    for hop, path, top in zip(network.hops, network.paths, network.tops_ev, strict=True):
        images = [] if top is None else images_of(hop, path)
        spans.append(range(len(structures), len(structures) + len(images)) if images else None)
        structures += images
        energies += path.data["energies_ev"] if images else []
    try:
        found = yield from landscape(pair, bound, structures, energies)
    except TaskError as error:
        return raw_barrier(row, error), network
    if found is None:
        return row, network
    highest = [None if s is None else max(s, key=found.energies_ev.__getitem__) for s in spans]
    network = replace(
        network,
        energies_ev=found.energies_ev[: len(minima_atoms)].tolist(),
        tops_ev=[None if i is None else float(found.energies_ev[i]) for i in highest],
    )
    way, low = network.way_out(), int(found.energies_ev.argmin())
    names = [hop.name for hop in network.hops]
    bottlenecks = [highest[names.index(name)] for name in way.bottlenecks if name is not None]
    row = with_barrier(row, found.barrier(low, bottlenecks[-1] or 0))
    row = replace(
        row,
        barrier_easy_ev=found.barrier(low, bottlenecks[0] or 0)[0],
        barrier_path=way.bottlenecks[-1],
    )
    sites = range(len(minima_atoms))
    rests = low in sites or not found.below(low, sites)
    return row if rests else resting_elsewhere(row), network


def _diffusion(
    settings: BarrierSettings, pair: Pair, bound: Bound, row: Row, network: _Network
) -> Steps:
    """Diffusion coefficient over the network; one that has no vibrations goes without."""
    if RESTS_ELSEWHERE in row.flags:
        return noted(row, "diffusion: the ion rests at none of the known minima")
    wells = [_vibrations(modes) for modes in network.modes]
    minima_modes = [modes for modes in wells if modes is not None]
    if len(minima_modes) < len(wells):
        return noted(row, "diffusion: a minimum is too flat for vibrations")
    products = yield from _saddle_modes(settings, pair, bound, network, minima_modes)
    saddles = {
        hop.name: Station(top, product)
        for hop, top, product in zip(network.hops, network.tops_ev, products, strict=True)
        if product is not None and top is not None
    }
    stations = [Station(*pair) for pair in zip(network.energies_ev, minima_modes, strict=True)]
    lattice = Lattice.of(bound.host.atoms, pair.candidate.geometry)
    found = diffusion_cm2_s(
        stations, network.hops, saddles, lattice.vectors, settings.temperature_k
    )
    if found and (row.barrier_ev or 0.0) < SLIDING_KT * kB * settings.temperature_k:
        row = replace(row, flags=(*row.flags, "barrier below 4 kT: diffusion is an upper bound"))
    return replace(
        row,
        diffusion_cm2_s=found,
        temperature_k=settings.temperature_k,
        hops=tuple(
            known
            if product is None
            else replace(known, prefactor_thz=minima_modes[hop.minima[0]] / product)
            for hop, known, product in zip(network.hops, network.rows, products, strict=True)
        ),
    )


def _saddle_modes(
    settings: BarrierSettings,
    pair: Pair,
    bound: Bound,
    network: _Network,
    wells: Sequence[float],
) -> Generator[list[Task], list[TaskResult], list[float | None]]:
    """Product of the ion's two frequencies on each open saddle, THz²; None for closed hops.

    A scan does not find the saddle well enough for modes. There, and where the ion alone does not
    have the modes of a saddle, the prefactor is the softest frequency of the first minimum.
    """
    opened = [i for i, known in enumerate(network.rows) if known.forward_ev is not None]
    results: dict[int, TaskResult] = {}
    if settings.path == "percolating":
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


def path_task(
    settings: BarrierSettings, pair: Pair, bound: Bound, hop: Hop, ends: tuple[float, float]
) -> Task:
    """Band or scan between relaxed ends of known energy; half if a symmetry gives the rest."""
    scan, half = settings.path == "scan", hop.mirror is not None and settings.images > 1
    arguments = {
        **settings.model_dump(include={"images", "fmax", "max_steps"}),
        "soft": [bound.ion_index],
        "end_energies_ev": list(ends),
    }
    if hop.mirror is not None and half:
        arguments["mirror"] = {
            "rotation": (np.round(hop.mirror.rotation, ROTATION_DECIMALS) + 0.0).tolist(),
            "permutation": [*hop.mirror.permutation.tolist(), bound.ion_index],
        }
    kind = "scan" if scan else "half-band" if half else "barrier"
    return pair.task(kind, (hop.start, hop.end), arguments, hop.name)


def images_of(hop: Hop, path: TaskResult) -> list[Atoms]:
    """Structures along a path, ends included; none if it failed."""
    images = []
    for positions in path.data.get("positions", ()):
        images.append(hop.start.copy())
        images[-1].positions = positions
    return images


def hop_row(hop: Hop, path: TaskResult, geometry: Geometry) -> HopRow:
    """Record of a hop; a path that failed, leaves the host or tears it has no barriers."""
    images = images_of(hop, path)
    outcome, detail = path_outcome(images, geometry) if images else (None, "")
    reasons = [path.reason, f"the path {outcome}: {detail}" if detail else ""]
    reason = "; ".join(filter(None, reasons))
    known = {} if reason else path.data
    return HopRow(
        hop.name,
        hop.length_a,
        hop.multiplicity,
        known.get("forward_ev"),
        known.get("reverse_ev"),
        reason,
        outcome,
    )
