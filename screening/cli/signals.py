"""Ctrl-C and the ends that machines put to a run: all stop it alike, and a second one at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Ended(KeyboardInterrupt):
    """The run was told to end; carries the exit code that shells expect, 128 + signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = 128 + number


@contextmanager
def ends() -> Iterator[None]:
    """Raise `Ended` at the first signal; at the second, leave without another word.

    Workers end by themselves with this process. What was ignored before (``nohup``) stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: FrameType | None) -> None:
        for other in before:
            signal.signal(other, lambda again, _: os._exit(128 + again))
        raise Ended(number)

    before = {n: signal.getsignal(n) for n in ENDS}
    before = {n: old for n, old in before.items() if old is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
