"""A run from workflow to rows: checks first, then computes, then says what it cost."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import yaml

from screening.builders import Catalogue
from screening.descriptors import Row
from screening.files import write_atomic
from screening.pipeline.budget import Purse, Selection, Spent, spend
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.origins import versions
from screening.pipeline.plan import count, prepare
from screening.pipeline.protocol import Protocol
from screening.pipeline.store import is_url, open_store
from screening.pipeline.tally import Progress, Tally
from screening.pipeline.workflow import Workflow
from screening.structure import Candidate, digest
from screening.structure.candidate import json_able
from screening.surrogate.shipped import instant_model


@dataclass(frozen=True)
class Summary:
    """What a run did and what it cost.

    Attributes
    ----------
    rows
        One for each candidate and ion.
    tally
        Tasks, force calls and worker seconds by kind.
    seconds
        Wall time.
    spent
        How the budget went, where there was one.
    """

    rows: tuple[Row, ...]
    tally: Tally
    jobs: int
    seconds: float
    spent: Spent | None = None

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


def run(
    workflow: Workflow,
    catalogue: Catalogue,
    db: str,
    jobs: int,
    report: Callable[[Progress], None] = lambda _: None,
    *,
    retry: bool = False,
    budget: int | None = None,
    make: Callable[[], Executor] | None = None,
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
    budget
        New adsorption relaxations at most, spent on the pairs with the best expected gain.
    make
        Makes the executor; by default `make_executor` with `jobs` workers.

    Raises
    ------
    InputError
        Before anything is written.
    """
    start = time.perf_counter()
    protocols, _ = prepare(workflow, catalogue, db)
    model = None if budget is None else instant_model(workflow.instant)
    store = open_store(db, create=True)
    executor = make() if make else make_executor(jobs)  # workers start while pairs are counted
    if not is_url(db):
        save_resolved(workflow, protocols, Path(db))

    def forecast() -> tuple[int, Mapping[str, float]]:
        planned = count(protocols)
        # A budget leaves nobody knows which pairs out.
        return sum(planned.tasks.values()), planned.costs if budget is None else {}

    driver = Driver(store, lambda: executor, jobs, report, retry=retry, forecast=forecast)
    spent = None
    if budget is None or model is None:
        rows = driver.run(protocols)
    else:
        selection = Selection(protocols, store, model)
        rows, spent = spend(budget, selection, driver, Purse(budget, store, retry=retry))
    return Summary(tuple(rows), driver.tally, jobs, time.perf_counter() - start, spent)


def save_resolved(workflow: Workflow, protocols: Sequence[Protocol], db: Path) -> Path:
    """Write the workflow as it was run beside the database: a workflow that runs again.

    Its `provenance` holds recipes, versions and level. Another workflow, or other recipes, get
    another file: none is overwritten.
    """
    hosts: dict[str, Candidate] = {p.candidate.id: p.candidate for p in protocols}
    level = protocols[0].context.engine.level
    provenance = {
        "level": json_able(dataclasses.asdict(level)),
        "fingerprint": level.fingerprint,
        "versions": versions(workflow.calculator),
        "candidates": [dict(candidate.recipe) for candidate in hosts.values()],
    }
    ran = workflow.model_copy(update={"candidates": tuple(hosts), "provenance": provenance})
    document = ran.model_dump(mode="json", exclude_none=True)
    path = db.with_name(f"{db.stem}.{workflow.name}.{digest(document, 8)}.yaml")
    write_atomic(path, yaml.safe_dump(document, sort_keys=False, allow_unicode=True))
    return path
