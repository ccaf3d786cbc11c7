"""Surface energies of the host and of the ion's metal: the same tasks for all ions, or hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ase import Atoms

from screening.descriptors.record import Row
from screening.descriptors.surface import (
    METAL_FMAX_EV_A,
    METAL_LAYERS,
    SurfaceEnergy,
    face_area,
    metal_slabs,
    surface_energy,
    symmetric_slabs,
    wulff_average,
)
from screening.errors import TaskError
from screening.pipeline.pair import Bound, Pair, Steps, noted, without
from screening.pipeline.tasks import Task, TaskResult
from screening.pipeline.workflow import SurfaceSettings


def surface(settings: SurfaceSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Relax symmetric slabs of several thicknesses and fit their surface energies.

    A host that has no surface energy (a sheet, a polar slab) says so and lacks nothing.
    """
    try:
        slabs = symmetric_slabs(pair.candidate, settings.layers)
    except TaskError as error:
        row = noted(row, f"surface energy: {error}")
    else:
        row = yield from _host(pair, slabs, row)
    if settings.metal:
        row = yield from _metal(pair, bound, row)
    return row


def _host(pair: Pair, slabs: list[Atoms], row: Row) -> Steps:
    relax = pair.context.workflow.relax.model_dump()
    tags = {"candidate": pair.candidate.id}
    results = yield _tasks(pair, slabs, relax, tags)
    try:
        found = _fit(pair, slabs, results)
    except TaskError as error:
        return without(row, f"surface energy: {error}")
    return replace(row, gamma_j_m2=found.gamma_j_m2, gamma_spread_j_m2=found.spread_j_m2)


def _metal(pair: Pair, bound: Bound, row: Row) -> Steps:
    """Low-index planes of the ion's metal at its own lattice constant, and their Wulff average."""
    slabs = {plane: metal_slabs(pair.ion, bound.metal.atoms, plane) for plane in METAL_LAYERS}
    relax = pair.context.workflow.relax.model_dump()
    relax["fmax"] = min(relax["fmax"], METAL_FMAX_EV_A)
    results = yield [
        task
        for plane, found in slabs.items()
        for task in _tasks(pair, found, relax, {"ion": pair.ion, "plane": f"bcc{plane}"})
    ]
    rest = iter(results)
    try:
        fits = {p: _fit(pair, found, [next(rest) for _ in found]) for p, found in slabs.items()}
        average = wulff_average({plane: fit.gamma_j_m2 for plane, fit in fits.items()})
    except TaskError as error:
        return without(row, f"surface energy of {pair.ion}: {error}")
    return replace(
        row,
        gamma_metal_j_m2=average,
        gamma_metal_spread_j_m2=max(fit.spread_j_m2 for fit in fits.values()),
        gamma_metal_faces_j_m2=tuple(fit.gamma_j_m2 for fit in fits.values()),
    )


def _tasks(
    pair: Pair, slabs: list[Atoms], relax: Mapping[str, Any], tags: Mapping[str, str]
) -> list[Task]:
    return [Task("slab", pair.context.engine, (slab,), relax, tags) for slab in slabs]


def _fit(pair: Pair, slabs: list[Atoms], results: list[TaskResult]) -> SurfaceEnergy:
    """Surface energy of relaxed slabs, thinnest first.

    Raises
    ------
    TaskError
        If one of them failed.
    """
    for result in results:
        if result.failed:
            raise TaskError(result.reason)
    energies = [pair.state(result).energy_ev for result in results]
    return surface_energy(energies, [len(slab) for slab in slabs], face_area(slabs[0]))
