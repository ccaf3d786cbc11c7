"""Drives many protocols at once: runs what they yield, stores what comes back, feeds it on."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field

from screening.descriptors import Row, Steps
from screening.evaluate.task import Task, TaskResult
from screening.pipeline.executor import stop
from screening.pipeline.protocol import Protocol
from screening.pipeline.store import Store
from screening.pipeline.tasks import execute

MAX_ATTEMPTS = 2
"""A task whose worker died is tried once more: another task may have been to blame."""


class NotComputed(Exception):  # noqa: N818 (not an error)
    """Raised by a protocol that gives up its pair; there will be no row."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands; sent after each event.

    Attributes
    ----------
    finished, known
        Tasks with a result and tasks known so far; `known` grows as protocols go on.
    current
        Labels of the tasks that are running.
    rows, pairs
        Candidate–ion pairs that are complete, and all of them.
    expected
        Tasks that the dry run counts.
    """

    finished: int
    known: int
    current: tuple[str, ...]
    rows: int
    pairs: int
    expected: int = 0


@dataclass
class Tally:
    """Counts and costs of a run, by kind of task."""

    done: Counter[str] = field(default_factory=Counter)
    reused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    force_calls: Counter[str] = field(default_factory=Counter)
    task_seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    force_seconds: float = 0.0
    load_seconds: float = 0.0

    def add(self, result: TaskResult) -> None:
        """Count a result that was computed now."""
        (self.failed if result.failed else self.done)[result.kind] += 1
        self.force_calls[result.kind] += result.force_calls
        self.task_seconds[result.kind] += result.seconds
        self.force_seconds += result.force_seconds
        self.load_seconds += result.load_seconds


@dataclass
class _Active:
    """A protocol, and the batch whose results it waits for; None before the first."""

    protocol: Protocol
    steps: Steps[Row]
    keys: list[str] | None = None
    missing: set[str] = field(default_factory=set)


class Driver:
    """Runs protocols on an executor with a store behind it.

    A complete row that is stored is reused whole. Equal tasks of different protocols run once;
    stored results are reused; a result is committed before any protocol sees it.

    Parameters
    ----------
    make_executor
        Called at the start, and again after a worker died.
    retry
        Whether stored failures are computed again.
    expected
        Tasks that the dry run counts, for the progress.
    """

    def __init__(
        self,
        store: Store,
        make_executor: Callable[[], Executor],
        jobs: int,
        report: Callable[[Progress], None],
        *,
        retry: bool = False,
        expected: int = 0,
    ) -> None:
        self.tally = Tally()
        self._store, self._make_executor, self._jobs = store, make_executor, jobs
        self._report, self._retry, self._expected = report, retry, expected
        self._results: dict[str, TaskResult] = {}
        self._tasks: dict[str, Task] = {}
        self._queue: deque[str] = deque()
        self._waiting: dict[str, list[_Active]] = {}
        self._attempts: Counter[str] = Counter()
        self._rows: list[Row] = []
        self._pairs = 0

    def run(self, protocols: Sequence[Protocol]) -> list[Row]:
        """Run protocols to their end; return the rows of this and of earlier calls.

        Each row is stored as it comes.
        """
        self._pairs += len(protocols)
        executor = self._make_executor()
        for protocol in protocols:
            if (row := self._store.find_row(_key_of(protocol))) is not None and row.status == "ok":
                self.tally.reused["row"] += 1
                self._rows.append(row)
            else:
                self._advance(_Active(protocol, protocol.steps()))
        running: dict[Future[TaskResult], str] = {}
        try:
            while self._queue or running:
                healthy = self._fill(executor, running)
                self._tell(running.values())
                if healthy:
                    finished, _ = wait(running, return_when=FIRST_COMPLETED)
                    healthy = self._collect([(running.pop(future), future) for future in finished])
                if not healthy:
                    # A broken pool fails every future; the survivors go back to the queue too.
                    self._collect([(key, future) for future, key in running.items()])
                    running.clear()
                    executor = self._make_executor()
        except BaseException:
            stop(executor)
            raise
        return self._rows

    def _fill(self, executor: Executor, running: dict[Future[TaskResult], str]) -> bool:
        """Submit what may start; False if the workers' pool turns out to be broken."""
        while self._queue and self._may_start(self._queue[0], running.values()):
            key = self._queue[0]
            try:
                running[executor.submit(execute, self._tasks[key])] = key
            except BrokenExecutor:
                return False
            self._queue.popleft()
        return True

    def _may_start(self, key: str, running: Collection[str]) -> bool:
        """Whether a task may join those that run.

        One task ahead of each worker keeps it busy and loses little on a kill. A task that was in
        flight when a worker died runs alone, so that only the guilty one is blamed.
        """
        if self._attempts[key] or any(self._attempts[other] for other in running):
            return not running
        return len(running) < 2 * self._jobs

    def _collect(self, finished: Sequence[tuple[str, Future[TaskResult]]]) -> bool:
        """Store finished results and feed them on; False if the workers' pool broke."""
        healthy = True
        for key, future in finished:
            try:
                self._finish(key, future.result())
            except (BrokenExecutor, CancelledError):
                healthy = False
                self._attempts[key] += 1
                if self._attempts[key] < MAX_ATTEMPTS:
                    self._queue.appendleft(key)
                else:
                    reason = "the worker process died (killed, or out of memory)"
                    self._finish(key, TaskResult(key, self._tasks[key].kind, reason))
        return healthy

    def _finish(self, key: str, result: TaskResult) -> None:
        self._store.save(self._tasks[key], result)
        self.tally.add(result)
        self._results[key] = result
        for active in self._waiting.pop(key, []):
            active.missing.discard(key)
            if not active.missing:
                self._advance(active)

    def _advance(self, active: _Active) -> None:
        """Send a protocol its results, and queue what it wants next, until it has to wait."""
        while not active.missing:
            keys = active.keys
            results = None if keys is None else [self._results[key] for key in keys]
            try:
                batch = active.steps.send(results)  # type: ignore[arg-type]  # None starts it
                active.keys = [task.key for task in batch]
            except StopIteration as end:
                self._complete(active.protocol, end.value)
                return
            except NotComputed:
                self._pairs -= 1
                return
            except Exception as error:  # noqa: BLE001 (one candidate must never stop the others)
                failed = active.protocol.failure(f"{type(error).__name__}: {error}")
                self._complete(active.protocol, failed)
                return
            for task in batch:
                if not self._available(task):
                    active.missing.add(task.key)
                    self._waiting.setdefault(task.key, []).append(active)

    def _available(self, task: Task) -> bool:
        """Whether a task has a result; otherwise it is queued once."""
        if task.key in self._results:
            return True
        if task.key in self._tasks:
            return False
        self._tasks[task.key] = task
        stored = self._store.find(task.key)
        if stored is not None and not (self._retry and stored.failed):
            self.tally.reused[task.kind] += 1
            self._results[task.key] = stored
            return True
        self._queue.append(task.key)
        return False

    def _complete(self, protocol: Protocol, row: Row) -> None:
        try:
            self._store.save_row(row, _key_of(protocol))
        except ValueError as error:  # a number that is not finite has no place in a table
            row = protocol.failure(f"the row cannot be stored: {error}")
            self._store.save_row(row, _key_of(protocol))
        self._rows.append(row)

    def _tell(self, running: Collection[str]) -> None:
        self._report(
            Progress(
                finished=len(self._results),
                known=len(self._tasks),
                current=tuple(self._tasks[key].label for key in running)[: self._jobs],
                rows=len(self._rows),
                pairs=self._pairs,
                expected=self._expected,
            )
        )


def _key_of(protocol: Protocol) -> str:
    """Key of a pair; one with a number that is not finite has none, and fails by itself."""
    try:
        return protocol.key
    except ValueError:
        return "none"
