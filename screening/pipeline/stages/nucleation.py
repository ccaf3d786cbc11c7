"""Nucleation: add ions one by one where the energy is lowest, and watch each step."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from screening.descriptors.adsorption import best_site
from screening.descriptors.nucleation import (
    clustering_margin,
    overpotential_mv,
    sites_beside,
    step_energies,
)
from screening.descriptors.record import Row
from screening.descriptors.reference import RelaxedState, adsorption_energy
from screening.errors import TaskError
from screening.geometry import find_sites, motif_changed, place
from screening.pipeline.pair import Bound, Pair, Steps, noted, without
from screening.pipeline.tasks import Task, TaskResult
from screening.pipeline.workflow import NucleationSettings

Grown = Generator[list[Task], list[TaskResult], RelaxedState]


def nucleation(settings: NucleationSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Grow a cluster from the best site; the second ion is also tried far from the first."""
    best = best_site(bound.adsorbed)
    if best is None or best.state is None:
        return without(row, "nucleation: no adsorbed ion to start from")
    totals = [0.0, adsorption_energy(best.state, bound.host, bound.metal)]
    state, apart = best.state, None
    try:
        apart = yield from _add_ion(settings, pair, bound, state, beside=False)
    except TaskError as error:
        row = noted(row, f"clustering: {error}")
    try:
        for count in range(2, settings.n_max + 1):
            state = yield from _add_ion(settings, pair, bound, state, beside=True)
            totals.append(count * adsorption_energy(state, bound.host, bound.metal))
    except TaskError as error:
        row = without(row, f"nucleation stopped at {len(totals)} ions: {error}")
    if change := motif_changed(bound.host.atoms, state.atoms[: bound.ion_index]):
        row = replace(row, flags=(*row.flags, f"host reconstructed under the cluster: {change}"))
    steps = step_energies(totals)
    far = None if apart is None else 2 * adsorption_energy(apart, bound.host, bound.metal)
    return replace(
        row,
        e_step_ev=steps,
        eta_nuc_mv=overpotential_mv(steps) if len(steps) == settings.n_max else None,
        clustering_ev=None if far is None or len(totals) < 3 else clustering_margin(totals[2], far),
    )


def _add_ion(
    settings: NucleationSettings, pair: Pair, bound: Bound, state: RelaxedState, *, beside: bool
) -> Grown:
    """Relax one more ion at the lowest few sites of the surface that holds the others.

    Sites are those of the host *with* its ions: beside them, between them and on top of them. Some
    of the higher ones are relaxed too, drawn at random: the energy as placed may mislead.
    """
    surface, ions = state.atoms, range(bound.ion_index, len(state.atoms))
    sites = find_sites(surface, pair.candidate.geometry)
    near = sites_beside(surface, ions, sites, pair.ion)
    chosen = [site for site, close in zip(sites, near, strict=True) if close is beside]
    if not chosen:
        where = "beside the others" if beside else "apart from the others"
        raise TaskError(f"no site {where}")
    starts = [place(surface, site, pair.ion) for site in chosen]
    (points,) = yield [pair.task("points", tuple(starts), {})]
    if points.failed:
        raise TaskError(points.reason)
    tried = _starts(settings, points.data["energies_ev"], len(surface) + 1 - bound.ion_index)
    soft = list(range(bound.ion_index, len(surface) + 1))
    arguments = {**pair.context.workflow.relax.model_dump(), "soft": soft}
    results = yield [pair.task("cluster", (starts[i],), arguments, chosen[i].label) for i in tried]
    kept = [pair.state(result) for result in results if not result.failed]
    if not kept:
        raise TaskError(results[0].reason)
    return min(kept, key=lambda found: found.energy_ev)


def _starts(settings: NucleationSettings, energies_ev: list[float], count: int) -> list[int]:
    """Return the indices of the lowest starts, then of some others, drawn for this many ions."""
    order = sorted(range(len(energies_ev)), key=energies_ev.__getitem__)
    lowest, others = order[: settings.trials], order[settings.trials :]
    draw = np.random.default_rng([settings.seed, count])
    size = min(settings.random, len(others))
    return lowest + draw.choice(others, size, replace=False).tolist() if size else lowest
