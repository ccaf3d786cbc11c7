"""Anchoring a screen: reference single points on its own hosts, kept beside its database.

The verbs behind `alkascreen anchor` and ``anchors: N`` of a workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ase import Atoms
from ase.io import write

from screening.builders import Catalogue
from screening.calculators import CalculatorSpec, resolve
from screening.descriptors import Row
from screening.errors import InputError, LevelError
from screening.pipeline.store import Store, open_store
from screening.pipeline.workflow import Workflow
from screening.resources import shipped
from screening.structure import Level
from screening.surrogate import Calibration, calibration_of
from screening.surrogate.anchors import anchors_beside, joined, load_anchors, save_anchors
from screening.surrogate.identity import engine_identity
from screening.validation.anchors import (
    Proposal,
    frames_of,
    propose,
    read_anchors,
    with_metals,
)
from screening.validation.compute import (
    Counts,
    compute_missing,
    level_text,
    read_frames,
    structure_key,
)
from screening.validation.growth import fit_seconds


def points_beside(db: str) -> Path:
    """Return where the reference points of a database are kept."""
    return anchors_beside(db).with_suffix(".extxyz")


def calibration_to_anchor(choice: str, level: Level, where: str) -> Calibration:
    """Return the calibration whose hosts become known, ``auto`` or a file.

    Raises
    ------
    InputError
        If there is none.
    """
    model = calibration_of(choice, level)
    if model is None:
        raise InputError(
            f"there is no calibration of {level}, which an anchor would serve",
            where=where,
            allowed="an engine with a calibration; 'alkascreen train' makes one",
        )
    return model


def reference_engine(name: str, model: Calibration, where: str) -> CalculatorSpec:
    """Return the calculator of the anchors, once it is of the calibration's reference level.

    Raises
    ------
    InputError
        If it is unknown, not installed, or of another level.
    """
    spec = resolve(name, where=where)
    spec.require_installed()
    level = level_text(spec.level())
    if level != model.reference:
        raise LevelError(
            f"{level} is not the level of the calibration", where=where, allowed=model.reference
        )
    return spec


def chosen(
    store: Store,
    rows: Sequence[Row],
    model: Calibration,
    top: int,
    hosts: Sequence[str] | None = None,
) -> list[Proposal]:
    """Return the hosts that settle most of the order for their cost; or those that are named.

    Raises
    ------
    InputError
        If a named host has no row.
    """
    names = {row.candidate for row in rows}
    if hosts and (unknown := sorted(set(hosts) - names)):
        raise InputError(f"no row of {', '.join(unknown)}", where="--hosts", allowed="stored hosts")
    seconds = _expected()

    def cost(row: Row) -> float:
        return sum(map(seconds, structures(store, row)))

    def known(row: Row) -> bool:
        return hosts is None and bool(model.recognise(structures(store, row)[0]))

    proposals = propose(rows, known, cost)
    return [p for p in proposals if p.row.candidate in hosts] if hosts else proposals[:top]


def structures(store: Store, row: Row) -> tuple[Atoms, Atoms]:
    """Return the relaxed host and the structure behind a row's adsorption energy.

    Raises
    ------
    InputError
        If the database does not hold them.
    """
    tasks = (row.host_task, row.values["e_ads_ev"].task)
    found = [result.atoms for key in tasks if key and (result := store.find(key))]
    clean, adsorbed = (*found, None, None)[:2]
    if clean is None or adsorbed is None:
        raise InputError(
            f"no structure of {row.candidate} with {row.ion}",
            where="--db",
            allowed="rows of this version; 'alkascreen run' makes them anew from stored tasks",
        )
    return clean, adsorbed


def frames_for(store: Store, proposals: Iterable[Proposal]) -> list[Atoms]:
    """Return the frames that anchors need: metals, then each clean host and its ion."""
    frames: list[Atoms] = []
    for row in (proposal.row for proposal in proposals):
        frames += frames_of(row.candidate, row.ion, *structures(store, row))
    return with_metals(frames, {str(a.info["bulk"]): a for a in _metals()})


def compute(frames: Sequence[Atoms], spec: CalculatorSpec, db: str) -> Counts:
    """Compute what a database's anchors lack; they start with the metals of the shipped set."""
    points = points_beside(db)
    if not points.exists():
        add(points, _metals())
    return compute_missing(frames, spec, points, open_store(db))


