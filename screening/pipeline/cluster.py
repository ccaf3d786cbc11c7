"""Tasks on a Dask cluster: a scheduler and workers started elsewhere, seen as one executor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from screening.errors import WorkerError, brief
from screening.pipeline.workers import WorkerDied

ALLOWED_FAILURES = 30
"""Deaths of workers that a task may see. When a worker dies, Dask counts it against every task
assigned to it, started or not, and its default of 3 blames the innocent."""

SATURATION = 2.0
"""Tasks sent to a worker, for each of its threads: one that runs, and one that lies ready, so that
no worker waits for the scheduler's answer between two. The rest wait at the scheduler."""


class DaskExecutor(Executor):
    """Runs calls on the workers of a Dask scheduler; start those with one thread each.

    Parameters
    ----------
    address
        Of the scheduler, ``tcp://host:8786``.

    Raises
    ------
    WorkerError
        Dask is not installed, or nobody answers there.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        try:
            from distributed import Client  # noqa: PLC0415 (an extra)
        except ImportError:
            raise WorkerError(
                "Dask is not installed; install it with: pip install 'alkascreen[dask]'",
                where="--executor",
            ) from None
        try:
            self._client = Client(address, timeout=20, set_as_default=False)
            self._client.run_on_scheduler(_set_up, ALLOWED_FAILURES, SATURATION)
        except (OSError, ValueError, TimeoutError) as error:
            reason = brief(str(error)) or type(error).__name__
            raise WorkerError(
                f"no Dask scheduler answers: {reason}", where=address, allowed="tcp://HOST:8786"
            ) from None

    def workers(self) -> int:
        """Count the threads of all workers, and wait for the first.

        Raises
        ------
        WorkerError
            If none comes within two minutes.
        """
        try:
            self._client.wait_for_workers(1, timeout=120)
        except TimeoutError:
            raise WorkerError("the scheduler has no workers", where=self._address) from None
        return sum(self._client.nthreads().values())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send a call to the scheduler; nothing of it is kept there once its future is gone."""
        outer: Future[Any] = Future()
        try:
            inner = self._client.submit(fn, *args, **kwargs, pure=False)
        except Exception as error:
            raise WorkerError(
                f"the Dask scheduler is lost: {brief(str(error))}", where=self._address
            ) from error

        def done(finished: Any) -> None:
            try:
                outer.set_result(finished.result())
            except Exception as error:  # noqa: BLE001 (handed to whoever asks the future)
                outer.set_exception(_translated(error, self._address))

        inner.add_done_callback(done)
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Leave the scheduler, which forgets our tasks; its workers go on for others."""
        self._client.close(timeout=5)


def _translated(error: Exception, address: str) -> Exception:
    """Return a death as a death, a lost scheduler as one, and a task's own error as it is."""
    name = type(error).__name__
    if name == "KilledWorker":
        return WorkerDied(f"{ALLOWED_FAILURES} workers died with it")
    if name in {"FutureCancelledError", "CancelledError", "CommClosedError"}:
        return WorkerError(f"the Dask scheduler is lost: {brief(str(error))}", where=address)
    return error


def _set_up(failures: int, saturation: float, dask_scheduler: Any = None) -> None:
    """Set on the scheduler what its own configuration may not have; runs there."""
    dask_scheduler.allowed_failures = max(dask_scheduler.allowed_failures, failures)
    dask_scheduler.WORKER_SATURATION = saturation
