from __future__ import annotations

import pytest

from screening.cli.progress import expected_tasks, progress
from screening.config import parse
from screening.pipeline.driver import Progress
from screening.pipeline.workflow import Workflow


def workflow(**descriptors: object) -> Workflow:
    data = {"name": "x", "ions": ["Li", "Na"], "candidates": ["*"], "descriptors": descriptors}
    return parse(Workflow, data, "test")


def state(**changes: object) -> Progress:
    values = {"finished": 0, "known": 1, "current": ("host a",), "rows": 0, "pairs": 6}
    return Progress(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("descriptors", "expected"),
    [
        # 2 metals, 3 hosts, 6 pairs; first evaluations and two sites each
        ({"adsorption": {"max_sites": 2}}, 2 + 3 + 6 * 3),
        ({"adsorption": {"max_sites": 2}, "barrier": {"ions": ["Li"]}}, 2 + 3 + 6 * 3 + 3),
        ({"adsorption": {"max_sites": 2}, "barrier": {}}, 2 + 3 + 6 * 3 + 6),
    ],
)
def test_tasks_that_are_not_known_yet_are_expected(descriptors, expected: int) -> None:
    assert expected_tasks(workflow(**descriptors), state()) == expected


def test_what_is_known_counts_more_than_what_was_expected() -> None:
    assert expected_tasks(workflow(), state(known=500)) == 500


def test_at_the_end_exactly_the_known_tasks_are_expected() -> None:
    assert expected_tasks(workflow(), state(known=7, finished=7, rows=6)) == 7


def test_without_a_terminal_there_is_a_line_now_and_then(monkeypatch, capsys) -> None:
    clock = iter([0.0, 10.0, 40.0, 40.0, 50.0])
    monkeypatch.setattr("screening.cli.progress.time.monotonic", lambda: next(clock))
    with progress(workflow()) as show:
        for _ in range(3):
            show(state(finished=3))
    (line,) = capsys.readouterr().err.splitlines()
    assert "3 of about" in line
    assert "0 of 6 rows" in line
    assert "host a" in line
