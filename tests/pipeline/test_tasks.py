"""A task's key depends on what decides its answer, and on nothing else."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from ase.constraints import FixAtoms

from screening.evaluate.task import Task
from screening.pipeline.tasks import execute
from tests.pipeline.graphene_world import sheet
from tests.pipeline.toolbox import engine
from tests.toys import METAL_EV, square_host

SETTINGS = {"fmax": 0.05, "max_steps": 10}


def host_task(**changes: object) -> Task:
    return replace(Task("host", engine(), (square_host(),), SETTINGS), **changes)


def test_equal_content_has_an_equal_key_whatever_the_tags() -> None:
    assert host_task().key == host_task(tags={"candidate": "another name"}).key
    assert host_task().key == pickle.loads(pickle.dumps(host_task())).key  # noqa: S301 (our own bytes)


def _moved():
    atoms = square_host()
    atoms.positions[0, 0] += 1e-3
    return atoms


def _unfixed():
    atoms = square_host()
    atoms.set_constraint(FixAtoms([0]))
    return atoms


def _stretched():
    atoms = square_host()
    atoms.cell[0] *= 1.001
    return atoms


@pytest.mark.parametrize(
    "change",
    [
        {"structures": (_moved(),)},
        {"structures": (_unfixed(),)},
        {"structures": (_stretched(),)},
        {"settings": {"fmax": 0.04, "max_steps": 10}},
        {"kind": "adsorption"},
        {"engine": engine("emt")},
    ],
)
def test_whatever_decides_the_answer_changes_the_key(change: dict[str, object]) -> None:
    assert host_task(**change).key != host_task().key


def test_the_sign_of_zero_does_not_change_the_key() -> None:
    atoms = square_host()
    atoms.positions[atoms.positions == 0] = -0.0
    assert np.signbit(atoms.positions).any()
    assert host_task(structures=(atoms,)).key == host_task().key


def test_a_metal_task_returns_the_energy_of_the_bulk() -> None:
    result = execute(Task("metal", engine(), settings={"ion": "Na"}))
    assert not result.failed
    assert result.energy_ev == pytest.approx(METAL_EV, abs=1e-6)
    assert result.force_calls > 3


def latent_task(name: str) -> Task:
    return Task("latent", engine(f"tests.pipeline.graphene_world:make_{name}"), (sheet().atoms,))


def test_a_latent_task_returns_features_that_json_can_hold_and_what_they_cost() -> None:
    result = execute(latent_task("seeing"))
    assert not result.failed
    assert json.loads(json.dumps(result.data["latent"])) == [[18.0, 0.0, 0.0]]
    assert (result.force_calls, result.energy_ev) == (1, None)


def test_a_latent_task_of_an_engine_that_has_none_says_so_and_does_not_fail() -> None:
    result = execute(latent_task("graphene"))
    assert not result.failed
    assert result.data["latent"] is None


def test_a_latent_task_that_fails_has_a_reason() -> None:
    assert "not finite" in execute(latent_task("blind")).reason


def test_a_failure_is_a_result_with_the_reason_and_what_it_cost() -> None:
    atoms = square_host()
    atoms.append("Li")
    atoms.positions[-1] = (1.5, 1.5, 13.5)
    result = execute(Task("adsorption", engine(), (atoms,), {"fmax": 1e-9, "max_steps": 2}))
    assert result.failed
    assert "not converged after 2 steps" in result.reason
    assert result.force_calls == 3
    assert result.atoms is not None


def test_an_engine_that_breaks_does_not_raise() -> None:
    broken = replace(engine(), name="tests.toys:no_such_factory")
    result = execute(Task("metal", broken, settings={"ion": "Li"}))
    assert "no_such_factory" in result.reason
