"""A dry run counts what a run would do, and stays quick for thousands of hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.builders import load_catalogue
from screening.errors import InputError
from screening.pipeline import plan as planning
from screening.pipeline.run import run
from tests.engines import needs
from tests.pipeline.toolbox import workflow, write_square


@pytest.fixture
def structures(tmp_path: Path) -> Path:
    write_square(tmp_path / "structures")
    return tmp_path / "structures"


def test_the_plan_counts_the_tasks_that_the_run_then_does(structures: Path) -> None:
    flow = workflow(descriptors={"barrier": {"ions": ["Li"], "images": 3}})
    catalogue = load_catalogue(structures)
    planned = planning.plan(flow, catalogue, jobs=1)
    done = run(flow, catalogue, str(structures.parent / "a.db"), 1).tally.done
    # Whether symmetry halves a band is known once its ends are relaxed.
    done["barrier"] += done.pop("half-band")
    # So is what lies between the ends of a hop, and has to be looked at.
    assert 0 < done.pop("modes") <= planned.tasks["modes"]
    assert {kind: n for kind, n in planned.tasks.items() if kind != "modes"} == done
    assert (planned.candidates, planned.pairs) == (1, 2)
    assert planned.seconds > 0


def test_max_sites_adds_one_evaluation_of_all_sites(structures: Path) -> None:
    flow = workflow(descriptors={"adsorption": {"max_sites": 1}})
    planned = planning.plan(flow, load_catalogue(structures), jobs=1)
    assert planned.tasks == {"metal": 2, "host": 1, "points": 2, "adsorption": 2}


def test_the_metals_surfaces_are_planned_once_for_all_hosts(structures: Path) -> None:
    surface = {"layers": (5, 7, 9, 11), "metal": True}
    flow = workflow(descriptors={"adsorption": {"max_sites": 1}, "surface": surface})
    # Three slabs of each of three planes of each of two metals, and those of the one host.
    assert planning.plan(flow, load_catalogue(structures), jobs=1).tasks["slab"] == 3 * 3 * 2 + 4


@needs("sevenn")
def test_sites_are_counted_on_a_few_hosts_of_a_kind_only(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "structures").mkdir()
    (tmp_path / "structures" / "sheets.yaml").write_text(
        "id: sheet\nbuilder: graphene\nparameters: {size: [3, 3], motif: graphitic}\n"
        "matrix: {dopant: [B, N, O, F, S, P, Si]}\n"
    )
    counted = []
    real = planning.find_sites
    monkeypatch.setattr(planning, "find_sites", lambda *a: counted.append(1) or real(*a))
    flow = workflow(candidates=("sheet-*",), calculator="emt", ions=("Li",))
    catalogue = load_catalogue(tmp_path / "structures")
    with pytest.raises(InputError, match=r"emt.*does not know B"):
        planning.plan(flow, catalogue, jobs=1)
    planned = planning.plan(flow.override(calculator="sevennet"), catalogue, jobs=1)
    assert planned.candidates == 7
    assert len(counted) == planning.SAMPLE


def test_nothing_is_written(structures: Path) -> None:
    before = sorted(structures.parent.rglob("*"))
    planning.plan(workflow(), load_catalogue(structures), jobs=2)
    assert sorted(structures.parent.rglob("*")) == before
