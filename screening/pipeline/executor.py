"""Where tasks run: in this process, in worker processes that each load a model once, or on Dask."""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from screening.pipeline.workers import WorkerPool

_pools: dict[tuple[int, float | None], WorkerPool] = {}
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


def make_executor(jobs: int, limit_s: float | None = None) -> Executor:
    """Return an executor of `jobs` workers.

    Parameters
    ----------
    limit_s
        Seconds a task may take; what hangs can only be ended in a worker process, so that even
        one job gets one.
    """
    if jobs == 1 and limit_s is None:
        return InlineExecutor()
    pool = _pools.get((jobs, limit_s))
    if pool is None or pool.closed:
        pool = _pools[jobs, limit_s] = WorkerPool(jobs, limit_s)
    return pool


def stop(executor: Executor) -> None:
    """Give up the tasks in flight, for Ctrl-C: nobody waits for a task that takes minutes."""
    executor.shutdown(wait=False, cancel_futures=True)


@atexit.register
def _stop_all() -> None:
    for pool in _pools.values():
        pool.shutdown(wait=False)


def default_jobs() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
