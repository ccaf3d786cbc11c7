"""Worker processes that die alone: each has one task, and only that one is lost with it.

Pools of the standard library and of loky end all their workers when one dies, and cannot say which
task it had; nor can they end a task that hangs. Here each worker has a thread of the driver that
hands it tasks, watches it, and replaces it.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from multiprocessing.connection import Connection
from typing import Any

import cloudpickle

from screening.errors import TaskError, WorkerError
from screening.pipeline.log import log

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""One task a core beats many threads a task for cells of tens of atoms."""

LOOK_SECONDS = 0.5
START_SECONDS = 300.0
STARTS = 3
GROWN_BYTES = 2 * 1024**3
"""A worker whose memory grew by this since its first task is replaced: torch keeps its buffers."""

_PROGRAM = (
    "import json, sys; sys.path += [p for p in json.loads(sys.argv[3]) if p not in sys.path]; "
    "from screening.pipeline.worker import serve; serve(int(sys.argv[1]), int(sys.argv[2]))"
)


class WorkerDied(Exception):  # noqa: N818 (nobody's error)
    """The process that had this task is gone."""


class WorkerPool(Executor):
    """Runs calls in worker processes.

    Parameters
    ----------
    limit_s
        Seconds after which a call is ended, with its worker; None: never.
    """

    def __init__(self, jobs: int, limit_s: float | None = None) -> None:
        self._limit_s = limit_s
        self._calls: queue.SimpleQueue[tuple[Future[Any], Any] | None] = queue.SimpleQueue()
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()
        self.closed = False
        self._threads = [threading.Thread(target=self._feed, daemon=True) for _ in range(jobs)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a call; its arguments and its value are pickled."""
        if kwargs:
            raise TypeError("workers take positional arguments")
        if self.closed:
            raise RuntimeError("the workers were stopped")
        future: Future[Any] = Future()
        self._calls.put((future, (fn, args)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """End all workers now, in the midst of their calls."""
        with self._lock:
            self.closed = True
            for worker in self._workers:
                worker.process.kill()
        for _ in self._threads:
            self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _feed(self) -> None:
        """Hand calls to one worker after the other; runs in a thread."""
        worker = self._early()
        while (item := self._calls.get()) is not None and not self.closed:
            future, call = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if worker is None or worker.is_spent:
                    self._drop(worker)
                    worker = self._start()
                future.set_result(worker.call(call, self._limit_s))
            except Exception as error:  # noqa: BLE001 (handed to whoever asks the future)
                future.set_exception(error)
        self._drop(worker)

    def _early(self) -> _Worker | None:
        """Start a worker before there is a call for it; what is wrong is said to the first call."""
        try:
            return self._start()
        except (WorkerDied, WorkerError):
            return None

    def _start(self) -> _Worker:
        for attempt in range(STARTS):
            with self._lock:
                if self.closed:
                    raise WorkerDied("the workers were stopped")
                try:
                    worker = _Worker()
                except OSError as error:
                    raise WorkerError(f"a worker cannot be started: {error.strerror}") from None
                self._workers.add(worker)
            if worker.is_ready():
                return worker
            log.warning("worker %d did not start (try %d)", worker.process.pid, attempt + 1)
            self._drop(worker)
        raise WorkerError("a worker cannot be started: it ended before its first task")

    def _drop(self, worker: _Worker | None) -> None:
        if worker is not None:
            worker.close()
            with self._lock:
                self._workers.discard(worker)


class _Worker:
    """One process and the two pipes to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        lifeline, self._lifeline = os.pipe()
        folders = [entry for entry in sys.path if isinstance(entry, str) and entry]
        fds = (theirs.fileno(), lifeline)
        try:
            self.process = subprocess.Popen(  # noqa: S603 (our own program)
                [sys.executable, "-P", "-c", _PROGRAM, *map(str, fds), json.dumps(folders)],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **ONE_THREAD},
                pass_fds=fds,
                process_group=0,  # Ctrl-C is the driver's business
            )
        except BaseException:
            ours.close()
            os.close(self._lifeline)
            raise
        finally:
            theirs.close()
            os.close(lifeline)
        self._channel = Connection(ours.detach())
        self._first_memory = 0
        self._grown = False

    @property
    def is_spent(self) -> bool:
        """Whether the next call needs a new worker."""
        return self._grown or self.process.poll() is not None

    def is_ready(self) -> bool:
        """Wait until the process has started."""
        try:
            return self._wait(START_SECONDS) and self._channel.recv() == "ready"
        except (WorkerDied, EOFError, OSError):
            return False

    def call(self, call: Any, limit_s: float | None) -> Any:
        """Return the value of a call.

        Raises
        ------
        WorkerDied
            The process is gone.
        TaskError
            The call took too long, or raised.
        """
        # By value what is defined in a notebook; that it cannot be sent is the call's own fault.
        message = cloudpickle.dumps(call)
        try:
            self._channel.send_bytes(message)
            if not self._wait(limit_s):
                self.process.kill()
                self.process.wait()
                raise TaskError(f"not finished after {limit_s:g} s, the time limit of a task")
            value, problem, memory = self._channel.recv()
        except (EOFError, OSError):
            self.process.kill()
            raise WorkerDied(f"exit status {self.process.wait()}") from None
        self._first_memory = self._first_memory or memory
        self._grown = memory > self._first_memory + GROWN_BYTES
        if problem:
            raise TaskError(problem)
        return value

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        self._channel.close()
        os.close(self._lifeline)

    def _wait(self, seconds: float | None) -> bool:
        """Wait for an answer; False if there is none in time.

        The process is looked at, too: a child that an engine left behind may hold the pipe open.
        """
        end = float("inf") if seconds is None else time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._channel.poll(min(LOOK_SECONDS, left)):
                return True
            if self.process.poll() is not None and not self._channel.poll(0):
                raise WorkerDied(f"exit status {self.process.returncode}")
        return False
