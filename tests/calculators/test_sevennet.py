from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene

from screening.calculators import resolve
from screening.calculators.contract import check_calculator
from screening.calculators.models import MPTRJ_ELEMENTS
from screening.evaluate.potential import Potential

pytestmark = pytest.mark.potential
pytest.importorskip("sevenn")


@pytest.fixture(scope="module")
def calculator():
    return resolve("sevennet").make()


def rattled_sheets() -> list[Atoms]:
    sheets = []
    for seed in range(3):
        sheet = graphene(size=(2, 2, 1), vacuum=8.0)
        sheet.append("Li")
        sheet.positions[-1] = sheet.positions[seed] + [0.3, 0.1, 2.0]
        sheet.rattle(0.05, seed=seed)
        sheets.append(sheet)
    return [*sheets, bulk("Na")]


def test_listed_elements_are_those_of_the_model(calculator) -> None:
    assert {Atoms([z]).symbols[0] for z in calculator.type_map} == MPTRJ_ELEMENTS


def test_weights_are_hashed() -> None:
    weights = [
        resolve(f"sevennet:{m}").level().weights for m in ("7net-0", "7net-l3i5", "7net-mf-0")
    ]
    assert len(set(weights)) == 3
    assert all(len(text) == 16 for text in weights)


@pytest.mark.parametrize("limit", [1, 10, 1000])
def test_a_batch_gives_what_single_structures_give(calculator, monkeypatch, limit: int) -> None:
    monkeypatch.setattr("screening.calculators.sevennet_engine.MAX_ATOMS", {"cpu": limit})
    sheets = rattled_sheets()
    for atoms, point in zip(sheets, Potential(calculator).compute(sheets), strict=True):
        assert point.energy_ev == pytest.approx(calculator.get_potential_energy(atoms), abs=1e-4)
        assert np.abs(point.forces - calculator.get_forces(atoms)).max() < 1e-4


def test_contract(calculator) -> None:
    assert check_calculator(calculator, ["C", "Li", "Ti"]) == []


def test_fidelity_of_the_multi_fidelity_model_is_pbe() -> None:
    assert resolve("sevennet:7net-mf-0").make().modal == "PBE"
