"""The way through a coating, in worlds with known barriers and with a pretrained potential."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes

from screening.builders import load_catalogue
from screening.calculators import resolve
from screening.descriptors import Context, Found, Pair
from screening.descriptors.bound import Bound
from screening.descriptors.through import Through, through
from screening.evaluate.task import Engine
from screening.pipeline.run import run
from screening.pipeline.tasks import execute
from screening.pipeline.workflow import Workflow
from screening.resources import shipped
from screening.structure import Candidate
from tests.toys import METAL_EV, METAL_LATTICE_A

MAKER = "tests.pipeline.test_through:make_salt"
A = 4.0262
"""Of LiF in the catalogue, Å."""
DEPTH_EV, WIDTH_A = 2.0, 0.55
WAVE_EV = 0.35
HOST_EV = -3.0


class Salt(Calculator):
    """Rigid LiF whose lithium sits in Gaussian wells; other ions feel a cubic wave.

    The wave has its minima in the voids at (1/4, 1/4, 1/4) and its saddles half-way between them.
    """

    implemented_properties = ("energy", "forces", "stress")

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes) -> None:
        super().calculate(atoms, properties, system_changes)
        forces = np.zeros((len(atoms), 3))
        fluorine = atoms.positions[atoms.numbers == 9]
        energy = HOST_EV * len(fluorine)
        ions = np.flatnonzero(atoms.numbers != 9)
        if not len(fluorine):
            lattice = (2 * atoms.get_volume() / len(atoms)) ** (1 / 3)
            ideal = METAL_LATTICE_A[atoms.symbols[0]]
            energy = len(atoms) * (METAL_EV + 0.5 * (lattice - ideal) ** 2)
            ions = ions[:0]
        for index in ions:
            offset = atoms.positions[index] - fluorine[0]
            part, force = _wells(offset) if atoms.numbers[index] == 3 else _wave(offset)
            energy += part
            forces[index] = force
        self.results = {"energy": float(energy), "forces": forces, "stress": np.zeros(6)}


def _wells(offset: np.ndarray) -> tuple[float, np.ndarray]:
    grid = np.stack(np.meshgrid(*[range(-3, 4)] * 3), -1).reshape(-1, 3)
    centre = 2 * offset / A
    sites = np.rint(centre) + grid
    sites = sites[sites.sum(axis=1) % 2 == 1] * A / 2  # lithium is at odd sums of half edges
    away = offset - sites
    depths = -DEPTH_EV * np.exp(-(away**2).sum(axis=1) / (2 * WIDTH_A**2))
    return float(depths.sum()), (depths[:, None] * away / WIDTH_A**2).sum(axis=0)


def _wave(offset: np.ndarray) -> tuple[float, np.ndarray]:
    k = 4 * np.pi / A
    return float(WAVE_EV * (1 + np.cos(k * offset)).sum()), WAVE_EV * k * np.sin(k * offset)


def make_salt() -> Salt:
    return Salt()


def found(ion: str, recipe: dict[str, Any], **settings: Any) -> Found:
    """Run the descriptor's tasks one by one; only the bulk metal comes before it."""
    engine = Engine(MAKER, "none", {}, resolve(MAKER).level())
    host = Candidate("coating", "salt", "slab", bulk("Cu"), recipe)
    pair = Pair(host, ion, Context(engine))
    metal = pair.state(execute(pair.metal_task()))
    steps = through(Through(**settings), pair, Bound(metal, metal, (), ()))
    tasks = next(steps, None)
    while tasks is not None:
        try:
            tasks = steps.send([execute(task) for task in tasks])
        except StopIteration as end:
            return end.value
    raise AssertionError("a generator that ends at once has no value to look at")


SALT = {"builder": "salt", "parameters": {"crystal": "LiF", "miller": [1, 0, 0]}}
QUICK = {"least_a": 5.0, "images": 1, "fmax": 1e-4, "max_steps": 300}


