"""Drives many jobs at once: runs the tasks that they yield, stores what comes back, feeds it on."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Generic

from screening.errors import WorkerError, brief
from screening.evaluate.task import Task, TaskResult
from screening.pipeline.executor import stop
from screening.pipeline.job import Active, J, NotComputed, T
from screening.pipeline.log import log
from screening.pipeline.remaining import Remaining
from screening.pipeline.store import Store
from screening.pipeline.tally import Progress, Tally
from screening.pipeline.tasks import execute
from screening.pipeline.workers import WorkerDied

MAX_ATTEMPTS = 2
"""A task whose worker died is tried once more: whatever killed it may have meant another."""

AHEAD_SECONDS = 3.0
"""Of work that lies ready for each worker: longer than the driver needs for one pair's geometry."""

MOST_AHEAD = 32
"""Tasks of it at most; where tasks are long, one does."""

POLL_SECONDS = 2.0
"""Between looks at what other runs on the same store have finished."""


class Dispatcher(ABC, Generic[J, T]):
    """Runs jobs on an executor with a store behind it.

    Equal tasks of different jobs run once; stored results are reused; a result is committed before
    any job sees it. Jobs start as workers fall idle, and results are dropped once their jobs have
    seen them: memory does not grow with the run. Tasks that another run on the same store computes
    are waited for.

    Parameters
    ----------
    make_executor
        Called at the start of each `run`.
    retry
        Whether stored failures are computed again.
    forecast
        Returns, for the progress, how many tasks the dry run counts, and what it expects of each
        job by name. Asked once, when workers have their first tasks: it takes seconds.
    """

    def __init__(
        self,
        store: Store,
        make_executor: Callable[[], Executor],
        jobs: int,
        report: Callable[[Progress], None],
        *,
        retry: bool = False,
        forecast: Callable[[], tuple[int, Mapping[str, float]]] | None = None,
    ) -> None:
        self.tally = Tally()
        self._store, self._make_executor, self._jobs = store, make_executor, jobs
        self._report, self._retry, self._forecast = report, retry, forecast
        self._expected = 0
        self._tasks: dict[str, Task] = {}
        self._seen: set[str] = set()
        self._queue: deque[str] = deque()
        self._claimed: set[str] = set()
        self._again: set[str] = set()
        self._elsewhere: set[str] = set()
        self._waiting: dict[str, list[Active[J, T]]] = {}
        self._attempts: Counter[str] = Counter()
        self._outcomes: dict[int, T] = {}
        self._begun = self._ended = 0
        self._finished = 0
        self._look_at = 0.0
        self._remaining = Remaining()

    @abstractmethod
    def _known(self, job: J) -> T | None:
        """Return what an earlier run found out; None: run the job."""

    @abstractmethod
    def _keep(self, job: J, found: T) -> T:
        """Keep what a job found out, or the failure that it is."""

    def run(self, jobs: Sequence[J]) -> list[T]:
        """Run jobs to their end; return what came of them, in their order.

        Each is kept as it comes; those that gave up are left out.

        Raises
        ------
        StoreError, WorkerError
            The store cannot be written, or no worker starts; what was finished is kept.
        """
        log.info("%d jobs on %d workers, store %s", len(jobs), self._jobs, self._store.name)
        self._begun += len(jobs)
        self._outcomes = {}
        pending = deque(jobs)
        executor = self._make_executor()
        running: dict[Future[TaskResult], str] = {}
        try:
            while True:
                self._begin(pending, len(running))
                self._fill(executor, running)
                if self._forecast is not None:
                    self._expected, costs = self._forecast()
                    self._remaining.expect(costs)
                    self._forecast = None
                self._tell(running.values())
                if not (running or self._queue or self._elsewhere):
                    return [self._outcomes[id(j)] for j in jobs if id(j) in self._outcomes]
                self._await(running)
                if self._elsewhere and time.monotonic() > self._look_at:
                    self._look_elsewhere()
        except BaseException:
            stop(executor)
            raise
        finally:
            self._store.leases.release()

    def _begin(self, pending: deque[J], running: int) -> None:
        """Start jobs until there is work for every worker, and some ahead of each."""
        while pending and len(self._queue) + running < self._depth:
            job = pending.popleft()
            if (known := self._known(job)) is None:
                self._advance(Active(job, job.steps()))
            else:
                self._end(job, known)

    def _fill(self, executor: Executor, running: dict[Future[TaskResult], str]) -> None:
        """Submit what may start, ahead of each worker too; what is done at once is stored first."""
        while self._queue and len(running) < self._depth:
            if self._queue[0] not in self._claimed and not self._claim():
                continue
            key = self._queue.popleft()
            future = executor.submit(execute, self._tasks[key])
            running[future] = key
            if future.done():
                return

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
        """Wait for what comes first; store it and feed it on.

        What becomes ready thereby goes to the workers before the next result is looked at.
        """
        patience = max(0.0, self._look_at - time.monotonic()) if self._elsewhere else None
        if not running:
            if not self._queue:
                time.sleep(patience or 0.0)
            return
        finished, _ = wait(running, timeout=patience, return_when=FIRST_COMPLETED)
        for future in [future for future in running if future in finished]:  # as submitted
            self._collect(running.pop(future), future)
            if self._queue:
                return

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
        """Give a result to the jobs that wait for it, and forget it."""
        self._finished += 1
        task = self._tasks.pop(key)
        for active in self._waiting.pop(key, []):
            self._remaining.add(active.job.name, task, reused=reused)
            active.results[key] = result
            active.missing.discard(key)
            if not active.missing:
                self._advance(active)

    def _advance(self, active: Active[J, T]) -> None:
        """Send a job its results, and queue what it wants next, until it has to wait."""
        while not active.missing:
            keys, found = active.keys, active.results
            results = None if keys is None else [found[key] for key in keys]
            active.results = {}
            try:
                batch = active.steps.send(results)  # type: ignore[arg-type]  # None starts it
                active.keys = [task.key for task in batch]
            except StopIteration as end:
                self._end(active.job, self._keep(active.job, end.value))
                return
            except NotComputed:
                self._begun -= 1
                return
            except Exception as error:  # noqa: BLE001 (one job must never stop the others)
                log.exception("%s", active.job.name)
                failed = active.job.failure(brief(f"{type(error).__name__}: {error}"))
                self._end(active.job, self._keep(active.job, failed))
                return
            for task in batch:
                self._want(task, active)

    def _want(self, task: Task, active: Active[J, T]) -> None:
        """Give a job a stored result; otherwise queue the task once, and have it wait."""
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
                self._remaining.add(active.job.name, task, reused=True)
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

    def _end(self, job: J, outcome: T) -> None:
        self._outcomes[id(job)] = outcome
        self._ended += 1
        self._remaining.finish(job.name)

    def _tell(self, running: Collection[str]) -> None:
        current = tuple(self._tasks[key].label for key in running)[: self._jobs]
        tasks, rows = (self._finished, len(self._seen)), (self._ended, self._begun)
        left = self._remaining.seconds(time.monotonic())
        self._report(Progress(*tasks, current, *rows, self._expected, left))
