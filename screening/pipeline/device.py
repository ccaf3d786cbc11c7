"""Tasks on a graphics card: threads of this process, whose structures are evaluated together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from threadpoolctl import threadpool_limits

from screening.calculators.interface import BatchCalculator
from screening.evaluate import Potential
from screening.evaluate.gather import Gather
from screening.evaluate.task import Engine, Task, TaskResult
from screening.pipeline.tasks import potential_of

WIDTH = 64
"""Tasks at the same time where nobody asks for another number."""

GATHERED = frozenset(
    {
        "metal",
        "host",
        "slab",
        "points",
        "adsorption",
        "cluster",
        "modes",
        "hessian",
        "barrier",
        "half-band",
        "scan",
        "solution",
    }
)
"""Kinds of task that need energies and forces alone; the others have the card to themselves."""


class DeviceExecutor(Executor):
    """Runs `jobs` tasks at the same time, one thread each, on one model on one card.

    Threads cannot be ended from outside: a task has no time limit here.

    Parameters
    ----------
    cores
        Processor cores for what lies between the evaluations.
    """

    def __init__(self, jobs: int, cores: int) -> None:
        self._cores = cores
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="task")
        self._gathers: dict[str, Gather] = {}
        self._loading, self._single = threading.Lock(), threading.Lock()
        self._limits = ExitStack()
        self._limits.enter_context(threadpool_limits(1))  # a core belongs to one task at a time
        self.closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue `execute` with a task, its only argument."""
        if kwargs:
            raise TypeError("tasks take positional arguments")
        return self._threads.submit(self._run, fn, *args)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let no task start, and end the waiting of those that run."""
        self.closed = True
        for gather in list(self._gathers.values()):
            gather.close()
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._limits.close()

    def _run(self, fn: Callable[..., TaskResult], task: Task) -> TaskResult:
        gather = self._gather(task.engine)
        if gather is None or task.kind not in GATHERED:
            with self._single if gather is None else gather.alone():
                return fn(task)
        with gather.seat() as seat:
            result = fn(task, Potential(seat))
        waited = result.force_seconds - seat.seconds
        return replace(result, seconds=result.seconds - waited, force_seconds=seat.seconds)

    def _gather(self, engine: Engine) -> Gather | None:
        """Gather of an engine that evaluates batches; the model is loaded once.

        An engine that cannot be loaded is left to the task, whose result says why.
        """
        name = engine.level.fingerprint
        with self._loading:
            if name not in self._gathers:
                try:
                    calculator = potential_of(engine).calculator
                except Exception:  # noqa: BLE001
                    return None
                if not isinstance(calculator, BatchCalculator):
                    return None
                self._gathers[name] = Gather(calculator, self._cores)
            return self._gathers[name]
