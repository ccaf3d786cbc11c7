"""Protocols share tasks, resume from the store, and never take each other down."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path

import pytest
from ase.db import connect

from screening.pipeline import dispatcher
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.store import open_store
from tests.pipeline.toolbox import protocols, square, workflow
from tests.toys import BARRIER_EV, E_ADS_EV, EggBox, square_host

TIGHT = {"relax": {"fmax": 1e-5, "max_steps": 300}}
BARRIER = {"descriptors": {"barrier": {"images": 3, "fmax": 1e-4}}}


def drive(db: Path, pairs, jobs: int = 1, **options: bool):
    driver = Driver(
        open_store(str(db), create=True),
        lambda: make_executor(jobs),
        jobs,
        lambda _: None,
        **options,
    )
    return driver.run(pairs), driver.tally


def test_known_world_gives_known_adsorption_energy_site_and_barrier(tmp_path: Path) -> None:
    rows, _ = drive(tmp_path / "a.db", protocols(workflow(**TIGHT, **BARRIER)))
    for row in rows:
        assert row.status == "ok"
        assert row["e_ads_ev"] == pytest.approx(E_ADS_EV, abs=1e-6)
        assert row["barrier_ev"] == pytest.approx(BARRIER_EV, abs=1e-6)
        assert row["site"] == "hollow-1"
        assert row["ion_distance_a"] == pytest.approx(6.0)
        assert [site.site for site in row.table("sites")] == ["hollow-1", "bridge-1", "top-1"]


def test_the_host_is_relaxed_once_for_all_ions_and_sites(tmp_path: Path) -> None:
    _, tally = drive(tmp_path / "a.db", protocols(workflow(ions=("Li", "Na", "K"))))
    assert tally.done == {"metal": 3, "host": 1, "adsorption": 9}


class Counting(Executor):
    """Runs a task when it is asked to finish, and writes down what it was given when."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def submit(self, fn, /, *args, **_):
        self.events.append("submit")
        future: Future = Future()
        future.set_result(fn(*args))
        return future


def test_workers_have_tasks_before_the_run_is_counted(tmp_path: Path) -> None:
    executor = Counting()

    def forecast():
        executor.events.append("forecast")
        return 23, {}

    told = []
    store = open_store(str(tmp_path / "a.db"), create=True)
    driver = Driver(store, lambda: executor, 2, told.append, forecast=forecast)
    driver.run(protocols(workflow()))
    assert executor.events.count("forecast") == 1
    assert executor.events[0] == "submit"
    assert {state.expected for state in told} == {23}


def test_what_a_result_makes_ready_goes_out_before_the_next_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = Counting()
    store = open_store(str(tmp_path / "a.db"), create=True)
    save = store.save
    monkeypatch.setattr(store, "save", lambda *a: (executor.events.append("save"), save(*a)))
    driver = Driver(store, lambda: executor, 2, lambda _: None)
    driver.run(protocols(workflow(ions=("Li",)), square("one"), square("two", repeat=3)))
    # metal and two hosts; sites of the first host go out before the second host is stored
    first = executor.events.index("save")
    hosts_done = [n for n, event in enumerate(executor.events) if event == "save"][:3]
    assert "submit" in executor.events[first : hosts_done[2]]


def test_a_second_run_computes_nothing_and_gives_the_same_rows(tmp_path: Path) -> None:
    pairs = protocols(workflow(**BARRIER))
    first, _ = drive(tmp_path / "a.db", pairs)
    second, tally = drive(tmp_path / "a.db", protocols(workflow(**BARRIER)))
    assert sum(tally.force_calls.values()) == 0
    assert not tally.done
    key = lambda row: row.ion  # noqa: E731
    assert sorted(first, key=key) == sorted(second, key=key)


def test_the_order_of_candidates_does_not_matter_to_what_is_reused(tmp_path: Path) -> None:
    one, two = square("one"), square("two", repeat=3)
    drive(tmp_path / "a.db", protocols(workflow(), one, two))
    _, tally = drive(tmp_path / "a.db", protocols(workflow(), two, one))
    assert not tally.done


def test_changed_settings_compute_anew_and_replace_the_row(tmp_path: Path) -> None:
    drive(tmp_path / "a.db", protocols(workflow()))
    _, tally = drive(tmp_path / "a.db", protocols(workflow(**TIGHT)))
    assert tally.done["host"] == 1
    rows = open_store(str(tmp_path / "a.db")).rows()
    assert [row.ion for row in rows] == ["K", "Li"]
    assert all((row["fmax_ev_a"] or 1) < 1e-5 for row in rows)


def test_two_workers_give_what_one_gives(tmp_path: Path) -> None:
    alone, _ = drive(tmp_path / "a.db", protocols(workflow(**BARRIER)))
    shared, _ = drive(tmp_path / "b.db", protocols(workflow(**BARRIER)), jobs=2)
    key = lambda row: row.ion  # noqa: E731
    assert sorted(alone, key=key) == sorted(shared, key=key)


def test_a_failing_host_becomes_rows_with_the_reason_and_the_others_go_on(tmp_path: Path) -> None:
    lost = replace(square("lost"), atoms=square_host())
    lost.atoms.positions[0, 2] = float("inf")
    rows, _ = drive(tmp_path / "a.db", protocols(workflow(), lost, square()))
    by_candidate = {(row.candidate, row.status) for row in rows}
    assert by_candidate == {("lost", "failed"), ("square", "ok")}
    assert all(row.reason and row["e_ads_ev"] is None for row in rows if row.candidate == "lost")


