"""A way over another minimum is two hops, and the top of a path is a saddle or is flagged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms

from screening.descriptors import Found, Row
from screening.descriptors.barrier import saddle_checked
from screening.descriptors.bound import Bound
from screening.descriptors.reference import RelaxedState
from screening.evaluate.task import TaskResult
from screening.pipeline.tasks import execute
from tests.pipeline.test_driver import TIGHT, drive
from tests.pipeline.toolbox import protocols, square, workflow
from tests.toys import CORRUGATION_EV, HEIGHT_A, LATTICE_A, METAL_LATTICE_A, EggBox

DIP_EV = 0.1
"""D' of ``−D' (cos 2kx + cos 2ky)`` beside ``D (cos kx + cos ky)``: the bridge becomes a minimum,
2D above the hollow, and the saddles between the two lie at D²/8D' + D' (one axis)."""
SADDLE_EV = CORRUGATION_EV**2 / (8 * DIP_EV) + DIP_EV + CORRUGATION_EV + DIP_EV
OVER_THE_BRIDGE_EV = 2 * CORRUGATION_EV
K = 2 * np.pi / LATTICE_A


class TwoMinima(EggBox):
    """The egg box with a dip on its bridges."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = np.isin(atoms.symbols, list(METAL_LATTICE_A))
        if ions.all():
            return
        host = atoms.positions[~ions]
        origin = host[host[:, 2].argmax()]
        for index in np.flatnonzero(ions):
            x, y, _ = 2 * K * (atoms.positions[index] - origin)
            self.results["energy"] -= DIP_EV * (np.cos(x) + np.cos(y))
            slope = 2 * K * DIP_EV * np.array([np.sin(x), np.sin(y), 0.0])
            self.results["forces"][index] -= slope


def make_two_minima() -> TwoMinima:
    return TwoMinima()


def screened(folder: Path, calculator: str, **barrier: object) -> Row:
    flow = workflow(
        calculator=calculator,
        ions=("Li",),
        descriptors={"barrier": {"images": 3, "fmax": 1e-4, "max_steps": 500} | barrier},
        **TIGHT,
    )
    (row,), _ = drive(folder / "a.db", protocols(flow, square(repeat=3)))
    return row


@pytest.mark.parametrize("images", [1, 2, 3, 5])
def test_a_minimum_between_two_copies_ends_the_hop(tmp_path: Path, images: int) -> None:
    """Three images of a band over it would all lie in its basin and miss both saddles."""
    row = screened(tmp_path, "tests.pipeline.test_two_hops:make_two_minima", images=images)
    assert row["barrier_path"] == "hollow-1 -> bridge-1"
    assert row["barrier_ev"] == pytest.approx(SADDLE_EV, abs=1e-4)
    assert row["barrier_ev"] > OVER_THE_BRIDGE_EV + 0.1
    assert row.flags == ()


def test_it_costs_what_the_network_of_all_hops_finds(tmp_path: Path) -> None:
    maker = "tests.pipeline.test_two_hops:make_two_minima"
    hop = screened(tmp_path / "hop", maker)
    way = screened(tmp_path / "way", maker, path="percolating")
    assert hop["barrier_ev"] == pytest.approx(way["barrier_ev"], abs=1e-4)


def test_a_site_held_by_symmetry_alone_does_not_end_a_hop(tmp_path: Path) -> None:
    """The bridge of the plain egg box relaxes onto itself, and is the saddle."""
    row = screened(tmp_path, "tests.toys:make_egg_box")
    assert row["barrier_path"] == "hollow-1 -> hollow-1"
    assert row.flags == ()


@pytest.mark.parametrize(("over", "falling"), [((0.5, 0.5), 0), ((0.0, 0.5), 1), ((0.0, 0.0), 2)])
def test_the_top_of_a_path_falls_in_one_direction_or_is_flagged(over, falling: int) -> None:
    """Over the hollow of the egg box the ion falls nowhere, over the bridge to two sides, on top
    to all."""
    (pair,) = protocols(workflow(ions=("Li",)), square())
    host = RelaxedState(pair.candidate.atoms, 0.0, True, pair.context.engine.level)
    bound = Bound(host, host, (), ())
    x, y = (LATTICE_A * fraction for fraction in over)
    top = host.atoms + Atoms("Li", [host.atoms.positions[0] + [x, y, HEIGHT_A]])
    path = TaskResult("t", "barrier", atoms=top, energy_ev=1.0, data={"energies_ev": [0, 1.0, 0]})
    steps = saddle_checked(pair, bound, Found(), path)
    with pytest.raises(StopIteration) as end:
        steps.send([execute(task) for task in next(steps)])
    flags = end.value.value.flags
    assert flags == () if falling == 1 else f"{falling} falling" in flags[0]
