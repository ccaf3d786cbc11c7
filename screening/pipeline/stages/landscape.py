"""Calibrated energies along the paths of an ion, and the barriers that follow from them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np
from ase import Atoms

from screening.descriptors.record import Row
from screening.errors import TaskError
from screening.pipeline.pair import Bound, Pair
from screening.pipeline.stages.calibration import latent_changes, raw_energy
from screening.pipeline.tasks import Task, TaskResult
from screening.surrogate.landscape import Landscape

RESTS_ELSEWHERE = "the calibrated path is lowest between its ends: the ion rests elsewhere"


Found = Generator[list[Task], list[TaskResult], Landscape | None]


def landscape(
    pair: Pair, bound: Bound, structures: Sequence[Atoms], energies_ev: Sequence[float]
) -> Found:
    """Calibrate structures with the ion, given their energies by the engine.

    Returns
    -------
    Landscape or None
        None where the adsorption energies of the pair are raw too.

    Raises
    ------
    TaskError
        If a structure is outside the domain although the sites are inside.
    """
    model = bound.calibration
    if model is None or not any(site.row.in_domain for site in bound.adsorbed):
        return None
    changes = yield from latent_changes(pair, bound, model, structures)
    features, corrected, host = [], [], model.recognise(bound.host.atoms)
    for atoms, energy, change in zip(structures, energies_ev, changes, strict=True):
        raw = raw_energy(bound, energy)
        x = model.features(bound.host.atoms, atoms, (bound.ion_index,), raw, change)
        found = model.at(x, raw, host)
        if not found.in_domain:
            raise TaskError(f"a structure on the path is {found.reason}")
        features.append(x)
        corrected.append(energy + found.e_ads_ev - raw)
    return Landscape(np.array(corrected), np.array(features), model, host)


def calibrated_hop(
    pair: Pair, bound: Bound, row: Row, images: Sequence[Atoms], energies_ev: Sequence[float]
) -> Generator[list[Task], list[TaskResult], Row]:
    """Calibrate the barrier of one path: from its lowest to its highest structure."""
    try:
        found = yield from landscape(pair, bound, images, energies_ev)
    except TaskError as error:
        return raw_barrier(row, error)
    if found is None:
        return row
    low, top = int(found.energies_ev.argmin()), int(found.energies_ev.argmax())
    row = with_barrier(row, found.barrier(low, top))
    ends = (0, len(images) - 1)
    return row if low in ends or not found.below(low, ends) else resting_elsewhere(row)


def with_barrier(row: Row, barrier: tuple[float, float, float]) -> Row:
    """Return the row with a calibrated barrier in place of the engine's own, which it keeps."""
    value, lower, upper = barrier
    return replace(
        row,
        barrier_raw_ev=row.barrier_ev,
        barrier_ev=value,
        barrier_lower90_ev=lower,
        barrier_upper90_ev=upper,
    )


def raw_barrier(row: Row, error: TaskError) -> Row:
    """Return the row with a flag that its barrier, unlike its adsorption energy, is raw."""
    return replace(row, flags=(*row.flags, f"barrier_ev is raw, {error}"))


def resting_elsewhere(row: Row) -> Row:
    """Return the row with a flag that the ion's place of rest is not one of its sites."""
    return replace(row, flags=(*row.flags, RESTS_ELSEWHERE))