def test_a_relaxation_that_runs_out_of_steps_has_no_value(tmp_path: Path) -> None:
    flow = workflow(relax={"fmax": 1e-6, "max_steps": 1})
    rows, _ = drive(tmp_path / "a.db", protocols(flow))
    for row in rows:
        hollow = next(site for site in row.table("sites") if site.site == "hollow-1")
        assert hollow.e_ads_ev is None
        assert "not converged after 1 steps" in hollow.reason
        assert "not converged" in row.reason


def test_stored_failures_are_kept_unless_a_retry_is_asked_for(tmp_path: Path) -> None:
    flow = workflow(relax={"fmax": 1e-9, "max_steps": 1})
    _, first = drive(tmp_path / "a.db", protocols(flow))
    _, again = drive(tmp_path / "a.db", protocols(flow))
    _, retried = drive(tmp_path / "a.db", protocols(flow), retry=True)
    assert sum(first.failed.values()) > 0
    assert not again.failed
    assert retried.failed == first.failed


def test_max_sites_relaxes_the_lowest_and_lists_the_others(tmp_path: Path) -> None:
    flow = workflow(ions=("Li",), descriptors={"adsorption": {"max_sites": 1}})
    (row,), tally = drive(tmp_path / "a.db", protocols(flow))
    assert tally.done["adsorption"] == 1
    assert row["site"] == "hollow-1"
    skipped = [site for site in row.table("sites") if site.e_ads_ev is None]
    assert len(skipped) == 2
    assert all("not relaxed" in site.reason for site in skipped)


class Suicidal(EggBox):
    """An engine whose worker is killed by the system when it meets potassium."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        if "K" in atoms.symbols:
            os.kill(os.getpid(), signal.SIGKILL)
        super().calculate(atoms, properties, system_changes)


def make_suicidal() -> Suicidal:
    return Suicidal()


def test_a_killed_worker_costs_its_own_task_only(tmp_path: Path) -> None:
    flow = workflow(calculator="tests.pipeline.test_driver:make_suicidal")
    rows, _ = drive(tmp_path / "a.db", protocols(flow), jobs=2)
    outcome = {row.ion: row for row in rows}
    assert outcome["Li"].status == "ok"
    assert outcome["K"].status == "failed"
    assert "worker process died" in outcome["K"].reason


def test_in_one_process_a_result_is_stored_before_the_next_task_starts(
    tmp_path: Path, monkeypatch
) -> None:
    store, lost = open_store(str(tmp_path / "a.db"), create=True), []
    execute, before = dispatcher.execute, []

    def watched(task):
        lost.extend(key for key in before if store.find(key) is None)
        before.append(task.key)
        return execute(task)

    monkeypatch.setattr(dispatcher, "execute", watched)
    Driver(store, lambda: make_executor(1), 1, lambda _: None).run(protocols(workflow(**BARRIER)))
    assert len(before) > 9
    assert not lost


def test_the_database_opens_with_ase_and_holds_energies_and_forces(tmp_path: Path) -> None:
    drive(tmp_path / "a.db", protocols(workflow()))
    database = connect(tmp_path / "a.db")
    entry = next(database.select(kind="adsorption", tag_ion="Li"))
    assert entry.toatoms().get_potential_energy() == pytest.approx(entry.energy)
    assert entry.status == "done"


def test_percolation_finds_one_hop_between_hollows_and_knows_saddles_from_minima(
    tmp_path: Path,
) -> None:
    flow = workflow(
        **TIGHT, descriptors={"barrier": {"path": "percolating", "images": 3, "fmax": 1e-4}}
    )
    rows, tally = drive(tmp_path / "a.db", protocols(flow, square(repeat=3)))
    for row in rows:
        assert [hop.hop for hop in row.table("hops")] == ["hollow-1 -> hollow-1"]
        assert row.table("hops")[0].multiplicity == 18
        assert row["barrier_ev"] == pytest.approx(BARRIER_EV, abs=1e-6)
        assert row["barrier_easy_ev"] == pytest.approx(BARRIER_EV, abs=1e-6)
        assert row["attempt_thz"] is not None
    assert (tally.done["half-band"], tally.done["barrier"]) == (2, 0)


def test_a_cluster_has_no_ion_distance_and_a_row_all_the_same(tmp_path: Path) -> None:
    atoms = square_host()
    atoms.pbc = False
    cluster = replace(square("cluster"), atoms=atoms, geometry="cluster")
    rows, _ = drive(tmp_path / "a.db", protocols(workflow(ions=("Li",)), cluster))
    assert [row["ion_distance_a"] for row in rows] == [None]
    assert rows[0]["e_ads_ev"] is not None
    assert open_store(str(tmp_path / "a.db")).rows() == rows


def test_host_facts_cost_no_force_call_and_say_why_one_does_not_apply(tmp_path: Path) -> None:
    plain = protocols(workflow(ions=("Li",)))
    facts = protocols(workflow(ions=("Li",), descriptors={"host": {}}))
    _, before = drive(tmp_path / "a.db", plain)
    (row,), after = drive(tmp_path / "b.db", facts)
    assert after.force_calls == before.force_calls
    assert row.status == "ok"
    assert row["capacity_mah_g"] == pytest.approx(26801.4 / (4 * 63.546), rel=1e-4)
    assert row["misfit"] is not None
    assert row["delta_chi"] is None
    assert "doping: " in " ".join(row.notes)
