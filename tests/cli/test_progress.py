from __future__ import annotations

from types import SimpleNamespace

import pytest

from screening.cli.progress import expected_tasks, progress, time_left
from screening.pipeline.tally import Progress


def state(**changes: object) -> Progress:
    values = {"finished": 0, "known": 1, "current": ("host a",), "rows": 0, "pairs": 6}
    return Progress(**(values | changes))  # type: ignore[arg-type]


def test_tasks_that_are_not_known_yet_are_those_of_the_dry_run() -> None:
    assert expected_tasks(state(expected=23)) == 23


def test_what_is_known_counts_more_than_what_was_expected() -> None:
    assert expected_tasks(state(known=500, expected=23)) == 500


def test_at_the_end_exactly_the_known_tasks_are_expected() -> None:
    assert expected_tasks(state(known=7, finished=7, rows=6, expected=23)) == 7


def test_without_a_terminal_there_is_a_line_now_and_then(monkeypatch, capsys) -> None:
    clock = iter([0.0, 10.0, 40.0, 40.0, 50.0])
    monkeypatch.setattr(
        "screening.cli.progress.time", SimpleNamespace(monotonic=lambda: next(clock))
    )  # its own clock only: other threads ask the real one
    with progress() as show:
        for _ in range(3):
            show(state(finished=3))
    (line,) = capsys.readouterr().err.splitlines()
    assert "3 of about" in line
    assert "0 of 6 rows" in line
    assert "host a" in line


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (-3.0, "about 0 s left"),
        (41.6, "about 42 s left"),
        (600.0, "about 10 min left"),
        (30_000.0, "about 8 h left"),
        (300_000.0, "about 3 d left"),
    ],
)
def test_the_time_left_is_told_in_one_unit(seconds: float | None, words: str) -> None:
    assert time_left(state(seconds_left=seconds)) == words
