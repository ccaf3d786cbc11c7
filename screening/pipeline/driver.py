"""Drives many protocols at once: runs what they yield, stores what comes back, feeds it on."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from screening.descriptors import Row, Steps
from screening.errors import WorkerError, brief
from screening.evaluate.task import Task, TaskResult
from screening.pipeline.executor import stop
from screening.pipeline.log import log
from screening.pipeline.origins import Origin
from screening.pipeline.protocol import Protocol
from screening.pipeline.remaining import Remaining
from screening.pipeline.store import Store
from screening.pipeline.tally import Progress, Tally
from screening.pipeline.tasks import execute
from screening.pipeline.workers import WorkerDied

MAX_ATTEMPTS = 2
"""A task whose worker died is tried once more: whatever killed it may have meant another."""

MAX_ROW_REASON = 2000
"""Characters of a row's reason, which is put together from those of its parts."""

AHEAD_SECONDS = 2.0
"""Of work that lies ready for each worker: longer than the driver needs for one pair's geometry."""

MOST_AHEAD = 8
"""Tasks of it at most; where tasks are long, one does."""

POLL_SECONDS = 2.0
"""Between looks at what other runs on the same store have finished."""


class NotComputed(Exception):  # noqa: N818 (not an error)
    """Raised by a protocol that gives up its pair; there will be no row."""


@dataclass
class _Active:
    """A protocol, and the batch whose results it waits for; None before the first."""

    protocol: Protocol
    steps: Steps[Row]
    keys: list[str] | None = None
    missing: set[str] = field(default_factory=set)
    results: dict[str, TaskResult] = field(default_factory=dict)


