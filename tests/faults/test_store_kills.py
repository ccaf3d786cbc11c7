"""A store whose writer is killed, at any moment, opens again and lacks nothing that was stored."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from screening.errors import StoreError
from screening.pipeline.store import open_store
from tests.faults.process import KILLS, child, ended, kill_after, moments, note, noted, wait_until
from tests.rows import make_row


def write_for_ever(db: Path, log: Path) -> None:
    store, number = open_store(db), 0
    while True:
        name = f"h{os.getpid()}-{number}"
        store.save_row(make_row(name, reason="x" * 3000), name)
        note(log, name)
        number += 1


def test_kills_while_rows_are_stored_lose_no_row_and_never_lock_the_store(tmp_path: Path) -> None:
    db, log, at = tmp_path / "a.db", tmp_path / "log", moments(1)
    open_store(db, create=True)
    for _ in range(KILLS // 2):
        before = len(noted(log))
        writer = child(lambda: write_for_ever(db, log))
        wait_until(lambda before=before: len(noted(log)) > before)
        kill_after(writer, at.uniform(0.0, 0.05))
        open_store(db)
    stored = {row.candidate for row in open_store(db).rows()}
    assert set(noted(log)) <= stored
    assert len(stored) >= KILLS // 2
    with sqlite3.connect(db) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_hot_journal_is_rolled_back_when_the_store_is_next_opened(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    open_store(db, create=True).save_row(make_row("kept"), "kept")

    def die_inside_a_commit() -> None:
        opened = sqlite3.connect(db, isolation_level=None)
        opened.execute("PRAGMA cache_size=1")  # spills into the file before the commit
        opened.execute("BEGIN IMMEDIATE")
        opened.execute("DELETE FROM alkascreen_rows")
        opened.execute("CREATE TABLE filler (x)")
        opened.executemany("INSERT INTO filler VALUES (?)", [("x" * 4000,)] * 200)
        os.kill(os.getpid(), signal.SIGKILL)

    assert ended(child(die_inside_a_commit)) == -signal.SIGKILL
    assert Path(f"{db}-journal").stat().st_size > 0
    assert [row.candidate for row in open_store(db).rows()] == ["kept"]
    assert not Path(f"{db}-journal").exists()


def test_a_kill_at_any_step_of_making_a_store_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    def die_at(step: int, db: Path) -> None:
        left = step

        def count(event: str, _: object) -> None:
            nonlocal left
            if event.partition(".")[0] in {"open", "os", "sqlite3"}:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        open_store(db, create=True)

    for step in range(1, 1000):
        db = tmp_path / f"{step}.db"
        code = ended(child(lambda step=step, db=db: die_at(step, db)))
        open_store(db, create=True).save_row(make_row(), "key")
        assert len(open_store(db).rows()) == 1
        if code == 0:
            break
    assert step > 5


def test_runs_that_start_together_make_one_store(tmp_path: Path) -> None:
    def both(db: Path, name: str) -> None:
        open_store(db, create=True).save_row(make_row(name), name)

    for turn in range(8):
        db = tmp_path / f"{turn}.db"
        pids = [child(lambda name=name, db=db: both(db, name)) for name in ("a", "b", "c")]
        assert [ended(pid) for pid in pids] == [0, 0, 0]
        assert len(open_store(db).rows()) == 3


def test_writers_of_the_same_rows_at_once_store_each_once(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    open_store(db, create=True)

    def write(name: str) -> None:
        store = open_store(db)
        for number in range(30):
            store.save_row(make_row(f"h{number}", reason=name), f"h{number}")

    assert [ended(pid) for pid in [child(lambda n=n: write(n)) for n in "ab"]] == [0, 0]
    with sqlite3.connect(db) as opened:
        assert opened.execute("SELECT COUNT(*) FROM alkascreen_rows").fetchone() == (30,)


def test_a_full_disk_is_one_clear_error_and_loses_nothing(tmp_path: Path) -> None:
    db, log = tmp_path / "a.db", tmp_path / "log"
    open_store(db, create=True)

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limit = db.stat().st_size + 100_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        store = open_store(db)
        for number in range(1000):
            try:
                store.save_row(make_row(f"h{number}", reason="x" * 3000), f"h{number}")
            except StoreError as error:
                note(log, f"full {len(str(error).splitlines())}")
                return
            note(log, f"h{number}")

    assert ended(child(fill)) == 0
    *stored, last = noted(log)
    assert last == "full 1"  # one line
    assert {row.candidate for row in open_store(db).rows()} == set(stored)
    open_store(db).save_row(make_row("room again"), "room again")


def test_a_read_only_store_is_read_and_refused_for_writing(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    open_store(db, create=True).save_row(make_row(), "key")
    db.chmod(0o444)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)

    def look() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)
        assert len(open_store(db).rows()) == 1
        with pytest.raises(StoreError, match="read-only"):
            open_store(db, create=True)

    assert ended(child(look)) == 0


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bits_cost_a_row_or_the_file_and_never_change_a_value(
    tmp_path: Path, seed: int
) -> None:
    db, at = tmp_path / "a.db", moments(100 + seed)
    store = open_store(db, create=True)
    rows = {f"h{number}": make_row(f"h{number}", e_ads_ev=-0.1 * number) for number in range(20)}
    for name, row in rows.items():
        store.save_row(row, name)
    data = bytearray(db.read_bytes())
    for _ in range(20):
        data[at.randrange(100, len(data))] ^= 1 << at.randrange(8)
    db.write_bytes(data)
    try:
        found, problem = open_store(db).rows(), "none"
    except StoreError as error:
        found, problem = [], str(error)
    assert len(problem.splitlines()) == 1
    assert all(row == rows[row.candidate] for row in found)


def test_a_database_with_a_view_is_not_ours(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    open_store(db, create=True)
    with sqlite3.connect(db) as opened:
        opened.execute("DROP TABLE alkascreen_rows")
        opened.execute(
            "CREATE VIEW alkascreen_rows AS WITH RECURSIVE n(key) AS "
            "(SELECT 1 UNION ALL SELECT key + 1 FROM n) "
            "SELECT key, key AS stamp, '' AS record, '' AS seal FROM n"
        )
    with pytest.raises(StoreError, match="not a database of alkascreen"):
        open_store(db)
