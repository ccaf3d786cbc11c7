"""The time left follows what was computed, and nothing that was found stored."""

from __future__ import annotations

import pytest
from ase import Atoms

from screening.evaluate.task import EVALUATIONS, Engine, Task
from screening.pipeline.remaining import Remaining
from screening.structure import Level

ENGINE = Engine("emt", "none", {}, Level("emt", "", "EMT", "none", "1"))
TASK = Task("adsorption", ENGINE, (Atoms("Cu10"),))
COST = 10 * EVALUATIONS["adsorption"]


def pairs(count: int, tasks: float) -> dict[str, float]:
    return {f"h{n}": tasks * COST for n in range(count)}


def one(run: Remaining, n: int, tasks: int, *, reused: bool = False) -> None:
    for _ in range(tasks):
        run.add(f"h{n}", TASK, reused=reused)
    run.finish(f"h{n}")


def test_equal_pairs_take_equal_times() -> None:
    run = Remaining(pairs(11, 2))
    assert run.seconds(0.0) is None
    one(run, 0, 2)
    assert run.seconds(100.0) is None  # time counts from here: workers had to start
    for n in range(1, 6):
        one(run, n, 2)
        assert run.seconds(100.0 + 10 * n) == pytest.approx(10 * (10 - n))


def test_the_tasks_of_a_pair_count_as_they_come() -> None:
    run = Remaining(pairs(2, 4))
    run.add("h0", TASK, reused=False)
    run.seconds(0.0)
    run.add("h0", TASK, reused=False)
    assert run.seconds(5.0) == pytest.approx(6 * 5.0)


def test_a_pair_that_needs_less_than_planned_is_no_slower_to_end() -> None:
    run = Remaining(pairs(10, 4))
    for n in range(5):
        one(run, n, 1)
        left = run.seconds(float(n))
    assert left == pytest.approx(5.0)


def test_what_is_stored_takes_no_time() -> None:
    run = Remaining(pairs(20, 2))
    for n in range(10):
        one(run, n, 2 * (n % 2), reused=True)  # whole rows, and rows put together of stored tasks
    assert run.seconds(0.0) is None
    one(run, 10, 2)
    run.seconds(1.0)
    one(run, 11, 2)
    assert run.seconds(4.0) == pytest.approx(8 * 3.0)


def test_a_half_stored_pair_counts_half() -> None:
    run = Remaining(pairs(3, 2))
    one(run, 0, 2)
    run.seconds(0.0)
    run.add("h1", TASK, reused=True)
    run.add("h1", TASK, reused=False)
    run.finish("h1")
    assert run.seconds(1.0) == pytest.approx(2.0)


def test_nothing_is_said_of_pairs_that_nobody_planned() -> None:
    run = Remaining({})
    one(run, 0, 3)
    assert run.seconds(0.0) is None
    assert run.seconds(9.0) is None


def test_costs_may_be_known_late() -> None:
    early, late = Remaining(pairs(12, 2)), Remaining()
    one(early, 0, 2, reused=True)
    one(late, 0, 2, reused=True)
    late.expect(pairs(12, 2))
    for run in (early, late):
        one(run, 1, 2)
        assert run.seconds(100.0) is None
        one(run, 2, 2)
    assert late.seconds(110.0) == pytest.approx(early.seconds(110.0))
    assert late.seconds(110.0) == pytest.approx(10 * 9)
