from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk

from screening.calculators import resolve
from screening.calculators.contract import check_calculator

pytestmark = pytest.mark.potential
pytest.importorskip("chgnet")


def test_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_calculator(resolve("chgnet"), ["C", "Li"]) == []
    assert capsys.readouterr().out == ""


def test_functional_follows_the_model() -> None:
    assert resolve("chgnet").level().functional == "PBE"
    assert resolve("chgnet:r2scan").level().functional == "r2SCAN"


@pytest.mark.parametrize("edges", [1, 10**6])
def test_a_batch_gives_what_single_structures_give(edges: int) -> None:
    calculator = resolve("chgnet", options={"device": "cpu"}).make()
    calculator.passes.edges = edges
    cells = [bulk("Na"), bulk("LiF", "rocksalt", a=4.0, cubic=True), bulk("Cu", cubic=True)]
    for seed, cell in enumerate(cells):
        cell.rattle(0.05, seed=seed)
    for cell, point in zip(cells, calculator.compute_batch(cells), strict=True):
        assert point.energy_ev == pytest.approx(calculator.get_potential_energy(cell), abs=1e-5)
        assert np.abs(point.forces - calculator.get_forces(cell)).max() < 1e-5


def test_the_device_is_no_part_of_the_level() -> None:
    levels = [resolve("chgnet", options={"device": d}).level() for d in ("auto", "cpu", "cuda")]
    assert len({level.fingerprint for level in levels}) == 1
