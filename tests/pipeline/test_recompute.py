"""What is stored is enough to compute a row again, and nothing of it is ever replaced."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ase.db import connect

from screening.descriptors import Value
from screening.errors import StoreError
from screening.pipeline import origins as origins_module
from screening.pipeline.origins import Origin
from screening.pipeline.recompute import recompute
from screening.pipeline.store import open_store
from tests.pipeline.test_driver import BARRIER, TIGHT, drive
from tests.pipeline.toolbox import protocols, square, workflow

FLOW = workflow(ions=("Li",), **TIGHT, **BARRIER)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    drive(tmp_path / "a.db", protocols(FLOW))
    return tmp_path / "a.db"


def test_the_same_numbers_come_out_and_nothing_is_written(database: Path) -> None:
    before = database.read_bytes()
    (found,) = recompute(open_store(database), "square", "Li", energy_ev=1e-9)
    assert found.agrees
    columns = {check.column for check in found.checks}
    assert {"e_ads_ev", "barrier_ev", "site", "outcome"} <= columns
    assert all(check.difference in (None, 0.0) for check in found.checks)
    assert found.remarks == ()
    assert database.read_bytes() == before


def test_the_stored_origin_makes_the_very_same_protocol(database: Path) -> None:
    (pair,) = protocols(FLOW)
    (origin,) = open_store(database).origins.of(pair.key)
    again = origin.protocol(None)
    assert again.key == pair.key
    assert (again.candidate.atoms.positions == pair.candidate.atoms.positions).all()
    assert origin.run["versions"].keys() >= {"alkascreen", "python", "ase", "numpy"}


@pytest.mark.parametrize(
    ("column", "value"),
    [("e_ads_ev", -9.0), ("barrier_ev", 0.203), ("site", "top-1"), ("converged", False)],
)
def test_a_value_that_does_not_come_out_again_is_named(database: Path, column, value) -> None:
    store = open_store(database)
    ((key, row),) = store.stored_rows()
    changed = replace(row.values[column], value=value)
    store.save_row(replace(row, values={**row.values, column: changed}), key)
    (found,) = recompute(store, "square", "Li")
    assert [check.column for check in found.checks if not check.agrees] == [column]


def test_a_value_that_is_missing_now_or_then_differs(database: Path) -> None:
    store = open_store(database)
    ((key, row),) = store.stored_rows()
    values = {**row.values, "gamma_j_m2": Value(1.0, "engine")}
    del values["barrier_path"]
    store.save_row(replace(row, values=values), key)
    (found,) = recompute(store, "square", "Li")
    differ = {check.column for check in found.checks if not check.agrees}
    assert differ == {"gamma_j_m2", "barrier_path"}


def test_inputs_of_every_run_stay_also_with_other_versions(database: Path, monkeypatch) -> None:
    (pair,) = protocols(FLOW)
    store = open_store(database)
    old = origins_module.versions(pair.context.engine.name)
    monkeypatch.setattr(origins_module, "versions", lambda _: {**old, "numpy": "9.9"})
    drive(database, protocols(FLOW), retry=True)
    drive(database, protocols(FLOW), retry=True)
    first, second = store.origins.of(pair.key)
    assert (first.run["versions"], second.run["versions"]["numpy"]) == (old, "9.9")
    assert first.structure == second.structure
    monkeypatch.undo()
    (found,) = recompute(store, "square", "Li")
    assert found.agrees
    assert found.remarks == (f"numpy 9.9 then, {old['numpy']} now",)


def test_a_level_that_is_not_here_is_named(database: Path) -> None:
    (pair,) = protocols(FLOW)
    (origin,) = open_store(database).origins.of(pair.key)
    level = {**origin.run["engine"]["level"], "version": "0.1"}
    engine = {**origin.run["engine"], "level": level, "fingerprint": "f" * 16}
    with pytest.raises(StoreError, match=r"another level .* version 0\.1, here"):
        Origin(origin.structure, {**origin.run, "engine": engine}).protocol(None)


def test_rows_without_inputs_say_how_to_get_them(database: Path) -> None:
    with connect(database).managed_connection() as connection:
        connection.execute("DROP TABLE alkascreen_origins")
        connection.execute("DROP TABLE alkascreen_inputs")
    with pytest.raises(StoreError, match=r"inputs .* are not stored"):
        recompute(open_store(database), "square", "Li")
    drive(database, protocols(FLOW), retry=True)
    assert recompute(open_store(database), "square", "Li")[0].agrees


def test_damaged_inputs_are_not_used(database: Path) -> None:
    with connect(database).managed_connection() as connection:
        connection.execute("UPDATE alkascreen_inputs SET record = replace(record, '3.0', '3.1')")
    with pytest.raises(StoreError, match="damaged"):
        recompute(open_store(database), "square", "Li")


def test_an_unknown_host_is_said(database: Path) -> None:
    with pytest.raises(StoreError, match="no value of nothing with Li"):
        recompute(open_store(database), "nothing", "Li")


def test_rows_of_two_workflows_are_each_computed_by_their_settings(database: Path) -> None:
    other = workflow(ions=("Li",), **TIGHT, descriptors={"adsorption": {"max_sites": 1}})
    drive(database, protocols(other, square()))
    found = recompute(open_store(database), "square", "Li")
    assert [one.agrees for one in found] == [True, True]
    assert [("barrier" in one.origin.run["descriptors"]) for one in found] == [True, False]
