"""Layers of known energy: what a monolayer is worth on a flat wall."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from screening.builders import load_catalogue
from screening.calculators import resolve
from screening.descriptors import Row
from screening.errors import InputError
from screening.pipeline.plan import plan
from screening.pipeline.run import run
from screening.pipeline.store import open_store
from screening.pipeline.workflow import load_workflow
from screening.report.tables import on_engine_scale
from screening.surrogate.correction import Hyperparameters
from screening.surrogate.features import CLASSES, FEATURES, host_class
from screening.surrogate.identity import engine_identity
from screening.surrogate.model import Calibration
from screening.surrogate.process import DOMAIN
from tests.pipeline.layers_world import (
    BINDING_EV,
    HOST_A,
    METAL_A,
    METAL_EV,
    lattice_sum,
    triangular,
)
from tests.pipeline.test_driver import TIGHT, drive
from tests.pipeline.toolbox import TWICE, protocols, workflow, write_square
from tests.toys import E_ADS_EV

ALONE_EV = -BINDING_EV - METAL_EV


def grown(
    tmp_path: Path, candidate=None, maker: str = "make_wall", calibration=None, **settings
) -> Row:
    flow = workflow(
        ions=("Li",),
        candidates=("wall",),
        calculator=f"tests.pipeline.layers_world:{maker}",
        descriptors={"adsorption": {"max_sites": 1}, "coverage": settings},
        **TIGHT,
    )
    pairs = protocols(flow, candidate or triangular(), calibration=calibration)
    (row,), _ = drive(tmp_path / "a.db", pairs)
    assert open_store(str(tmp_path / "a.db")).rows() == [row]
    return row


def test_a_monolayer_has_the_energy_of_its_lattice_sum(tmp_path: Path) -> None:
    row = grown(tmp_path)
    assert row.status == "ok", row.reason
    assert row["e_ml_ev"] == pytest.approx(ALONE_EV + lattice_sum(HOST_A), abs=1e-6)
    assert not row.flags


def test_the_curve_goes_from_one_ion_to_the_monolayer(tmp_path: Path) -> None:
    row = grown(tmp_path, fractions=(1 / 3, 1.0))
    area = 9 * HOST_A**2 * np.sqrt(3) / 2
    ideal = np.sqrt(2) / METAL_A["Li"] ** 2 * area
    assert [layer.n for layer in row.table("coverage")] == [1, 3, 9]
    thetas = [layer.theta for layer in row.table("coverage")]
    assert thetas == pytest.approx([n / ideal for n in (1, 3, 9)], rel=1e-4)
    first, third, full = row.table("coverage")
    assert first.e_ads_ev == pytest.approx(row["e_ads_ev"], abs=1e-9)
    assert full.e_ads_ev == row["e_ml_ev"]
    assert full.ion_distance_a == pytest.approx(HOST_A, abs=1e-3)
    assert {layer.outcome for layer in row.table("coverage")} == {"kept"}
    # Three ions gather on a flat wall as far as relaxation takes them: bound more than alone.
    assert third.e_ads_ev is not None
    assert third.e_ads_ev < ALONE_EV + 1e-9


def test_the_lowest_of_the_relaxed_starts_is_kept(tmp_path: Path) -> None:
    one = grown(tmp_path / "1", trials=1)["e_ml_ev"]
    four = grown(tmp_path / "2", trials=4)["e_ml_ev"]
    assert four is not None
    assert four <= one + 1e-9


def test_force_calls_are_those_that_the_documents_state(tmp_path: Path) -> None:
    flow = workflow(
        ions=("Li",),
        candidates=("wall",),
        calculator="tests.pipeline.layers_world:make_wall",
        descriptors={"adsorption": {"max_sites": 1}, "coverage": {"starts": 4, "trials": 2}},
        relax={"fmax": 1e-9, "max_steps": 5},
    )
    pairs = protocols(flow, triangular())
    _, tally = drive(tmp_path / "a.db", pairs)
    assert tally.force_calls["points"] <= 3 + 2 * 4  # three sites, two coverages of four starts
    assert tally.force_calls["cluster"] <= 2 * 2 * 6


@pytest.mark.parametrize("geometry", ["tube", "cluster"])
def test_round_hosts_have_no_monolayer_and_stay_complete(tmp_path: Path, geometry: str) -> None:
    candidate = triangular(geometry=geometry)
    candidate.atoms.pbc = (False, False, geometry == "tube")
    row = grown(tmp_path, candidate)
    assert row["e_ml_ev"] is None
    assert row.table("coverage") == ()
    assert f"a {geometry} has no flat face" in row.notes[0]
    assert row.status == "ok"


def test_a_cell_that_holds_no_monolayer_says_which_would(tmp_path: Path) -> None:
    row = grown(tmp_path, triangular(repeat=1))
    assert row["e_ml_ev"] == pytest.approx(row["e_ads_ev"])  # one ion is the monolayer here
    small = triangular(repeat=1)
    cell = small.atoms.cell.array.copy()
    cell[:2] *= 0.8
    small.atoms.set_cell(cell)
    row = grown(tmp_path / "small", small)
    assert row["e_ml_ev"] is None
    assert "take a larger cell" in row.notes[0]
    assert row.status == "ok"


def test_a_failure_leaves_the_curve_that_there_is(tmp_path: Path) -> None:
    row = grown(tmp_path, maker="make_broken")
    assert row.status == "partial"
    assert "no second ion" in row.reason
    assert [layer.e_ads_ev for layer in row.table("coverage")] == [row["e_ads_ev"], None, None]
    assert row["e_ml_ev"] is None


def test_a_layer_that_comes_off_is_flagged(tmp_path: Path) -> None:
    row = grown(tmp_path, maker="make_lifting")
    assert "desorbed" in " ".join(row.flags)
    assert row.table("coverage")[-1].outcome == "desorbed"
    assert "9 of 9 ions left the host" in row.table("coverage")[-1].reason


def test_without_interaction_a_layer_is_worth_as_much_as_one_ion_and_the_plan_bounds_its_tasks(
    tmp_path: Path,
) -> None:
    write_square(tmp_path / "structures")
    flow = workflow(descriptors={"coverage": {}}, **TIGHT)
    catalogue = load_catalogue(tmp_path / "structures")
    planned = plan(flow, catalogue, jobs=1).tasks
    done = run(flow, catalogue, str(tmp_path / "a.db"), 1)
    for row in done.rows:
        assert row["e_ml_ev"] == pytest.approx(E_ADS_EV, abs=1e-6)
        assert {"Li": 4, "K": 2}[row.ion] == row.table("coverage")[-1].n
    assert all(planned[kind] >= count for kind, count in done.tally.done.items())


def test_the_host_is_left_as_it_was(tmp_path: Path) -> None:
    candidate = triangular()
    before = candidate.atoms.copy()
    grown(tmp_path, candidate)
    assert candidate.atoms == before
    assert len(candidate.atoms.constraints) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"fractions": [0.5]},
        {"fractions": [1.0, 0.5]},
        {"fractions": []},
        {"fractions": [0.0, 1.0]},
        {"fractions": ["half", 1.0]},
        {"trials": 0},
        {"starts": 1000},
        {"surprise": 1},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    document = {"name": "x", "candidates": ["a"], "descriptors": {"coverage": settings}}
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(InputError, match="coverage"):
        load_workflow(path)


def test_under_a_calibration_the_whole_curve_stays_on_the_engines_scale(
    tmp_path, monkeypatch
) -> None:
    """What is calibrated is one ion: the curve has no reference behind it, and says so."""
    monkeypatch.setattr("screening.surrogate.process.DOMAIN", replace(DOMAIN, reach=1e6))
    flow = workflow(calculator="tests.pipeline.layers_world:make_wall")
    level = resolve(flow.calculator).level()
    x = np.zeros((12, len(FEATURES)))
    x[:, 0] = CLASSES[host_class(triangular().atoms)]
    model = Calibration(
        engine=engine_identity(level),
        reference="toy",
        x=x,
        y=np.full(len(x), 0.4),
        hosts=tuple(f"h{i}" for i in range(len(x))),
        keys=tuple(f"k{i}" for i in range(len(x))),
        spread=np.zeros(len(x)),
        elements={host_class(triangular().atoms): tuple(set(triangular().atoms.symbols))},
        hyperparameters=Hyperparameters.prior(len(FEATURES) - 1),
        factors=TWICE,
    )
    plain = grown(tmp_path / "plain", fractions=(1 / 3, 1.0))
    row = grown(tmp_path / "calibrated", calibration=model, fractions=(1 / 3, 1.0))
    assert row.values["e_ads_ev"].scale == "calibrated"
    assert row["e_ads_ev"] > plain["e_ads_ev"] + 0.1
    assert row.table("coverage") == plain.table("coverage")
    assert {row.values[name].scale for name in ("e_ml_ev", "e_theta_ev")} == {"engine"}
    assert set(on_engine_scale(row)) == {"e_ml_ev", "e_theta_ev"}
