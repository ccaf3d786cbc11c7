"""Where tasks run: in this process, in worker processes that each load a model once, or on Dask."""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from screening.calculators.device import Place
from screening.errors import InputError
from screening.pipeline.device import WIDTH, DeviceExecutor
from screening.pipeline.workers import WorkerPool

_pools: dict[tuple[Place, int, float | None], WorkerPool | DeviceExecutor] = {}
"""Pools of this process; a budgeted run comes back for its workers and their loaded models."""


class InlineExecutor(Executor):
    """Runs a task when it is submitted; for one job, cheap engines and debugging."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run now and return a finished future."""
        future: Future[Any] = Future()
        try:
            with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):  # noqa: PTH123
                future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 (handed to whoever asks the future)
            future.set_exception(error)
        return future


def make_executor(jobs: int, limit_s: float | None = None, place: Place = "cpu") -> Executor:
    """Return an executor of `jobs` workers.

    Parameters
    ----------
    limit_s
        Seconds a task may take; what hangs can only be ended in a worker process, so that even
        one job gets one.
    place
        ``cuda``: `jobs` tasks at the same time share a graphics card.

    Raises
    ------
    InputError
        If a time limit is asked for on a graphics card.
    """
    if place == "cuda" and limit_s is not None:
        raise InputError(
            "a task that shares a graphics card cannot be ended",
            where="--task-limit",
            allowed="--device cpu, or no limit",
        )
    if place == "cpu" and jobs == 1 and limit_s is None:
        return InlineExecutor()
    pool = _pools.get((place, jobs, limit_s))
    if pool is None or pool.closed:
        pool = WorkerPool(jobs, limit_s) if place == "cpu" else DeviceExecutor(jobs, cores())
        _pools[place, jobs, limit_s] = pool
    return pool


def stop(executor: Executor) -> None:
    """Give up the tasks in flight, for Ctrl-C: nobody waits for a task that takes minutes."""
    executor.shutdown(wait=False, cancel_futures=True)


@atexit.register
def _stop_all() -> None:
    for pool in _pools.values():
        pool.shutdown(wait=False)


def default_jobs(place: Place = "cpu") -> int:
    """Tasks at the same time: one a core, or as many as fill a graphics card."""
    return cores() if place == "cpu" else WIDTH


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
