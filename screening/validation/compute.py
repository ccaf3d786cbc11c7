"""Single points of many structures into one extxyz file, resumable: how the reference set grows."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write

from screening.calculators import CalculatorSpec
from screening.descriptors import Steps
from screening.errors import StructureError
from screening.evaluate.task import Engine, Task, TaskResult
from screening.pipeline.evaluator import Question, answers
from screening.pipeline.store import Store, open_store
from screening.structure.content import content
from screening.structure.level import Level, digest

log = logging.getLogger(__name__)

VACUUM_A = 5.5
"""With a dipole layer, e_ads of K on Al is within 2 meV of that with 9 Å (docs/dft.md)."""


@dataclass(frozen=True)
class Counts:
    """What became of the frames."""

    computed: int = 0
    reused: int = 0
    failed: int = 0


def trim_vacuum(frames: Sequence[Atoms]) -> list[Atoms]:
    """Cut vacuum to `VACUUM_A` each side along every axis without periodicity.

    All frames of a host (``info["host"]``) get the same cell, set by the largest, and the same
    shift, so that their energies may be subtracted. Sheets, slabs, tubes and molecules: wherever
    the open axes are at right angles to all others. Other frames are copied as they are.
    """
    trimmed = [atoms.copy() for atoms in frames]
    groups: dict[str, list[Atoms]] = {}
    for atoms in trimmed:
        groups.setdefault(str(atoms.info.get("host")), []).append(atoms)
    for group in groups.values():
        for axis in _open_axes(group):
            _trim(group, axis)
    return trimmed


def _open_axes(group: Sequence[Atoms]) -> list[int]:
    """Axes along x, y or z that no frame of the group is periodic along."""
    return [
        axis
        for axis in range(3)
        if not any(atoms.pbc[axis] for atoms in group)
        and all(_apart(atoms.cell.array, axis) for atoms in group)
    ]


def _apart(cell: np.ndarray, axis: int) -> bool:
    """Whether a lattice vector lies along its own axis, and no other vector leans to it."""
    others = [i for i in range(3) if i != axis]
    return bool(np.allclose(cell[axis, others], 0.0) and np.allclose(cell[others, axis], 0.0))


def _trim(group: Sequence[Atoms], axis: int) -> None:
    low = min(float(atoms.positions[:, axis].min()) for atoms in group)
    high = max(float(atoms.positions[:, axis].max()) for atoms in group)
    for atoms in group:
        atoms.positions[:, axis] += VACUUM_A - low
        cell = atoms.cell.array.copy()
        cell[axis, axis] = high - low + 2 * VACUUM_A
        atoms.cell = cell


def frame_key(atoms: Atoms, level: Level) -> str:
    """Content key of a structure at a level; independent of `Atoms.info` and of constraints."""
    return digest({**content(atoms), "level": level.fingerprint})


def structure_key(atoms: Atoms) -> str:
    """Content key of a structure alone."""
    return digest(content(atoms))


def level_text(level: Level) -> str:
    """Level as frames state it."""
    return f"{level} #{level.fingerprint}"


def compute_missing(
    frames: Sequence[Atoms],
    spec: CalculatorSpec,
    output: Path,
    store: Store | None = None,
    jobs: int = 1,
    *,
    retry: bool = False,
) -> Counts:
    """Compute the frames that the output does not hold yet, in the order given.

    Each result is in the store and in the file before the next one starts; the file is replaced as
    a whole, so a kill loses at most the structures in flight. Failures stand in the store with
    their reason. Consecutive frames that differ in positions only are cheaper with engines that
    restart (gpaw): keep them together.

    Parameters
    ----------
    frames
        Structures; their `info` (host, ion, n_ions, bulk …) is carried over.
    output
        extxyz with ``energy`` (eV), ``forces`` (eV/Å), and ``info``: key, level, seconds.
    store
        Whose results are reused; None: the database of the output's name beside it.
    jobs
        Worker processes; 1 computes in this one.
    retry
        Compute again what failed before.
    """
    level, engine = spec.level(), Engine.of(spec)
    done = _keys_of(output)
    keys = [frame_key(atoms, level) for atoms in frames]
    todo = {key: atoms for key, atoms in zip(keys, frames, strict=True) if key not in done}
    spec.require_elements({s for atoms in todo.values() for s in atoms.symbols}, str(output))
    reused = sum(key in done for key in keys)
    log.info("%s: %d to do, %d there", level, len(todo), reused)
    ask = partial(_single_point, engine=engine)
    failed = write_answers(todo, ask, level, output, store=store, jobs=jobs, retry=retry)
    return Counts(len(todo) - failed, reused, failed)


def write_answers(
    todo: Mapping[str, Atoms],
    ask: Callable[[Atoms], Steps[TaskResult]],
    level: Level,
    output: Path,
    *,
    store: Store | None,
    jobs: int,
    retry: bool,
) -> int:
    """Ask something of each frame, add the structures of the answers to a file; count failures.

    Parameters
    ----------
    todo
        Frames by a name of each; their `info` is carried over.
    ask
        Leads from a frame to the result that is written down.
    level
        Of the engine that answers.
    output, store, jobs, retry
        See `compute_missing`.
    """
    if not todo:
        return 0

    def write_down(atoms: Atoms, result: TaskResult) -> None:
        title = _title(atoms)
        if result.failed:
            log.warning("%s failed: %s", title, result.reason)
            return
        _append(output, _labelled(atoms, result, level))
        log.info("%s %.4f eV %.0f s", title, result.energy_ev, result.seconds)

    questions = [
        Question(
            _title(atoms),
            partial(ask, atoms),
            partial(TaskResult, name, "points"),
            partial(write_down, atoms),
        )
        for name, atoms in todo.items()
    ]
    store = store or open_store(output.with_suffix(".db"), create=True)
    return sum(result.failed for result in answers(questions, store, jobs, retry=retry))


def _single_point(atoms: Atoms, engine: Engine) -> Steps[TaskResult]:
    (result,) = yield [Task("points", engine, (atoms,), tags=tags_of(atoms))]
    return result


def tags_of(atoms: Atoms) -> dict[str, str]:
    """Return the tags of a frame's tasks."""
    tags = _names(atoms)
    if "host" in tags:
        tags["candidate"] = tags.pop("host")
    return tags


