"""Paths of one ion: the tasks that find them, their records, their calibrated barriers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms

from screening.descriptors.bound import Bound
from screening.descriptors.calibrated import landscape
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import TaskError
from screening.evaluate.task import Task, TaskResult
from screening.geometry import Hop, path_outcome
from screening.structure import Geometry

ROTATION_DECIMALS = 9
RESTS_ELSEWHERE = "the calibrated path is lowest between its ends: the ion rests elsewhere"


@dataclass(frozen=True)
class HopRow:
    """One symmetry-distinct hop.

    Attributes
    ----------
    forward_ev, reverse_ev
        Barriers in the two directions by the engine, eV; None if the path failed or left the
        host, with `reason`.
    multiplicity
        Copies in the cell.
    outcome
        kept: the ion stays on a whole host all the way; desorbed or reconstructed: it does not,
        and the hop is closed; None if there is no path.
    prefactor_thz
        Of the hop's rate from its first minimum, THz.
    task
        Key of the task that found the path.
    """

    hop: str
    length_a: float
    multiplicity: int
    forward_ev: float | None
    reverse_ev: float | None
    reason: str = ""
    outcome: str | None = None
    prefactor_thz: float | None = None
    task: str = ""


def path_task(
    band: Mapping[str, Any],
    pair: Pair,
    bound: Bound,
    hop: Hop,
    ends: tuple[float, float],
    *,
    scan: bool = False,
) -> Task:
    """Band or scan between relaxed ends of known energy; half if a symmetry gives the rest.

    Parameters
    ----------
    band
        ``images``, ``fmax`` and ``max_steps``.
    """
    half = hop.mirror is not None and band["images"] > 1
    arguments = {**band, "soft": [bound.ion_index], "end_energies_ev": list(ends)}
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
        task=path.key,
    )


def calibrated_hops(
    pair: Pair, bound: Bound, found: Found, paths: Sequence[tuple[list[Atoms], Sequence[float]]]
) -> Steps[Found]:
    """Calibrate the barrier of a way: from its lowest to its highest structure.

    Parameters
    ----------
    paths
        Structures and energies, eV, of each path of the way, ends included.
    """
    images = [image for structures, _ in paths for image in structures]
    energies = [energy for _, energies_ev in paths for energy in energies_ev]
    last = np.cumsum([len(structures) for structures, _ in paths]) - 1
    ends = [0, *last.tolist(), *(last[:-1] + 1).tolist()]
    try:
        level = yield from landscape(pair, bound, images, energies)
    except TaskError as error:
        return raw_barrier(found, error)
    if level is None:
        return found
    low, top = int(level.energies_ev.argmin()), int(level.energies_ev.argmax())
    found = with_barrier(found, level.barrier(low, top))
    rests = low in ends or not level.below(low, ends)
    return found if rests else found.flagged(RESTS_ELSEWHERE)


def with_barrier(found: Found, barrier: tuple[float, float, float]) -> Found:
    """Put a calibrated barrier in place of the engine's own, which it keeps as raw."""
    own = found.values["barrier_ev"]
    value, lower, upper = barrier
    return found.given(
        barrier_ev=Value(value, "calibrated", lower, upper, own.number, own.method, own.task)
    )


def raw_barrier(found: Found, error: TaskError) -> Found:
    """Flag that the barrier, unlike the adsorption energy, is raw."""
    return found.flagged(f"barrier_ev is raw, {error}")
