"""Stages after adsorption: each computes one descriptor of a pair and adds it to the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from screening.descriptors.barrier import choose_hop
from screening.descriptors.record import Row
from screening.errors import TaskError
from screening.pipeline.pair import Bound, Pair, Steps
from screening.pipeline.workflow import Workflow

Stage = Callable[[Pair, Bound, Row], Steps]


def stages_for(workflow: Workflow, ion: str) -> list[tuple[str, Stage]]:
    """Names and functions of the stages that a workflow wants for an ion, in order."""
    wanted: list[tuple[str, Stage]] = []
    barrier = workflow.descriptors.barrier
    if barrier is not None and (barrier.ions is None or ion in barrier.ions):
        wanted.append(("barrier", best_hop))
    return wanted


def best_hop(pair: Pair, bound: Bound, row: Row) -> Steps:
    """Barrier of the hop from the best site to its nearest copy, or to the next best site."""
    settings = pair.context.workflow.descriptors.barrier
    if settings is None:
        return row
    try:
        chosen = choose_hop(bound.host.atoms, bound.adsorbed, pair.candidate.geometry)
    except TaskError as error:
        return without(row, str(error))
    hop = chosen.hop
    arguments = {
        **settings.model_dump(exclude={"ions"}),
        "soft": [bound.ion_index],
        "end_energies_ev": [chosen.start_energy_ev, chosen.end_energy_ev],
    }
    (band,) = yield [pair.task("barrier", (hop.start, hop.end), arguments, hop.name)]
    if band.failed:
        return without(row, band.reason)
    return replace(row, barrier_ev=band.data["forward_ev"], barrier_path=hop.name)


def without(row: Row, reason: str) -> Row:
    """Return the row marked as partial, with one more reason."""
    joined = "; ".join(part for part in (row.reason, reason) if part)
    return replace(row, status="partial", reason=joined)