def add(points: Path, frames: Sequence[Atoms]) -> None:
    """Add frames with energies to the anchors' set; those of the same structure are replaced."""
    old = read_frames(points) if points.exists() else []
    by_key = {structure_key(atoms): atoms for atoms in (*old, *frames)}
    if by_key:
        write(points, list(by_key.values()), format="extxyz")


def keep(db: str, engine: CalculatorSpec, model: Calibration) -> tuple[Path, int, int]:
    """Evaluate the engine at the points and keep them as anchors beside the database.

    Returns
    -------
    path, anchors, hosts
        Where they are, and how many.

    Raises
    ------
    InputError
        If a point is of another level than the calibration.
    """
    path, points = anchors_beside(db), points_beside(db)
    new = read_anchors(points, engine, model, open_store(db))
    if other := sorted({a.reference for a in new} - {model.reference}):
        raise InputError(
            f"points of {', '.join(other)}", where=str(points), allowed=model.reference
        )
    found = joined(load_anchors(path), new)
    save_anchors(path, found)
    return path, len(found), len({a.sample.host for a in found})


def check(workflow: Workflow) -> None:
    """Refuse a workflow whose anchors cannot be computed, before anything is.

    Raises
    ------
    InputError
        If its engine has no calibration, or its reference is not of the calibration's level.
    """
    if workflow.anchors:
        _parties(workflow)


def anchor_best(workflow: Workflow, rows: Sequence[Row], db: str) -> Counts:
    """Compute the anchors that a workflow asks for and its database lacks.

    Hosts that were anchored before count, so that the same run again computes nothing.

    Parameters
    ----------
    rows
        Of the workflow's run.

    Raises
    ------
    InputError
        See `check`.
    """
    engine, model, reference = _parties(workflow)
    identity = engine_identity(engine.level())
    there = {a.sample.host for a in load_anchors(anchors_beside(db)) if a.engine == identity}
    open_rows = [row for row in rows if row.candidate not in there]
    left = workflow.anchors - len(there & {row.candidate for row in rows})
    store = open_store(db)
    wanted = chosen(store, open_rows, model, max(left, 0))
    if not wanted:
        return Counts()
    counts = compute(frames_for(store, wanted), reference, db)
    keep(db, engine, model)
    return counts


def expected_seconds(workflow: Workflow, catalogue: Catalogue) -> float:
    """Return what a workflow's anchors are expected to cost, s: two mean structures a host."""
    seconds = _expected()
    hosts = [catalogue.build(recipe.id).atoms for recipe in catalogue.select(workflow.candidates)]
    count = min(workflow.anchors, len(hosts))
    return 2 * count * sum(map(seconds, hosts)) / len(hosts)


def _parties(workflow: Workflow) -> tuple[CalculatorSpec, Calibration, CalculatorSpec]:
    engine = resolve(workflow.calculator, workflow.dispersion, workflow.options)
    where = f"{workflow.name}: anchors"
    model = calibration_to_anchor(workflow.calibration, engine.level(), where)
    return engine, model, reference_engine(workflow.reference, model, f"{workflow.name}: reference")


def _expected() -> Callable[[Atoms], float]:
    """Return what the reference level takes for a structure, s, by the shipped set."""
    return fit_seconds(read_frames(_shipped_set()), str(_shipped_set()))


def _metals() -> list[Atoms]:
    return [atoms for atoms in read_frames(_shipped_set()) if atoms.info.get("bulk")]


def _shipped_set() -> Path:
    return shipped("results") / "reference" / "pbe.extxyz"
