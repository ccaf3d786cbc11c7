"""Printing: tables to stdout, everything else to stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 10_000
"""Columns of a pipe or a file: a table there must not be cut to the width of a terminal."""


def stdout() -> Console:
    """Return a console for results."""
    return _console(stderr=False)


def stderr() -> Console:
    """Return a console for progress and messages."""
    return _console(stderr=True)


def one_line(text: str) -> str:
    """Return text from outside on one line, without characters that steer a terminal."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, width=PIPE_WIDTH)
