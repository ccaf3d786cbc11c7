"""A sheet that relaxed flat is tried out of plane before any ion is put on it."""

from __future__ import annotations

import numpy as np
import pytest
from ase.calculators.calculator import all_changes

from screening.evaluate.task import Task
from screening.pipeline.protocol import Protocol
from screening.pipeline.tasks import execute
from screening.structure import Candidate
from tests.pipeline.toolbox import TOY, protocols, workflow
from tests.toys import EggBox, square_host

DEPTH_EV = 0.05
"""Of the two wells of a host atom, beside the plane."""
WELL_A = 0.2
DOUBLE_WELL = "tests.pipeline.test_flat_hosts:make_double_well"


class DoubleWell(EggBox):
    """The egg box, whose host atoms lie lower beside their common plane than in it."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes) -> None:
        super().calculate(atoms, properties, system_changes)
        host = np.flatnonzero(atoms.symbols == "Cu")
        if not len(host):
            return
        u = (atoms.positions[host, 2] - atoms.positions[host, 2].mean()) / WELL_A
        slopes = 4 * DEPTH_EV * u * (u**2 - 1) / WELL_A
        self.results["energy"] += float(DEPTH_EV * ((u**2 - 1) ** 2).sum())
        self.results["forces"][host, 2] -= slopes - slopes.mean()


def make_double_well() -> DoubleWell:
    return DoubleWell()


def sheet() -> Candidate:
    atoms = square_host()
    atoms.set_constraint()
    return Candidate("sheet", "metal", "sheet", atoms, {"id": "sheet"})


def batches(calculator: str) -> list[list[Task]]:
    """Tasks up to the first with an ion."""
    flow = workflow(calculator=calculator, ions=("Li",), relax={"fmax": 1e-3, "max_steps": 300})
    (protocol,) = protocols(flow, sheet())
    assert isinstance(protocol, Protocol)
    steps, found = protocol.steps(), []
    batch = next(steps)
    while batch[0].kind in {"metal", "host"}:
        found.append(batch)
        batch = steps.send([execute(task) for task in batch])
    return [*found, batch]


def height(task: Task) -> float:
    return float(np.ptp(task.structures[0].positions[:4, 2]))


def test_a_sheet_that_is_lower_out_of_plane_is_taken_there() -> None:
    first, second, adsorption = batches(DOUBLE_WELL)
    assert [task.kind for task in (*first, *second)] == ["metal", "host", "host"]
    assert height(first[1]) == 0.0
    assert height(second[0]) > 0.0
    assert height(adsorption[0]) == pytest.approx(2 * WELL_A, rel=0.3)


def test_a_sheet_that_gains_nothing_stays_as_it_was() -> None:
    *_, second, adsorption = batches(TOY)
    assert height(second[0]) > 0.0
    assert height(adsorption[0]) == 0.0
