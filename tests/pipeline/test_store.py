"""The store keeps what it was given and touches nothing that is not its own."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest
from ase import Atoms
from ase.db import connect

from screening.descriptors import Row
from screening.errors import StoreError
from screening.evaluate.task import Task, TaskResult
from screening.pipeline.store import open_store
from screening.pipeline.tasks import execute
from tests.pipeline.toolbox import engine
from tests.toys import square_host


def test_a_result_comes_back_as_it_went_in(tmp_path: Path) -> None:
    task = Task("host", engine(), (square_host(),), {"fmax": 0.1, "max_steps": 3})
    result = execute(task)
    store = open_store(str(tmp_path / "a.db"), create=True)
    store.save(task, result)
    found = open_store(str(tmp_path / "a.db")).find(task.key)
    assert found is not None
    assert found.atoms == result.atoms
    assert (found.forces == result.forces).all()
    assert {**vars(found), "atoms": 0, "forces": 0} == {**vars(result), "atoms": 0, "forces": 0}


def test_a_failure_without_structure_comes_back_with_its_reason(tmp_path: Path) -> None:
    task = Task("metal", engine("emt"), settings={"ion": "Xx"})
    result = execute(task)
    store = open_store(str(tmp_path / "a.db"), create=True)
    store.save(task, result)
    found = store.find(task.key)
    assert found is not None
    assert found.failed
    assert found.reason == result.reason
    assert found.atoms is None


def test_a_failure_with_a_start_but_no_end_comes_back_with_its_reason(tmp_path: Path) -> None:
    task = Task("host", engine(), (square_host(),), {"fmax": 0.1, "max_steps": 3})
    store = open_store(tmp_path / "a.db", create=True)
    store.save(task, TaskResult(task.key, "host", "scratch disk full"))
    found = store.find(task.key)
    assert found is not None
    assert found.reason == "scratch disk full"
    assert store.claim([task.key]) == set()  # it is stored: only `again` computes it
    assert store.claim([task.key], again=[task.key]) == {task.key}
    store.leases.release()


def test_a_damaged_result_is_computed_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    task = Task("host", engine(), (square_host(),), {"fmax": 0.1, "max_steps": 3})
    store = open_store(path, create=True)
    store.save(task, execute(task))
    with sqlite3.connect(path) as opened:
        opened.execute("UPDATE systems SET positions=zeroblob(length(positions))")
    assert store.find(task.key) is None
    assert store.claim([task.key]) == {task.key}
    store.save(task, execute(task))
    assert store.find(task.key) is not None
    store.leases.release()


def test_rows_of_other_settings_stand_side_by_side_and_the_last_is_read(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "a.db"), create=True)
    level = engine().level
    for reason in ("first", "second"):
        store.save_row(Row("host", "metal", "Cu4", "Li", level, "failed", reason), "p-" + reason)
    store.save_row(Row("host", "metal", "Cu4", "Na", level, "failed", "other ion"), "p-other")
    assert [row.reason for row in store.rows()] == ["second", "other ion"]
    first = store.find_row("p-first")
    assert first is not None
    assert first.reason == "first"
    assert store.find_row("p-second") == store.rows()[0]


def _text(path: Path) -> None:
    path.write_text("candidate,score\n")


def _empty(path: Path) -> None:
    path.touch()


def _other_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE information (name TEXT, value TEXT)")


def _other_ase(path: Path) -> None:
    connect(path, type="db").write(Atoms("H"))


def _truncated(path: Path) -> None:
    open_store(str(path), create=True)
    path.write_bytes(path.read_bytes()[:700])


@pytest.mark.parametrize("make", [_text, _empty, _other_sqlite, _other_ase, _truncated])
@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_was(
    tmp_path: Path, make, create: bool
) -> None:
    path = tmp_path / "other.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        open_store(str(path), create=create)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["other.db"]


def test_a_missing_database_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such database"):
        open_store(str(tmp_path / "a.db"))
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is not a file"):
        open_store(str(tmp_path), create=True)


def test_a_database_of_the_first_schema_keeps_its_tasks(tmp_path: Path) -> None:
    task = Task("host", engine(), (square_host(),), {"fmax": 0.1, "max_steps": 3})
    result = execute(task)
    path = tmp_path / "a.db"
    open_store(path, create=True).save(task, result)
    with sqlite3.connect(path) as old:
        for table in ("tasks", "rows", "runs", "claims"):
            old.execute(f"DROP TABLE alkascreen_{table}")
        old.execute(
            "UPDATE information SET value='{\"alkascreen_schema\": 1}' WHERE name='metadata'"
        )
    found = open_store(path).find(task.key)
    assert found is not None
    assert found.energy_ev == result.energy_ev
    assert open_store(path).rows() == []


def test_a_look_up_reads_a_key_and_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_store(path, create=True)
    with sqlite3.connect(path) as opened:
        for table in ("tasks", "rows", "claims", "runs"):
            key = "owner" if table == "runs" else "key"
            query = f"SELECT * FROM alkascreen_{table} WHERE {key}='x'"  # noqa: S608
            plan = opened.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
            assert all("SEARCH" in step[-1] for step in plan)


def test_no_login_or_machine_is_stored(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("USER", "somebody-private")
    task = Task("host", engine(), (square_host(),), {"fmax": 0.1, "max_steps": 3})
    store = open_store(tmp_path / "a.db", create=True)
    store.claim([task.key])
    store.save(task, execute(task))
    store.leases.release()
    content = (tmp_path / "a.db").read_bytes()
    assert b"somebody-private" not in content
    assert socket.gethostname().encode() not in content
