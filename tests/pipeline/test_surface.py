"""The surface stage: the metal's planes once for all hosts, the host's own if it has any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ase.build import bulk

from screening.builders import load_catalogue
from screening.descriptors import Row
from screening.descriptors.bound import Bound
from screening.descriptors.reference import RelaxedState
from screening.descriptors.slabs import METAL_LAYERS
from screening.descriptors.surface import Surface, alkali_face, surface
from screening.errors import InputError
from screening.evaluate.task import Task, TaskResult
from screening.pipeline.tasks import execute
from screening.pipeline.workflow import load_workflow
from screening.resources import default_structures
from screening.structure import Candidate
from tests.pipeline.toolbox import protocols, workflow
from tests.wells import LATTICE_A, gamma_j_m2

WELLS = "tests.wells:make_wells"
CATALOGUE = load_catalogue(default_structures())


def finish(
    candidate: Candidate, ion: str = "Li", calculator: str = WELLS, breaks: str = "", **settings
) -> tuple[Row, list[Task]]:
    """Run the stage alone; tasks whose label holds `breaks` fail."""
    (pair,) = protocols(workflow(calculator=calculator, ions=(ion,)), candidate)
    level = pair.context.engine.level
    metal = RelaxedState(bulk(ion, "bcc", a=LATTICE_A[ion]), -1.0, True, level)
    host = RelaxedState(candidate.atoms, 0.0, True, level)
    start = replace(pair.failure(""), status="ok")
    steps = surface(Surface(**settings), pair, Bound(host, metal, (), ()))
    done: list[Task] = []
    results: list[TaskResult] | None = None
    while True:
        try:
            batch = steps.send(results)  # type: ignore[arg-type]
        except StopIteration as end:
            return start.with_found(end.value), done
        results = [
            TaskResult(task.key, task.kind, "it broke")
            if breaks and breaks in task.label
            else execute(task)
            for task in batch
        ]
        done += batch


@pytest.mark.parametrize("ion", ["Li", "Na", "K"])
def test_the_metals_planes_and_their_wulff_average_by_counting_bonds(ion: str) -> None:
    row, tasks = finish(CATALOGUE.build("graphene"), ion, metal=True)
    expected = [gamma_j_m2(ion, plane) for plane in ("110", "100", "111")]
    assert row["gamma_metal_faces_j_m2"] == pytest.approx(expected, abs=1e-6)
    assert row["gamma_metal_j_m2"] == pytest.approx(expected[0], abs=1e-6)
    assert row["gamma_metal_spread_j_m2"] == pytest.approx(0, abs=1e-6)
    assert len(tasks) == 9


def test_a_sheet_has_no_surface_energy_and_lacks_nothing() -> None:
    row, tasks = finish(CATALOGUE.build("graphene"))
    assert (row.status, row["gamma_j_m2"], tasks) == ("ok", None, [])
    assert row.notes == ("surface energy: a sheet is no cut of a crystal",)


@pytest.mark.parametrize("plane", ["110", "100", "111"])
@pytest.mark.parametrize("ion", ["Li", "K"])
def test_an_alkali_host_is_measured_like_the_metal_that_plates(plane: str, ion: str) -> None:
    """At the engine's own lattice constant, whatever ion is on it."""
    row, tasks = finish(CATALOGUE.build(f"li-{plane}"), ion, layers=(5, 7, 9))
    assert row["gamma_metal_j_m2"] is None
    assert row["gamma_j_m2"] == pytest.approx(gamma_j_m2("Li", plane), abs=1e-6)
    assert [len(t.structures[0]) for t in tasks if t.kind == "slab"] == list(METAL_LAYERS[plane])


@pytest.mark.parametrize("host", ["li-110", "na-100", "k-111"])
def test_a_face_has_one_surface_energy_in_a_row(host: str) -> None:
    metal, plane = host.split("-")
    row, tasks = finish(CATALOGUE.build(host), metal.title(), metal=True)
    at = list(METAL_LAYERS).index(plane)
    assert row["gamma_j_m2"] == row["gamma_metal_faces_j_m2"][at]
    slabs = [task.key for task in tasks if task.kind == "slab"]
    assert len(slabs) - len(set(slabs)) == 3, "the host's slabs are those of the metal"


def test_a_host_of_another_metal_keeps_its_own_lattice_constant() -> None:
    assert alkali_face(CATALOGUE.build("cu-111")) is None
    assert alkali_face(CATALOGUE.build("graphene")) is None
    assert alkali_face(CATALOGUE.build("na-110")) == ("Na", "110")


def test_the_metals_slabs_are_the_same_tasks_for_all_hosts_and_the_hosts_for_all_ions() -> None:
    def keys(host: str, ion: str, *, metal: bool) -> set[str]:
        _, tasks = finish(CATALOGUE.build(host), ion, breaks="slab", metal=metal)
        return {task.key for task in tasks}

    assert keys("graphene", "Li", metal=True) == keys("ti2co2", "Li", metal=True)
    assert keys("graphene", "Li", metal=True).isdisjoint(keys("graphene", "K", metal=True))
    assert keys("na-100", "Li", metal=False) == keys("na-100", "K", metal=False)


def test_a_slab_that_fails_leaves_the_value_missing_with_the_reason() -> None:
    row, _ = finish(CATALOGUE.build("li-100"), breaks="bcc111", metal=True)
    assert row.status == "partial"
    assert row.reason == "surface energy of Li: it broke"
    assert row["gamma_metal_j_m2"] is None
    assert row["gamma_metal_faces_j_m2"] is None
    assert row["gamma_j_m2"] is not None


def test_the_host_is_not_changed() -> None:
    host = CATALOGUE.build("li-100")
    before = host.atoms.copy()
    finish(host, metal=True)
    assert host.atoms == before


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("{layers: [5, 7]}", "surface.layers"),
        ("{layers: [9, 7, 5]}", "surface.layers"),
        ("{layers: [1, 3, 5]}", "surface.layers"),
        ("{layers: [5, 7, 99]}", "surface.layers"),
        ("{metal: 1}", "surface.metal"),
        ("{metal: Li}", "surface.metal"),
        ("{metals: true}", "surface.metals: unknown key"),
    ],
)
def test_wrong_settings_are_refused_by_name(tmp_path: Path, line: str, place: str) -> None:
    path = tmp_path / "w.yaml"
    path.write_text(f"name: w\ncandidates: [a]\ndescriptors: {{surface: {line}}}\n")
    with pytest.raises(InputError, match=place):
        load_workflow(path)


def test_the_shipped_workflow_asks_for_the_metals() -> None:
    flow = load_workflow(Path(__file__).parents[2] / "workflows" / "surfaces.yaml")
    assert flow.descriptors.surface is not None
    assert flow.descriptors.surface.metal is True
