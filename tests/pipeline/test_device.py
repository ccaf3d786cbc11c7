from __future__ import annotations

from collections.abc import Iterator

import pytest
from ase import Atoms
from ase.build import bulk, graphene

from screening.calculators import resolve
from screening.errors import InputError
from screening.evaluate.task import Engine, Task
from screening.pipeline.device import DeviceExecutor
from screening.pipeline.executor import make_executor
from screening.pipeline.tasks import execute

pytestmark = pytest.mark.potential
pytest.importorskip("sevenn")
RELAX = {"fmax": 0.05, "max_steps": 60}


def engine(name: str = "sevennet") -> Engine:
    return Engine(name, "none", {}, resolve(name).level())


def tasks() -> list[Task]:
    """Of several kinds, hosts and settings; one cannot be computed."""
    cell = bulk("Cu", cubic=True)
    cell.rattle(0.05, seed=1)
    found = [
        Task("metal", engine(), (), {"ion": "Li"}),
        Task("host", engine(), (cell,), RELAX),
        Task("points", engine(), (bulk("Na"), bulk("Cu")), {}),
        Task("latent", engine(), (bulk("Na"),), {}),
        Task("host", engine(), (Atoms("Rn"),), RELAX),
    ]
    for site in range(3):
        sheet = graphene(size=(2, 2, 1), vacuum=7.0)
        sheet.append("Li")
        sheet.positions[-1] = sheet.positions[site] + [0.3, 0.1, 2.2]
        found.append(Task("adsorption", engine(), (sheet,), {**RELAX, "soft": [8]}))
    return found


@pytest.fixture
def executor() -> Iterator[DeviceExecutor]:
    made = DeviceExecutor(jobs=8, cores=2)
    yield made
    made.shutdown()


def test_tasks_that_share_a_card_give_what_they_give_alone(executor: DeviceExecutor) -> None:
    futures = [executor.submit(execute, task) for task in tasks()]
    shared = [future.result(120) for future in futures]  # an engine serves one thread at a time
    for task, together in zip(tasks(), shared, strict=True):
        alone = execute(task)
        assert together.key == task.key
        assert together.reason == alone.reason
        assert together.converged == alone.converged
        assert (together.energy_ev is None) == (alone.energy_ev is None)
        if alone.energy_ev is not None:
            assert together.energy_ev == pytest.approx(alone.energy_ev, abs=5e-3)
            assert together.force_calls >= 1


def test_an_engine_that_evaluates_no_batches_computes_task_by_task(
    executor: DeviceExecutor,
) -> None:
    task = Task("host", engine("emt"), (bulk("Cu", cubic=True),), RELAX)
    assert executor.submit(execute, task).result(60).converged


def test_shares_of_time_add_up_to_no_more_than_the_time_it_took(executor: DeviceExecutor) -> None:
    results = [f.result(120) for f in [executor.submit(execute, task) for task in tasks()]]
    assert all(0 <= r.force_seconds <= r.seconds + 1e-6 for r in results)


def test_a_time_limit_is_refused_on_a_card() -> None:
    with pytest.raises(InputError, match="cannot be ended"):
        make_executor(8, 60.0, "cuda")
