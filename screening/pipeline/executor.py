"""Where tasks run: in this process, or in loky workers that each load a model once."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from joblib.externals.loky import get_reusable_executor

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""One task a core beats many threads a task for cells of tens of atoms."""


class InlineExecutor(Executor):
    """Runs a task when it is submitted; for one job, cheap engines and debugging."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run now and return a finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 (handed to whoever asks the future)
            future.set_exception(error)
        return future


def make_executor(jobs: int) -> Executor:
    """Return an executor of `jobs` workers."""
    if jobs == 1:
        return InlineExecutor()
    # loky replaces a worker whose memory grew (torch keeps its buffers); nothing is lost by it.
    warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
    executor: Executor = get_reusable_executor(max_workers=jobs, env=ONE_THREAD, timeout=600)
    with _interrupts_ignored():
        executor.submit(int)  # starts the workers, which inherit this
    return executor


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Keep Ctrl-C, which a terminal sends to every process, from tracebacks in the workers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def stop(executor: Executor) -> None:
    """Give up the tasks in flight, for Ctrl-C: nobody waits for a task that takes minutes."""
    if isinstance(executor, InlineExecutor):
        return
    executor.shutdown(wait=False, kill_workers=True)  # type: ignore[call-arg]  # loky's own


def default_jobs() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
