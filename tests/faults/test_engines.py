"""Whatever an engine does, its own row says so and the others are what they would have been."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.store import open_store
from tests.faults.engines import DEADLY, DEEDS, HARMLESS
from tests.pipeline.toolbox import protocols, workflow
from tests.toys import E_ADS_EV

TIGHT = {"relax": {"fmax": 1e-4, "max_steps": 200}}


def screen(db: Path, name: str, jobs: int = 1, limit_s: float | None = None, **options: bool):
    flow = workflow(calculator=f"tests.faults.engines:{name}", **TIGHT)
    store = open_store(db, create=True)
    make = lambda: make_executor(jobs, limit_s)  # noqa: E731
    driver = Driver(store, make, jobs, lambda _: None, **options)
    return {row.ion: row for row in driver.run(protocols(flow))}, driver.tally


@pytest.mark.parametrize("deed", sorted(set(DEEDS) - {"interrupts"}))
def test_a_fault_is_a_failed_row_with_a_short_reason(tmp_path: Path, deed: str) -> None:
    rows, _ = screen(tmp_path / "a.db", deed)
    assert rows["Li"]["e_ads_ev"] == pytest.approx(E_ADS_EV, abs=1e-6)
    if deed == "forks":  # the child is gone, the parent goes on
        assert rows["K"].status == "ok"
        return
    assert rows["K"].status == "failed"
    assert rows["K"]["e_ads_ev"] is None
    assert 0 < len(rows["K"].reason) < 2500
    assert rows["K"].reason.isprintable()
    assert {row.ion for row in open_store(tmp_path / "a.db").rows()} == {"Li", "K"}


@pytest.mark.parametrize("deed", sorted(HARMLESS))
def test_numbers_in_other_clothes_are_numbers(
    tmp_path: Path, deed: str, monkeypatch, capfd
) -> None:
    monkeypatch.chdir(tmp_path)
    rows, _ = screen(tmp_path / "a.db", deed)
    assert rows["K"]["e_ads_ev"] == pytest.approx(E_ADS_EV, abs=1e-5)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("deed", [*sorted(DEADLY), "interrupts", "exits", "forks"])
def test_in_a_worker_even_death_costs_one_row(tmp_path: Path, deed: str) -> None:
    limit = 5.0 if deed == "hangs" else 100.0
    rows, tally = screen(tmp_path / "a.db", deed, jobs=2, limit_s=limit)
    assert rows["Li"]["e_ads_ev"] == pytest.approx(E_ADS_EV, abs=1e-6)
    assert (tally.done["metal"], tally.done["host"]) == (2, 1)
    if deed == "forks":
        assert rows["K"].status == "ok"
        return
    assert rows["K"].status == "failed"
    assert tally.failed["adsorption"] == 3  # those of potassium, and none of lithium
    if deed == "hangs":
        assert "time limit" in rows["K"].reason


def test_a_retry_mends_what_failed_at_one_site(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("BROKEN", str(tmp_path / "broken"))
    right, _ = screen(tmp_path / "right.db", "flaky")
    (tmp_path / "broken").touch()
    wrong, _ = screen(tmp_path / "a.db", "flaky")
    assert "no space left" in wrong["Li"].reason
    mended, tally = screen(tmp_path / "a.db", "flaky", retry=True)
    assert mended["Li"]["e_ads_ev"] == right["Li"]["e_ads_ev"]
    assert [s.e_ads for s in mended["Li"].table("sites")] == [
        s.e_ads for s in right["Li"].table("sites")
    ]
    assert sum(tally.done.values()) == 1
    assert [row.reason for row in open_store(tmp_path / "a.db").rows()] == ["", ""]


def test_workers_import_no_file_of_the_folder_in_place_of_a_library(
    tmp_path: Path, monkeypatch
) -> None:
    names = ["random", "pickle", "logging", "tempfile", "numpy", "json", "socket", "psutil"]
    names += ["copyreg", "ctypes", "threading", "queue", "signal", "site", "sitecustomize", "ase"]
    for name in names:
        (tmp_path / f"{name}.py").write_text(
            f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\n"
        )
    (tmp_path / "own_engine.py").write_text("from tests.toys import make_egg_box\n")
    monkeypatch.chdir(tmp_path)
    pool = make_executor(1, 299.0)
    assert pool.submit(os.getcwd).result() == str(tmp_path)
    flow = workflow(calculator="own_engine:make_egg_box")
    driver = Driver(open_store("a.db", create=True), lambda: pool, 1, lambda _: None)
    assert {row.status for row in driver.run(protocols(flow))} == {"ok"}
    assert not (tmp_path / "ran").exists()
