"""Processes to be killed: forked from the test, so that a hundred of them cost seconds."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

KILLS = int(os.environ.get("FAULT_KILLS", "200"))
"""Kills of all tests together; ``FAULT_KILLS=5000 pytest tests/faults`` for a night."""
SEED = int(os.environ.get("FAULT_SEED", "1"))


def child(action: Callable[[], object]) -> int:
    """Run something in a process of its own; return its id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        action()
        code = 0
    finally:
        os._exit(code)


def ended(pid: int) -> int:
    """Wait for a process; return its exit code, negative for a signal."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def kill_after(pid: int, seconds: float) -> int:
    """Kill a process at a moment; return its exit code if it ended before."""
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    return ended(pid)


def moments(salt: int) -> random.Random:
    """Return random moments that are the same in every run."""
    return random.Random(1000 * SEED + salt)


def note(path: Path, text: str) -> None:
    """Append a line in one write, from whatever process."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(fd, f"{text}\n".encode())
    os.close(fd)


def noted(path: Path) -> list[str]:
    """Lines of all processes so far."""
    return path.read_text().splitlines() if path.exists() else []


def wait_until(reached: Callable[[], bool], limit_s: float = 120.0) -> None:
    """Wait for what another process does, however slow a loaded machine is."""
    until = time.monotonic() + limit_s
    while not reached():
        if time.monotonic() > until:
            raise TimeoutError(f"not reached within {limit_s:g} s")
        time.sleep(0.002)


def has_results(path: Path) -> bool:
    """Whether a run has stored a task in a database file; opens it read-only."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return bool(db.execute("SELECT count(*) FROM systems").fetchone()[0])
    return False


def session(leader: int) -> list[int]:
    """Processes that live in the session of another."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(state[3]) == leader and state[0] != "Z":
                    found.append(int(entry.name))
            except (OSError, ValueError):
                continue
    return found