def _title(atoms: Atoms) -> str:
    return " ".join([*_names(atoms).values(), atoms.get_chemical_formula()])


def _names(atoms: Atoms) -> dict[str, str]:
    """Return what a frame says that it stands for."""
    return {name: str(atoms.info[name]) for name in ("host", "bulk", "ion") if atoms.info.get(name)}


def _labelled(atoms: Atoms, result: TaskResult, level: Level) -> Atoms:
    found = result.atoms or atoms
    frame = Atoms(found.symbols, found.positions, cell=found.cell, pbc=found.pbc)
    frame.info = {
        **atoms.info,
        "level": level_text(level),
        "key": frame_key(frame, level),
        "seconds": round(result.seconds, 1),
    }
    frame.calc = SinglePointCalculator(frame, energy=result.energy_ev, forces=result.forces)
    return frame


def _append(output: Path, atoms: Atoms) -> None:
    """Add one frame by replacing the file, so that no reader ever sees half a frame."""
    text = io.StringIO()
    write(text, atoms, format="extxyz")
    before = output.read_text(encoding="utf-8") if output.exists() else ""
    output.parent.mkdir(parents=True, exist_ok=True)
    part = output.with_name(f".{output.name}.{os.getpid()}")
    part.write_text(before + text.getvalue(), encoding="utf-8")
    part.replace(output)


def _keys_of(output: Path) -> set[str]:
    if not output.exists():
        return set()
    return {str(atoms.info["key"]) for atoms in read_frames(output) if "key" in atoms.info}


def read_frames(path: Path) -> list[Atoms]:
    """Read all frames of an extxyz file.

    Raises
    ------
    StructureError
        If it is missing, empty or not readable.
    """
    try:
        frames = list(_frames(path))
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise StructureError(f"cannot read frames: {reason}", where=str(path)) from error
    if not frames:
        raise StructureError("file has no frames", where=str(path), allowed="extxyz")
    return frames


def _frames(path: Path) -> Iterator[Atoms]:
    found = read(path, index=":", format="extxyz")
    yield from found if isinstance(found, list) else [found]