def test_a_vacancy_hops_from_well_to_well() -> None:
    row = found("Li", SALT, **QUICK)
    site, saddle = np.array([A / 2, 0, 0]), np.array([A / 4, A / 4, 0])
    height = _wells(saddle)[0] - _wells(site)[0]
    assert row.values["e_through_ev"].number == pytest.approx(height, abs=1e-6)
    assert row.values["vacancy_ev"] == row.values["e_through_ev"]
    assert "interstitial_ev" not in row.values
    assert row.values["through_path"].value == "vacancy 1-1, 2.85 Å"
    assert "e_defect_ev" not in row.values  # of an insulator
    (passage,) = row.details["passages"]
    assert passage.forward_ev == pytest.approx(passage.reverse_ev, abs=1e-6)
    # The atom that is missing is in the bulk metal; what is added falls into a well.
    assert passage.defect_ev == pytest.approx(METAL_EV - _wells(site)[0], abs=1e-3)
    assert row.notes == ("through: interstitial: it stays at no place",)


def test_an_ion_that_the_coating_does_not_hold_goes_from_void_to_void() -> None:
    row = found("K", SALT, **QUICK)
    assert row.values["e_through_ev"].number == pytest.approx(2 * WAVE_EV, abs=1e-6)
    assert row.values["through_path"].value == "interstitial 1-1, 2.01 Å"
    assert "e_frenkel_ev" not in row.values
    assert {passage.mechanism for passage in row.details["passages"]} == {"interstitial"}


def test_a_path_that_does_not_converge_leads_nowhere() -> None:
    row = found("K", SALT, **{**QUICK, "max_steps": 1})
    assert "e_through_ev" not in row.values
    assert any("no known path leads out" in lack for lack in row.lacks)
    assert all("not converged" in passage.reason for passage in row.details["passages"])


@pytest.mark.parametrize(
    ("recipe", "why"),
    [
        ({"builder": "metal", "parameters": {"element": "Li", "miller": [1, 1, 0]}}, "the metal's"),
        ({"builder": "surface-alloy", "parameters": {"element": "Cu", "guest": "Zn"}}, "no layer"),
        ({"builder": "graphite", "parameters": {}}, "dispersion"),
        ({"builder": "mxene", "parameters": {}}, "cuts no crystal"),
    ],
)
def test_hosts_without_a_crystal_to_cross_say_so(recipe: dict[str, Any], why: str) -> None:
    host = Candidate("host", "metal", "slab", bulk("Cu"), recipe)
    engine = Engine(MAKER, "none", {}, resolve(MAKER).level())
    steps = through(Through(), Pair(host, "Li", Context(engine)), None)
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert why in end.value.value.notes[0]
    assert not end.value.value.lacks


@pytest.mark.potential
def test_sodium_moves_through_its_sulphide_by_vacancies(tmp_path: Path) -> None:
    flow = Workflow(
        name="through",
        calculator="sevennet",
        candidates=("na2s-111",),
        ions=("Na",),
        descriptors={"adsorption": {"max_sites": 1}, "through": {}, "insulation": {}},
    )
    catalogue = load_catalogue(shipped("structures"))
    (row,) = run(flow, catalogue, str(tmp_path / "a.db"), jobs=1).rows
    assert 0.05 < row["e_through_ev"] < 0.8
    assert row["e_frenkel_ev"] > 0.5
    carried = row["interstitial_ev"] + row["e_frenkel_ev"] / 2  # they come in pairs with vacancies
    assert row["e_through_ev"] == pytest.approx(min(row["vacancy_ev"], carried), abs=1e-9)
    vacancy = next(p for p in row.table("passages") if p.mechanism == "vacancy")
    assert vacancy.forward_ev == pytest.approx(vacancy.reverse_ev, abs=0.02)
    assert row["gap_ev"] is None
    assert "states no band gap" in row.reason
