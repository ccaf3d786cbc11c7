"""Surface energy of the host: the same tasks for all ions."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors.record import Row
from screening.descriptors.surface import face_area, surface_energy, symmetric_slabs
from screening.errors import TaskError
from screening.pipeline.pair import Bound, Pair, Steps, without
from screening.pipeline.tasks import Task
from screening.pipeline.workflow import SurfaceSettings


def surface(settings: SurfaceSettings, pair: Pair, bound: Bound, row: Row) -> Steps:  # noqa: ARG001
    """Relax symmetric slabs of several thicknesses and fit the surface energy."""
    try:
        slabs = symmetric_slabs(pair.candidate, settings.layers)
    except TaskError as error:
        return without(row, f"surface energy: {error}")
    tags = {"candidate": pair.candidate.id}
    relax = pair.context.workflow.relax.model_dump()
    results = yield [Task("host", pair.context.engine, (slab,), relax, tags) for slab in slabs]
    if problems := [result.reason for result in results if result.failed]:
        return without(row, f"surface energy: {problems[0]}")
    energies = [pair.state(result).energy_ev for result in results]
    found = surface_energy(energies, [len(slab) for slab in slabs], face_area(slabs[0]))
    return replace(row, gamma_j_m2=found.gamma_j_m2, gamma_spread_j_m2=found.spread_j_m2)
