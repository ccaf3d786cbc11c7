"""A worker process: takes calls from the driver, one at a time, and sends back what they return.

Started by `screening.pipeline.workers` with Python's safe path, so that no file of the folder in
which a run was started is imported in place of a package.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1

Call = tuple[Callable[..., Any], tuple[Any, ...]]


def serve(channel_fd: int, lifeline_fd: int) -> None:
    """Answer calls until the driver is gone.

    An answer is the call's value or None, what it raised as text, and this process's peak memory.
    """
    _die_with_the_driver(lifeline_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.__stdout__.fileno() if sys.__stdout__ else 1)  # what engines print
    importlib.import_module("screening.pipeline.tasks")  # no part of any task's time
    channel, folder = Connection(channel_fd), Path.cwd()
    channel.send("ready")
    while True:
        try:
            function, arguments = channel.recv()
        except EOFError:
            return
        value, problem = None, ""
        try:
            value = function(*arguments)
        except BaseException as error:  # noqa: BLE001 (a call must never take the worker down)
            problem = f"{type(error).__name__}: {error}"[:2000]
        os.chdir(folder)
        try:
            channel.send((value, problem, peak_memory()))
        except (AttributeError, TypeError, ValueError) as error:  # a value that cannot be sent
            channel.send((None, f"{type(error).__name__}: {error}"[:2000], peak_memory()))


def peak_memory() -> int:
    """Return the most memory that this process ever held, bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _die_with_the_driver(lifeline_fd: int) -> None:
    """End this process when the driver does, however it does.

    The driver holds the other end of the lifeline, which the kernel closes for it. Linux also
    kills by itself, should an engine hold the interpreter's lock.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def wait() -> None:
        os.read(lifeline_fd, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