class Driver:
    """Runs protocols on an executor with a store behind it.

    A complete row that is stored is reused whole. Equal tasks of different protocols run once;
    stored results are reused; a result is committed before any protocol sees it. Protocols start
    as workers fall idle, and results are dropped once their protocols have seen them: memory does
    not grow with the run. Tasks that another run on the same store computes are waited for.

    Parameters
    ----------
    make_executor
        Called at the start of each `run`.
    retry
        Whether stored failures are computed again; rows are then put together anew.
    expected, costs
        Tasks that the dry run counts, and what it expects of each pair, for the progress.
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
        costs: Mapping[tuple[str, str], float] = MappingProxyType({}),
    ) -> None:
        self.tally = Tally()
        self._store, self._make_executor, self._jobs = store, make_executor, jobs
        self._report, self._retry, self._expected = report, retry, expected
        self._tasks: dict[str, Task] = {}
        self._seen: set[str] = set()
        self._queue: deque[str] = deque()
        self._claimed: set[str] = set()
        self._again: set[str] = set()
        self._elsewhere: set[str] = set()
        self._waiting: dict[str, list[_Active]] = {}
        self._attempts: Counter[str] = Counter()
        self._rows: list[Row] = []
        self._pairs = 0
        self._finished = 0
        self._look_at = 0.0
        self._remaining = Remaining(costs)

    def run(self, protocols: Sequence[Protocol]) -> list[Row]:
        """Run protocols to their end; return the rows of this and of earlier calls.

        Each row is stored as it comes.

        Raises
        ------
        StoreError, WorkerError
            The store cannot be written, or no worker starts; what was finished is kept.
        """
        log.info("%d pairs on %d workers, store %s", len(protocols), self._jobs, self._store.name)
        self._pairs += len(protocols)
        pending = deque(protocols)
        executor = self._make_executor()
        running: dict[Future[TaskResult], str] = {}
        try:
            while True:
                self._begin(pending, len(running))
                self._fill(executor, running)
                self._tell(running.values())
                if not (running or self._queue or self._elsewhere):
                    return self._rows
                self._await(running)
                if self._elsewhere and time.monotonic() > self._look_at:
                    self._look_elsewhere()
        except BaseException:
            stop(executor)
            raise
        finally:
            self._store.leases.release()

    def _begin(self, pending: deque[Protocol], running: int) -> None:
        """Start protocols until there is work for every worker, and some ahead of each."""
        while pending and len(self._queue) + running < self._depth:
            protocol = pending.popleft()
            row = None if self._retry else self._store.find_row(protocol.row_key)
            if row is not None and row.status == "ok":
                self.tally.reused["row"] += 1
                self._rows.append(row)
                self._remaining.finish(protocol.name)
            else:
                self._advance(_Active(protocol, protocol.steps()))

    def _fill(self, executor: Executor, running: dict[Future[TaskResult], str]) -> None:
        """Submit what may start: tasks ahead of each worker keep it busy."""
        while self._queue and len(running) < self._depth:
            if self._queue[0] not in self._claimed and not self._claim():
                continue
            key = self._queue.popleft()
            running[executor.submit(execute, self._tasks[key])] = key

    @property
    def _depth(self) -> int:
        """Tasks that workers have or find ready."""
        ahead = round(AHEAD_SECONDS / max(self.tally.mean_seconds, 1e-3))
        return self._jobs * (1 + min(max(ahead, 1), MOST_AHEAD))

    def _claim(self) -> bool:
        """Claim the tasks that come next; set aside those that another run has."""
        wanted = [key for key in self._queue if key not in self._claimed][: self._depth]
        ours = self._store.claim(wanted, self._again)
        self._claimed |= ours
        others = set(wanted) - ours
        self._elsewhere |= others
        self._look_at = 0.0  # some may be stored by now
        self._queue = deque(key for key in self._queue if key not in others)
        return not others

    def _look_elsewhere(self) -> None:
        """Take what other runs finished meanwhile, and what they left undone."""
        for key in list(self._elsewhere):
            stored = self._store.find(key)
            if stored is not None and not (key in self._again and stored.failed):
                self._elsewhere.discard(key)
                self.tally.reused[stored.kind] += 1
                self._deliver(key, stored, reused=True)
        left = sorted(self._elsewhere)
        free = self._store.claim(left, self._again) if left else set()
        self._claimed |= free
        self._elsewhere -= free
        self._queue.extend(sorted(free))
        self._look_at = time.monotonic() + POLL_SECONDS

    def _await(self, running: dict[Future[TaskResult], str]) -> None:
        """Wait for what comes first; store it and feed it on."""
        patience = max(0.0, self._look_at - time.monotonic()) if self._elsewhere else None
        if not running:
            if not self._queue:
                time.sleep(patience or 0.0)
            return
        finished, _ = wait(running, timeout=patience, return_when=FIRST_COMPLETED)
        for future in finished:
            self._collect(running.pop(future), future)

    def _collect(self, key: str, future: Future[TaskResult]) -> None:
        task = self._tasks[key]
        try:
            result = future.result()
        except WorkerDied as death:
            log.warning("%s: its worker died, %s", task.label, death)
            self._attempts[key] += 1
            if self._attempts[key] < MAX_ATTEMPTS:
                self._queue.appendleft(key)
                return
            reason = f"the worker process died ({death}; killed, or out of memory)"
            result = TaskResult(key, task.kind, reason)
        except WorkerError:
            raise
        except Exception as error:  # noqa: BLE001 (one task must never stop the others)
            result = TaskResult(key, task.kind, brief(str(error)) or type(error).__name__)
        if result.failed:
            log.info("%s failed: %s", task.label, result.reason)
        try:
            self._store.save(task, result)
        except ValueError as error:  # a number that is not finite has no place in a database
            reason = f"the result cannot be stored: {brief(str(error))}"
            result = TaskResult(key, task.kind, reason)
            self._store.save(task, result)
        self.tally.add(result)
        self._claimed.discard(key)
        self._deliver(key, result)

    def _deliver(self, key: str, result: TaskResult, *, reused: bool = False) -> None:
        """Give a result to the protocols that wait for it, and forget it."""
        self._finished += 1
        task = self._tasks.pop(key)
        for active in self._waiting.pop(key, []):
            self._remaining.add(active.protocol.name, task, reused=reused)
            active.results[key] = result
            active.missing.discard(key)
            if not active.missing:
                self._advance(active)

    def _advance(self, active: _Active) -> None:
        """Send a protocol its results, and queue what it wants next, until it has to wait."""
        while not active.missing:
            keys, found = active.keys, active.results
            results = None if keys is None else [found[key] for key in keys]
            active.results = {}
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
                log.exception("%s with %s", active.protocol.candidate.id, active.protocol.ion)
                failed = active.protocol.failure(brief(f"{type(error).__name__}: {error}"))
                self._complete(active.protocol, failed)
                return
            for task in batch:
                self._want(task, active)

    def _want(self, task: Task, active: _Active) -> None:
        """Give a protocol a stored result; otherwise queue the task once, and have it wait."""
        key = task.key
        if key in active.results:
            return
        if key not in self._tasks:
            stored = self._store.find(key)
            # What this run computed is not computed again, whatever `retry` says.
            if stored is not None and not (self._retry and stored.failed and key not in self._seen):
                if key not in self._seen:
                    self._seen.add(key)
                    self.tally.reused[task.kind] += 1
                    self._finished += 1
                active.results[key] = stored
                self._remaining.add(active.protocol.name, task, reused=True)
                return
            if stored is not None:
                self._again.add(key)
            self._seen.add(key)
            self._tasks[key] = task
            self._queue.append(key)
        active.missing.add(key)
        waiting = self._waiting.setdefault(key, [])
        if active not in waiting:
            waiting.append(active)

    def _complete(self, protocol: Protocol, row: Row) -> None:
        row = replace(row, reason=brief(row.reason, MAX_ROW_REASON))
        key = protocol.row_key
        try:
            self._store.save_row(row, key, Origin.of(protocol))
        except ValueError as error:  # a number that is not finite has no place in a table
            row = protocol.failure(f"the row cannot be stored: {brief(str(error))}")
            self._store.save_row(row, key)
        self._rows.append(row)
        self._remaining.finish(protocol.name)

    def _tell(self, running: Collection[str]) -> None:
        current = tuple(self._tasks[key].label for key in running)[: self._jobs]
        tasks, rows = (self._finished, len(self._seen)), (len(self._rows), self._pairs)
        left = self._remaining.seconds(time.monotonic())
        self._report(Progress(*tasks, current, *rows, self._expected, left))
