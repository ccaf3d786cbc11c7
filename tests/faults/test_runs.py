"""Runs that are killed, run beside each other, or told to end: the table is that of one run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

import screening.pipeline.dispatcher as driving
from screening.pipeline import leases
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.store import open_store
from tests.faults.process import (
    KILLS,
    child,
    ended,
    has_results,
    kill_after,
    moments,
    note,
    noted,
    session,
    wait_until,
)
from tests.pipeline.toolbox import protocols, square, workflow, write_square

SETTINGS = {"descriptors": {"barrier": {"images": 3, "fmax": 0.05}}, "ions": ("Li", "Na", "K")}


def hosts():
    return [square("one"), square("two", repeat=3)]


def screen(db: Path, log: Path | None = None, calculator: str = "tests.toys:make_egg_box"):
    """Run inline, and note each task that is done."""
    execute = driving.execute

    def noting(task):
        result = execute(task)
        if log is not None:
            note(log, task.key)
        return result

    driving.execute = noting
    try:
        flow = workflow(calculator=calculator, **SETTINGS)
        store = open_store(db, create=True)
        driver = Driver(store, lambda: make_executor(1), 1, lambda _: None)
        return driver.run(protocols(flow, *hosts()))
    finally:
        driving.execute = execute


def by_pair(rows):
    return sorted(rows, key=lambda row: (row.candidate, row.ion))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("undisturbed")
    rows = screen(folder / "a.db", folder / "log")
    return by_pair(rows), set(noted(folder / "log"))


def test_a_run_that_is_killed_again_and_again_ends_as_one_left_alone(
    tmp_path: Path, undisturbed
) -> None:
    rows, tasks = undisturbed
    at, kills, turn, wanted = moments(2), 0, 0, KILLS // 2
    repeated = 0
    while kills < wanted:
        turn += 1
        db, log = tmp_path / f"{turn}.db", tmp_path / f"{turn}.log"
        here = 0
        while kills < wanted:
            if kill_after(child(partial(screen, db, log)), at.uniform(0.02, 0.5)) == 0:
                break  # it came to its end
            kills, here = kills + 1, here + 1
        assert by_pair(screen(db, log)) == rows
        assert by_pair(open_store(db).rows()) == rows
        done = Counter(noted(log))
        assert set(done) == tasks
        assert sum(done.values()) - len(done) <= here  # at most what was in flight
        repeated += sum(done.values()) - len(done)
    assert kills == wanted


def test_two_runs_share_the_work_and_neither_repeats_the_others(
    tmp_path: Path, undisturbed
) -> None:
    rows, tasks = undisturbed
    db, log = tmp_path / "a.db", tmp_path / "log"
    open_store(db, create=True)
    pids = [child(lambda: screen(db, log, "tests.faults.engines:slow")) for _ in range(2)]
    assert [ended(pid) for pid in pids] == [0, 0]
    done = Counter(noted(log))
    assert len(done) == len(tasks)
    assert max(done.values()) == 1
    found = by_pair(open_store(db).rows())
    assert [row["e_ads_ev"] for row in found] == [row["e_ads_ev"] for row in rows]


def test_what_a_dead_run_had_claimed_is_free_at_once(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    open_store(db, create=True)

    def claim_and_die() -> None:
        open_store(db).claim(["t1", "t2"])
        os.kill(os.getpid(), signal.SIGKILL)

    ended(child(claim_and_die))
    store = open_store(db)
    assert store.claim(["t1", "t2"]) == {"t1", "t2"}
    assert open_store(db).claim(["t1", "t3"]) == {"t3"}
    store.leases.release()


def test_a_run_of_another_machine_is_dead_once_it_stands_still(tmp_path: Path, monkeypatch) -> None:
    db = tmp_path / "a.db"
    far = open_store(db, create=True)
    far.leases.owner = f"elsewhere-{os.getpid()}-0"
    assert far.claim(["t1"]) == {"t1"}
    near = open_store(db)
    assert near.claim(["t1"]) == set()
    monkeypatch.setattr(leases, "STALE_SECONDS", 0.0)
    monkeypatch.setattr(time, "time", lambda: -1e9)  # no clock is compared
    assert near.claim(["t1"]) == {"t1"}
    far.leases.release()
    near.leases.release()


def test_a_clock_that_jumps_changes_nothing(tmp_path: Path, undisturbed, monkeypatch) -> None:
    at, now = moments(3), time.time
    monkeypatch.setattr(time, "time", lambda: now() + at.uniform(-1e9, 1e9))
    assert by_pair(screen(tmp_path / "a.db")) == undisturbed[0]


def test_results_are_dropped_once_their_protocols_have_seen_them(tmp_path: Path) -> None:
    flow = workflow(ions=("Li",))
    store = open_store(tmp_path / "a.db", create=True)
    driver = Driver(store, lambda: make_executor(1), 1, lambda _: None)
    driver.run(protocols(flow, *(square(f"h{n}") for n in range(20))))
    assert not driver._tasks
    assert not driver._waiting


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
)
def test_however_a_run_ends_its_workers_end_with_it(tmp_path: Path, number: int, code: int) -> None:
    write_square(tmp_path / "structures")
    (tmp_path / "w.yaml").write_text(
        "name: slow\ncalculator: tests.faults.engines:slow\ncandidates: [square]\nions: [Li]\n"
        "relax: {fmax: 1.0e-9, max_steps: 5000}\n"
    )
    # Under nohup or in the background, the tests would hand on that these signals are ignored.
    command = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); "
    command += "signal.signal(signal.SIGINT, signal.default_int_handler); "
    command += "from screening.cli import main; main()"
    run = subprocess.Popen(
        [sys.executable, "-c", command, "run", "w.yaml", "--db", "a.db", "--jobs", "2"],
        cwd=tmp_path,
        start_new_session=True,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    wait_until(lambda: has_results(tmp_path / "a.db") or run.poll() is not None)
    assert len(session(run.pid)) >= 3
    run.send_signal(number)
    _, errors = run.communicate(timeout=60)
    assert run.returncode == code
    assert "Traceback" not in errors
    wait_until(lambda: not session(run.pid))
    assert session(run.pid) == []
    assert open_store(tmp_path / "a.db").rows() == []
