"""A run from workflow to rows: checks first, then computes, then says what it cost."""

from __future__ import annotations

import dataclasses
import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from screening import __version__
from screening.builders import Candidate, Catalogue
from screening.calculators import CalculatorSpec, resolve
from screening.descriptors.record import Row
from screening.errors import WorkflowError
from screening.files import write_atomic
from screening.geometry import find_sites
from screening.pipeline.driver import Driver, Progress, Tally
from screening.pipeline.executor import make_executor
from screening.pipeline.pair import Context
from screening.pipeline.protocol import Protocol
from screening.pipeline.store import is_url, open_store
from screening.pipeline.tasks import Engine
from screening.pipeline.workflow import Workflow

PACKAGES = ("ase", "pymatgen", "numpy", "scipy", "torch", "sevenn", "chgnet", "tblite", "gpaw")
STEPS = {"metal": 15, "host": 20, "adsorption": 15, "points": 1, "barrier": 15}
"""Typical evaluations of a task, an image (benchmarks/README.md); for the estimate only."""


@dataclass(frozen=True)
class Plan:
    """What a run would do, counted on the hosts as built.

    Attributes
    ----------
    tasks
        Number of tasks by kind. Sites are counted before the hosts are relaxed.
    seconds
        Estimated wall time.
    """

    candidates: int
    pairs: int
    tasks: Mapping[str, int]
    force_calls: int
    seconds: float


@dataclass(frozen=True)
class Summary:
    """What a run did and what it cost.

    Attributes
    ----------
    rows
        One for each candidate and ion, in the order of completion.
    tally
        Tasks, force calls and worker seconds by kind.
    seconds
        Wall time.
    """

    rows: tuple[Row, ...]
    tally: Tally
    jobs: int
    seconds: float

    @property
    def failed_rows(self) -> int:
        """Rows without a value, or with a descriptor missing."""
        return sum(row.status != "ok" for row in self.rows)

    @property
    def task_seconds(self) -> float:
        """Worker time in tasks of all kinds."""
        return sum(self.tally.task_seconds.values())

    @property
    def other_fraction(self) -> float:
        """Share of the worker time that went neither to force calls nor to loading the model."""
        if not self.task_seconds:
            return 0.0
        return 1 - (self.tally.force_seconds + self.tally.load_seconds) / self.task_seconds


def prepare(workflow: Workflow, catalogue: Catalogue) -> tuple[list[Protocol], CalculatorSpec]:
    """Build every candidate and check it against the calculator, before anything is computed.

    Raises
    ------
    InputError
        Unknown candidate or calculator, a package that is missing, an unsupported element …
    """
    spec = resolve(workflow.calculator, workflow.dispersion, workflow.options)
    spec.require_installed()
    engine = Engine(workflow.calculator, workflow.dispersion, workflow.options, spec.level())
    context = Context(workflow, engine)
    candidates = [catalogue.build(recipe.id) for recipe in catalogue.select(workflow.candidates)]
    if not candidates:
        raise WorkflowError("no candidate is selected", where=f"{workflow.name}: candidates")
    for ion in workflow.ions:
        spec.require_elements({ion}, f"{workflow.name}: ions")
    for candidate in candidates:
        spec.require_elements(set(candidate.atoms.symbols), f"candidate {candidate.id}")
    return [Protocol(c, ion, context) for c in candidates for ion in workflow.ions], spec


def plan(workflow: Workflow, catalogue: Catalogue, jobs: int) -> Plan:
    """Count the tasks of a workflow and estimate its wall time; computes and writes nothing."""
    protocols, spec = prepare(workflow, catalogue)
    adsorption, barrier = workflow.descriptors.adsorption, workflow.descriptors.barrier
    tasks: Counter[str] = Counter(metal=len(workflow.ions))
    atom_calls = float(STEPS["metal"] * len(workflow.ions))
    force_calls = STEPS["metal"] * len(workflow.ions)
    n_sites: dict[str, int] = {}

    def add(kind: str, n_tasks: int, n_atoms: int, factor: int = 1) -> None:
        nonlocal atom_calls, force_calls
        calls = STEPS[kind] * n_tasks * factor
        tasks[kind] += n_tasks
        force_calls += calls
        atom_calls += calls * n_atoms

    for protocol in protocols:
        candidate, n_atoms = protocol.candidate, len(protocol.candidate.atoms)
        if candidate.id not in n_sites:
            n_sites[candidate.id] = len(find_sites(candidate.atoms, candidate.geometry))
            add("host", 1, n_atoms)
        sites = n_sites[candidate.id]
        if adsorption.max_sites is not None and sites > adsorption.max_sites:
            add("points", 1, n_atoms + 1, sites)
            sites = adsorption.max_sites
        add("adsorption", sites, n_atoms + 1)
        if barrier is not None and (barrier.ions is None or protocol.ion in barrier.ions):
            add("barrier", 1, n_atoms + 1, barrier.images)
    seconds = spec.seconds_per_atom * atom_calls / jobs
    return Plan(len(n_sites), len(protocols), dict(tasks), force_calls, seconds)


def run(
    workflow: Workflow,
    catalogue: Catalogue,
    db: str,
    jobs: int,
    report: Callable[[Progress], None] = lambda _: None,
    *,
    retry: bool = False,
) -> Summary:
    """Screen every candidate of the workflow with every ion.

    What is already in the database is reused; a run that was interrupted goes on where it was.

    Parameters
    ----------
    db
        SQLite file (made if there is none) or PostgreSQL URL.
    jobs
        Worker processes; 1 runs in this process.
    report
        Called after each event.
    retry
        Compute tasks again that failed in an earlier run.

    Raises
    ------
    InputError
        Before anything is written.
    """
    start = time.perf_counter()
    protocols, _ = prepare(workflow, catalogue)
    store = open_store(db, create=True)
    if not is_url(db):
        save_resolved(workflow, protocols, Path(db))
    driver = Driver(store, lambda: make_executor(jobs), jobs, report, retry=retry)
    rows = driver.run(protocols)
    return Summary(tuple(rows), driver.tally, jobs, time.perf_counter() - start)


def save_resolved(workflow: Workflow, protocols: Sequence[Protocol], db: Path) -> Path:
    """Write the workflow as it was run, with recipes, versions and level, beside the database."""
    hosts: dict[str, Candidate] = {p.candidate.id: p.candidate for p in protocols}
    document = {
        "workflow": workflow.model_dump(mode="json"),
        "level": _plain(dataclasses.asdict(protocols[0].context.engine.level)),
        "fingerprint": protocols[0].context.engine.level.fingerprint,
        "versions": {"alkascreen": __version__, "python": platform.python_version(), **_versions()},
        "candidates": [dict(candidate.recipe) for candidate in hosts.values()],
    }
    path = db.with_name(f"{db.stem}.{workflow.name}.resolved.yaml")
    write_atomic(path, yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    return path


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _plain(data: Any) -> Any:
    return json.loads(json.dumps(data))
