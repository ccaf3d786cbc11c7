"""A real PostgreSQL server and a real Dask scheduler, made to fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from screening.errors import StoreError, WorkerError, public
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.store import open_store
from tests.faults.process import child, ended, has_results, wait_until
from tests.pipeline.test_postgresql import url as server_url
from tests.pipeline.toolbox import protocols, square, workflow
from tests.rows import make_row

url = server_url


def with_database(url: str, name: str) -> str:
    """Make a database on the server."""
    import psycopg2

    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    return f"{url.rpartition('/')[0]}/{name}"


def test_writers_on_a_server_store_each_row_once(url: str) -> None:
    store_url = f"{url.rpartition('/')[0]}/race"
    with_database(url, "race")

    def write(name: str) -> None:
        store = open_store(store_url, create=True)
        for number in range(20):
            store.save_row(make_row(f"h{number}", reason=name), f"h{number}")

    assert [ended(pid) for pid in [child(lambda n=n: write(n)) for n in "abc"]] == [0, 0, 0]
    assert len(open_store(store_url).rows()) == 20


def test_text_that_a_server_cannot_hold_costs_no_run(url: str) -> None:
    with_database(url, "nul")
    store = open_store(f"{url.rpartition('/')[0]}/nul", create=True)
    for reason in ("a\0b", "fine"):
        store.save_row(make_row(reason=reason), "key")
    assert len(store.rows()) == 1


def test_a_server_that_restarts_is_waited_for(url: str) -> None:
    import psycopg2

    with_database(url, "restart")
    store = open_store(f"{url.rpartition('/')[0]}/restart", create=True)
    killer = psycopg2.connect(url)
    killer.autocommit = True

    def interrupted() -> None:
        killer.cursor().execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='restart'"
        )
        store._db.do("INSERT INTO alkascreen_runs VALUES ('x', 0)")

    tries = 0

    def once() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            interrupted()

    store._db.write(once)
    assert tries == 2
    store.save_row(make_row(), "key")
    assert len(store.rows()) == 1
    killer.close()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://tester:s3cret@127.0.0.1:1/x",
        "postgresql://tester:s3cret@no.such.host.invalid/x",
        "postgresql://tester:s3c%40ret@127.0.0.1:1/x",
        "postgresql://tester:s3cret/more@127.0.0.1/x",
        "postgresql://tester:s3cret@more@127.0.0.1/x",
        "postgresql://127.0.0.1:1/x?user=tester&password=s3cret",
        "postgres://tester:s3cret@127.0.0.1:nonsense/x",
    ],
)
def test_no_message_holds_a_password(address: str, monkeypatch) -> None:
    monkeypatch.setattr("screening.pipeline.database.PAUSES", ())
    with pytest.raises(StoreError) as caught:
        open_store(address)
    assert "s3c" not in str(caught.value)
    assert "s3c" not in public(f"rank --db {address} goes on")


def written(note: Path) -> bool:
    """Whether a scheduler has written its address, to the end."""
    with suppress(OSError, ValueError):
        return "address" in json.loads(note.read_text())
    return False


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list]]:
    pytest.importorskip("distributed")
    folder = tmp_path_factory.mktemp("dask")
    note = folder / "scheduler.json"
    program = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    options = ["--scheduler-file", str(note), "--port", "0", "--no-dashboard", "--host=127.0.0.1"]
    log = (folder / "log").open("w")
    started = [subprocess.Popen([*program, *options], stderr=log, stdout=log)]
    wait_until(lambda: written(note))
    for number in range(2):
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file"]
        limits = ["--nthreads", "1", "--nworkers", "1", "--no-dashboard", "--memory-limit", "0"]
        local = ["--local-directory", str(folder / str(number))]
        started.append(
            subprocess.Popen([*worker, str(note), *limits, *local], stderr=log, stdout=log)
        )
    yield json.loads(note.read_text())["address"], started
    for process in started:
        process.kill()
        process.wait()
    log.close()


def dask_screen(db: Path, address: str, calculator: str, ions=("Li", "K")):
    from screening.pipeline.cluster import DaskExecutor

    executor = DaskExecutor(address)
    workers = executor.workers()
    flow = workflow(calculator=calculator, ions=ions)
    driver = Driver(open_store(db, create=True), lambda: executor, workers, lambda _: None)
    try:
        return driver.run(protocols(flow, square("one"), square("two", repeat=3)))
    finally:
        executor.shutdown()


def test_a_cluster_gives_what_one_process_gives(tmp_path: Path, cluster) -> None:
    address, _ = cluster
    toy = "tests.toys:make_egg_box"
    far = dask_screen(tmp_path / "a.db", address, toy)
    store = open_store(tmp_path / "b.db", create=True)
    driver = Driver(store, lambda: make_executor(1), 1, lambda _: None)
    near = driver.run(protocols(workflow(), square("one"), square("two", repeat=3)))
    key = lambda row: (row.candidate, row.ion)  # noqa: E731
    assert sorted(far, key=key) == sorted(near, key=key)


def test_workers_of_a_cluster_that_die_lose_no_task(tmp_path: Path, cluster) -> None:
    address, _ = cluster

    def assassin() -> None:
        from distributed import Client

        with Client(address) as client:
            for _ in range(4):
                time.sleep(1.5)
                pids = list(client.run(os.getpid).values())
                os.kill(pids[0], signal.SIGKILL)

    killer = child(assassin)
    rows = dask_screen(tmp_path / "a.db", address, "tests.faults.engines:slow")
    os.kill(killer, signal.SIGKILL)
    ended(killer)
    assert [row.status for row in rows] == ["ok"] * 4


def test_a_scheduler_that_is_lost_ends_the_run_with_one_line_and_it_goes_on(
    tmp_path: Path, cluster
) -> None:
    address, started = cluster
    db = tmp_path / "a.db"

    def assassin() -> None:
        wait_until(lambda: has_results(db))
        os.kill(started[0].pid, signal.SIGKILL)

    killer = child(assassin)
    with pytest.raises(WorkerError, match="scheduler"):
        dask_screen(db, address, "tests.faults.engines:slow", ions=("Li", "Na", "K"))
    ended(killer)
    store = open_store(db)
    flow = workflow(calculator="tests.faults.engines:slow", ions=("Li", "Na", "K"))
    driver = Driver(store, lambda: make_executor(1), 1, lambda _: None)
    rows = driver.run(protocols(flow, square("one"), square("two", repeat=3)))
    assert {row.status for row in rows} == {"ok"}


def test_an_address_where_nobody_answers_is_one_line() -> None:
    pytest.importorskip("distributed")
    from screening.pipeline.cluster import DaskExecutor

    with pytest.raises(WorkerError, match="no Dask scheduler answers"):
        DaskExecutor("tcp://127.0.0.1:1")
