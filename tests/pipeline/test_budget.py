"""A budget is never overspent; what it leaves out is not computed, and comes next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from screening.builders import Catalogue, load_catalogue
from screening.pipeline.budget import Paid, Purse, preview
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.job import NotComputed
from screening.pipeline.run import Summary, run
from screening.pipeline.store import open_store
from tests.pipeline.toolbox import protocols, workflow, write_square

IONS = ("Li", "Na", "K")
SITES = 3
"""Sites of the square host: hollow, bridge, top."""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    write_square(tmp_path / "structures")
    return load_catalogue(tmp_path / "structures")


@pytest.fixture
def db(tmp_path: Path) -> str:
    return str(tmp_path / "a.db")


def screen(catalogue: Catalogue, db: str, budget: int | None, **changes: object) -> Summary:
    return run(workflow(ions=IONS, **changes), catalogue, db, 1, budget=budget)


def new(summary: Summary) -> int:
    """Adsorption tasks that were executed."""
    return summary.tally.done["adsorption"] + summary.tally.failed["adsorption"]


@pytest.mark.parametrize(("budget", "pairs"), [(1, 0), (2, 0), (3, 1), (5, 1), (6, 2), (50, 3)])
def test_pairs_are_taken_while_their_sites_fit(
    catalogue: Catalogue, db: str, budget: int, pairs: int
) -> None:
    done = screen(catalogue, db, budget)
    assert new(done) == SITES * pairs <= budget
    assert len(done.rows) == pairs
    assert done.spent is not None
    assert done.spent.tasks == new(done)
    assert len(done.spent.not_computed) == len(IONS) - pairs


def test_what_is_left_out_has_no_row_and_is_no_failure(catalogue: Catalogue, db: str) -> None:
    done = screen(catalogue, db, SITES)
    assert done.failed_rows == 0
    assert open_store(db).rows() == list(done.rows)


def test_the_same_command_goes_on_with_the_next_pairs(catalogue: Catalogue, db: str) -> None:
    ions: list[str] = []
    for count in (1, 2, 3):
        done = screen(catalogue, db, SITES)
        assert new(done) == SITES
        assert len(done.rows) == count
        ions += [row.ion for row in done.rows if row.ion not in ions]
    assert sorted(ions) == sorted(IONS)
    last = screen(catalogue, db, SITES)
    assert new(last) == 0
    assert last.spent is not None
    assert last.spent.not_computed == ()


def test_max_sites_makes_pairs_cheaper(catalogue: Catalogue, db: str) -> None:
    done = screen(catalogue, db, 2, descriptors={"adsorption": {"max_sites": 1}})
    assert new(done) == len(done.rows) == 2


def test_stored_tasks_cost_nothing(catalogue: Catalogue, db: str) -> None:
    screen(catalogue, db, None)
    richer = screen(catalogue, db, SITES, descriptors={"adsorption": {"max_points": 23}})
    assert new(richer) == 0
    assert len(richer.rows) == len(IONS)
    assert richer.spent is not None
    assert richer.spent.tasks == 0


def test_the_rows_are_those_of_a_run_without_a_budget(
    catalogue: Catalogue, db: str, tmp_path: Path
) -> None:
    within = screen(catalogue, db, 100).rows
    without = screen(catalogue, str(tmp_path / "b.db"), None).rows
    assert sorted(within, key=lambda row: row.ion) == sorted(without, key=lambda row: row.ion)


def test_a_preview_names_the_pairs_that_the_run_takes_and_writes_nothing(
    catalogue: Catalogue, db: str
) -> None:
    chosen, others = preview(workflow(ions=IONS), catalogue, db, 2 * SITES)
    assert not Path(db).exists()
    assert (len(chosen), others) == (2, 1)
    assert [choice.tasks for choice in chosen] == [SITES, SITES]
    done = screen(catalogue, db, 2 * SITES)
    assert {row.ion for row in done.rows} == {choice.protocol.ion for choice in chosen}


def test_a_relaxed_host_with_more_sites_than_expected_is_given_up_unpaid(db: str) -> None:
    store = open_store(db, create=True)
    purse = Purse(SITES - 1, store)
    driver = Driver(store, lambda: make_executor(1), 1, lambda _: None)
    pairs = [Paid(p.candidate, p.ion, p.context, p.wanted, purse) for p in protocols(workflow())]
    assert driver.run(pairs) == []
    assert driver.tally.done["adsorption"] == 0
    assert purse.left == SITES - 1
    assert store.rows() == []


def test_a_purse_pays_each_task_once_and_never_more_than_it_holds(db: str) -> None:
    (pair, other) = protocols(workflow())
    atoms = pair.candidate.atoms
    tasks = [pair.task("adsorption", (atoms,), {"n": n}) for n in range(2)]
    purse = Purse(2, open_store(db, create=True))
    purse.pay([*tasks, pair.metal_task(), pair.host_task(pair.candidate.atoms)])
    assert purse.left == 0
    purse.pay([replace(task, tags={"ion": other.ion}) for task in tasks])
    with pytest.raises(NotComputed):
        purse.pay([pair.task("adsorption", (atoms,), {"n": 9})])
