"""The store keeps what it was given and touches nothing that is not its own."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from pathlib import Path

import pytest
from ase import Atoms
from ase.db import connect

from screening.descriptors import Row
from screening.errors import StoreError
from screening.evaluate.task import Task
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


def test_a_row_of_an_older_version_lacks_fields_and_is_read_all_the_same(tmp_path: Path) -> None:
    row = Row("host", "metal", "Cu4", "Li", engine().level, "ok", e_ads_ev=-0.5, review=("R08",))
    data = json.loads(json.dumps(dataclasses.asdict(row)))
    assert Row.from_json(data) == row
    for name in ("review", "hops", "e_step_ev", "gamma_j_m2"):
        del data[name]
    assert Row.from_json(data) == dataclasses.replace(row, review=())


def test_a_row_of_another_version_with_more_fields_is_read() -> None:
    row = Row("host", "metal", "Cu4", "Li", engine().level, "ok", e_ads_ev=-0.5, review=("R08",))
    data = json.loads(json.dumps(dataclasses.asdict(row)))
    assert Row.from_json({**data, "gone_ev": 0.1, "gone_list": [1, 2]}) == row
