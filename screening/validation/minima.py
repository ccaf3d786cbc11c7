"""Ions of a reference set taken to their minima at its own level; hosts stay as they are."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from screening.calculators import CalculatorSpec
from screening.descriptors import Steps
from screening.errors import InputError, LevelError
from screening.evaluate.relax import free_indices
from screening.evaluate.settings import RelaxSettings
from screening.evaluate.task import Engine, Task, TaskResult
from screening.geometry.layers import shaken
from screening.pipeline.store import Store
from screening.validation.compute import (
    Counts,
    level_text,
    read_frames,
    tags_of,
    write_answers,
)
from screening.validation.reference import (
    AS_RELAXED,
    MINIMUM,
    ReferencePoint,
    read_reference,
)
from screening.validation.relaxed import SMALL_EV_A

log = logging.getLogger(__name__)

RELAX = RelaxSettings(fmax=0.02, max_steps=60)
"""Tighter than what counts as a push: 0.1 Å off a flat hill the force is no larger than that."""


def compute_minima(
    reference: Path,
    spec: CalculatorSpec,
    output: Path,
    store: Store | None = None,
    jobs: int = 1,
    *,
    hosts: Collection[str] = (),
    retry: bool = False,
) -> Counts:
    """Relax the ions that a reference set calls relaxed where its own forces push them on.

    The largest force comes first. What the set or the output has a minimum of is not computed
    again. The frames of the output have the note `MINIMUM`; `merge` takes them into the set.

    Parameters
    ----------
    reference
        extxyz with forces.
    spec
        The engine of the set's level.
    output
        extxyz to write.
    hosts
        Those to look at; all of the set if empty.
    store, jobs, retry
        See `screening.validation.compute.compute_missing`.

    Raises
    ------
    InputError
        If the set cannot be read, or has none of the hosts.
    LevelError
        If the engine is not of its level.
    """
    level, found = spec.level(), read_reference(reference)
    if found.level != level_text(level):
        raise LevelError(
            f"{found.level}, the engine is {level_text(level)}",
            where=str(reference),
            allowed="the set's own level",
        )
    names = {point.host for point in found.points}
    if unknown := sorted(set(hosts) - names):
        raise InputError(
            f"no points of {', '.join(unknown)}",
            where=str(reference),
            allowed=", ".join(sorted(names)),
        )
    pushed = sorted(filter(_pushed, found.points), key=_push, reverse=True)
    there = _minima_of(output)
    wanted = {_title(*p.names): p for p in pushed if not hosts or p.host in hosts}
    todo = {title: _frame(p) for title, p in wanted.items() if title not in there}
    reused = len(wanted) - len(todo)
    log.info("%s: %d to do, %d there", level, len(todo), reused)
    ask = partial(_minimum, engine=Engine.of(spec))
    failed = write_answers(todo, ask, level, output, store=store, jobs=jobs, retry=retry)
    return Counts(len(todo) - failed, reused, failed)


def _pushed(point: ReferencePoint) -> bool:
    return point.note in AS_RELAXED and point.gain is None and _push(point) > SMALL_EV_A


def _push(point: ReferencePoint) -> float:
    """Return the largest force on an ion, eV/Å; 0 where none is known."""
    return point.push_ev_a or 0.0


def _title(host: str, ion: str, count: int) -> str:
    return f"{host} {ion} {count}"


def _frame(point: ReferencePoint) -> Atoms:
    """Return where a relaxation starts: off the place where symmetry alone may hold an ion."""
    frame = shaken(point.adsorbed, point.ions)
    frame.set_constraint(FixAtoms(np.delete(np.arange(len(frame)), point.ions)))
    host, ion, count = point.names
    frame.info = {"host": host, "ion": ion, "n_ions": count, "note": MINIMUM}
    return frame


def _minimum(frame: Atoms, engine: Engine) -> Steps[TaskResult]:
    settings = {**RELAX.model_dump(), "soft": free_indices(frame).tolist()}
    (result,) = yield [Task("adsorption", engine, (frame,), settings, tags_of(frame))]
    return result


def _minima_of(output: Path) -> set[str]:
    if not output.exists():
        return set()
    infos = [atoms.info for atoms in read_frames(output)]
    return {_title(i["host"], i["ion"], i["n_ions"]) for i in infos if i.get("note") == MINIMUM}
