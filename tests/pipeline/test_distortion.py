"""What an ion costs a host on springs of known stiffness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.constraints import FixAtoms

from screening.descriptors import Row
from screening.structure import Candidate
from tests.pipeline.test_driver import TIGHT, drive
from tests.pipeline.toolbox import protocols, square, workflow
from tests.toys import EggBox

STIFFNESS_EV_A2 = 4.0
PULL_EV_A = 0.4
PLANE_A = 10.0
FREE_ATOMS = 3


class Springs(EggBox):
    """Host atoms on springs along z, all pulled up alike once an ion is there."""

    hidden_ev = 0.0

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        host = np.flatnonzero(atoms.numbers == 29)
        if not len(host):
            return
        pull = PULL_EV_A if len(host) < len(atoms) else 0.0
        stretch = atoms.positions[host, 2] - PLANE_A
        self.results["energy"] += 0.5 * STIFFNESS_EV_A2 * (stretch**2).sum() - pull * stretch.sum()
        self.results["forces"][host, 2] += pull - STIFFNESS_EV_A2 * stretch
        if not pull and np.abs(stretch).max() > 0.05:
            self.results["energy"] -= self.hidden_ev


class Hidden(Springs):
    hidden_ev = 1.0


def make_springs() -> Springs:
    return Springs()


def make_hidden() -> Hidden:
    return Hidden()


def screened(tmp_path: Path, maker: str) -> tuple[Row, dict[str, int]]:
    host = square().atoms.copy()
    host.set_constraint(FixAtoms([0]))
    flow = workflow(
        ions=("Li",),
        calculator=f"tests.pipeline.test_distortion:{maker}",
        descriptors={"distortion": {}},
        **TIGHT,
    )
    pair = protocols(flow, Candidate("square", "metal", "slab", host, {"id": "square"}))
    (row,), tally = drive(tmp_path / "a.db", pair)
    return row, tally.done


def test_the_cost_is_the_energy_in_the_springs_for_one_evaluation(tmp_path: Path) -> None:
    row, done = screened(tmp_path, "make_springs")
    expected = FREE_ATOMS * 0.5 * PULL_EV_A**2 / STIFFNESS_EV_A2
    assert row["host_distortion_ev"] == pytest.approx(expected, abs=1e-6)
    assert done["points"] == 1
    assert row.force_calls["distortion"] == 1
    assert row.flags == ()


def test_a_host_that_the_ion_leads_to_a_deeper_minimum_is_flagged(tmp_path: Path) -> None:
    row, _ = screened(tmp_path, "make_hidden")
    assert row["host_distortion_ev"] < 0
    assert any("below its own minimum" in flag for flag in row.flags)


def test_a_rigid_host_is_not_distorted(tmp_path: Path) -> None:
    flow = workflow(ions=("Li",), descriptors={"distortion": {}}, **TIGHT)
    (row,), _ = drive(tmp_path / "a.db", protocols(flow))
    assert row["host_distortion_ev"] == pytest.approx(0.0, abs=1e-9)
