"""Diffusion barriers: one hop from the best site, or the way out of the cell over all hops."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors.adsorption import minima
from screening.descriptors.barrier import choose_hop
from screening.descriptors.record import HopRow, Row
from screening.errors import TaskError
from screening.geometry import Hop, Minimum, find_hops, percolating_barrier
from screening.pipeline.pair import Bound, Pair, Steps, without
from screening.pipeline.tasks import Task, TaskResult
from screening.pipeline.workflow import BarrierSettings


def best_hop(settings: BarrierSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Barrier of the hop from the best site to its nearest copy, or to the next best site."""
    try:
        chosen = choose_hop(bound.host.atoms, bound.adsorbed, pair.candidate.geometry)
    except TaskError as error:
        return without(row, str(error))
    hop = chosen.hop
    ends = (chosen.start_energy_ev, chosen.end_energy_ev)
    (band,) = yield [band_task(settings, pair, bound, hop, ends)]
    if band.failed:
        return without(row, band.reason)
    return replace(row, barrier_ev=band.data["forward_ev"], barrier_path=hop.name)


def percolation(settings: BarrierSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Barrier of the way out of the cell over all minima and symmetry-distinct hops.

    A site where the ion was held by symmetry alone, on a saddle, is no minimum: the curvatures of
    the ion's potential tell. Hops whose path fails stay closed.
    """
    found = [(entry, entry.state) for entry in minima(bound.adsorbed) if entry.state is not None]
    modes = yield [
        pair.task("modes", (state.atoms,), {"atom": bound.ion_index}, entry.row.site)
        for entry, state in found
    ]
    kept = [i for i, result in enumerate(modes) if not result.failed and result.data["minimum"]]
    if not kept:
        return without(row, "no relaxed site is a minimum")
    states = [found[i][1] for i in kept]
    labels = [found[i][0].row.final_site or found[i][0].row.site for i in kept]
    places = [Minimum(label, s.atoms) for label, s in zip(labels, states, strict=True)]
    hops = find_hops(bound.host.atoms, places, pair.candidate.geometry)
    ends = [tuple(states[i].energy_ev for i in hop.minima) for hop in hops]
    bands = yield [
        band_task(settings, pair, bound, hop, (one, other))
        for hop, (one, other) in zip(hops, ends, strict=True)
    ]
    saddles = {
        hop.name: None if band.failed else band.energy_ev
        for hop, band in zip(hops, bands, strict=True)
    }
    way = percolating_barrier([s.energy_ev for s in states], hops, saddles)
    frequencies = modes[kept[0]].data["frequencies_thz"]
    row = replace(
        row,
        hops=tuple(hop_row(hop, band) for hop, band in zip(hops, bands, strict=True)),
        attempt_thz=frequencies[0] if frequencies else None,
        barrier_easy_ev=way.barriers_ev[0] if way.barriers_ev else None,
        barrier_ev=way.barrier_ev,
        barrier_path=way.bottlenecks[-1] if way.bottlenecks else None,
    )
    if way.barrier_ev is None:
        return without(row, "no known path leads out of the cell in all directions")
    return row


def band_task(
    settings: BarrierSettings, pair: Pair, bound: Bound, hop: Hop, ends: tuple[float, float]
) -> Task:
    """Climbing-image NEB of a hop between relaxed ends of known energy."""
    arguments = {
        **settings.model_dump(exclude={"ions", "path"}),
        "soft": [bound.ion_index],
        "end_energies_ev": list(ends),
    }
    return pair.task("barrier", (hop.start, hop.end), arguments, hop.name)


def hop_row(hop: Hop, band: TaskResult) -> HopRow:
    """Record of a hop and its path."""
    known = {} if band.failed else band.data
    barriers = known.get("forward_ev"), known.get("reverse_ev")
    return HopRow(hop.name, hop.length_a, hop.multiplicity, *barriers, reason=band.reason)
