"""Progress of a run on stderr: a bar with the time left, or lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from screening.pipeline.tally import Progress

Show = Callable[["Progress"], None]

SECONDS_BETWEEN_LINES = 30.0
NAMED = 8
UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
"""Seconds of each unit; the time left is told in the largest of which there are two."""


@contextmanager
def progress() -> Iterator[Show]:
    """Yield a function that shows where a run stands."""
    from screening.cli.console import stderr

    if not stderr().is_terminal:
        yield _lines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("tasks,"),
        TextColumn("{task.description}", markup=False),
    )
    with Bar(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(state: Progress) -> None:
            bar.update(
                task,
                completed=state.finished,
                total=expected_tasks(state),
                description=", ".join(filter(None, [time_left(state), _current(state)])),
            )

        yield show


def expected_tasks(state: Progress) -> int:
    """Estimate how many tasks a run will have; exact once the last of them is known."""
    return state.known if state.rows == state.pairs else max(state.known, state.expected)


def time_left(state: Progress) -> str:
    """Say how long a run will still take; empty as long as nothing is known."""
    if state.seconds_left is None:
        return ""
    left = max(0.0, state.seconds_left)
    size, unit = next((size, unit) for size, unit in UNITS if left >= 2 * size or size == 1)
    return f"about {left / size:.0f} {unit} left"


def _current(state: Progress) -> str:
    """Name what is running; of the many tasks that share a graphics card only some."""
    shown, more = state.current[:NAMED], len(state.current) - NAMED
    return ", ".join([*shown, *([f"{more} more"] if more > 0 else [])])


def _lines() -> Show:
    """Return a function that writes a line now and then, for logs."""
    last = time.monotonic()

    def show(state: Progress) -> None:
        nonlocal last
        if time.monotonic() - last < SECONDS_BETWEEN_LINES:
            return
        last = time.monotonic()
        tasks = f"{state.finished} of about {expected_tasks(state)} tasks"
        rows = f"{state.rows} of {state.pairs} rows"
        line = ", ".join(filter(None, [tasks, rows, time_left(state)]))
        typer.echo(f"{line}; now {_current(state)}", err=True)

    return show
