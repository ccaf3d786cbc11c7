"""Reaction, dissolution, substitution and wetting from a workflow to a row, and on to a file.

Aluminium alloys with lithium, copper does not: what makes the one a better substrate. Effective
medium theory runs everywhere and gets no sign right but those of single metals; the pretrained
potential must get all of them.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from screening.builders import load_catalogue
from screening.builders.phases import catalogue_key, shipped_phases
from screening.descriptors import Row
from screening.pipeline.plan import plan
from screening.pipeline.run import Summary, run
from screening.pipeline.store import open_store
from screening.pipeline.workflow import Workflow
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.export import to_csv, to_json
from screening.resources import default_structures
from tests.pipeline.toolbox import protocols

CATALOGUE = load_catalogue(default_structures())
HOSTS = ("al-111", "cu-111")
COLUMNS = {
    "reaction": ("v_react_v", "coexists", "reaction_ev", "end_products"),
    "dissolution": ("e_sol_ev", "e_hold_ev", "solubility", "e_mix_ev"),
    "substitution": ("e_subst_ev", "e_seat_ev"),
    "wetting": ("contact_angle_deg", "molten_angle_deg", "adhesion_j_m2"),
}
ENERGIES = ("v_react_v", "e_sol_ev", "e_mix_ev", "e_subst_ev", "contact_angle_deg")


def flow(calculator: str, **changes: object) -> Workflow:
    base = {
        "name": "chemistry",
        "calculator": calculator,
        "candidates": list(HOSTS),
        "ions": ["Li"],
        "descriptors": {"adsorption": {"max_sites": 1}, **{name: {} for name in COLUMNS}},
    }
    return Workflow.model_validate({**base, **changes})


@pytest.fixture(
    scope="module", params=["emt", pytest.param("sevennet", marks=pytest.mark.potential)]
)
def screened(request: pytest.FixtureRequest, tmp_path_factory) -> tuple[str, Path, Summary]:
    """Both hosts by one engine; `sevennet` with its shipped calibration."""
    db = tmp_path_factory.mktemp("chemistry") / "a.db"
    return request.param, db, run(flow(request.param), CATALOGUE, str(db), jobs=1)


def row(screened, host: str) -> Row:
    return next(found for found in screened[2].rows if found.candidate == host)


@pytest.mark.parametrize("host", HOSTS)
def test_every_descriptor_fills_its_columns_on_the_engines_own_scale(screened, host: str) -> None:
    found = row(screened, host)
    assert found.status == "ok", found.reason
    missing = [name for names in COLUMNS.values() for name in names if found[name] is None]
    assert missing == []
    assert {found.values[name].scale for name in ENERGIES} == {"engine"}
    assert set(COLUMNS) <= set(found.force_calls)


@pytest.mark.parametrize("host", HOSTS)
def test_what_they_state_hangs_together(screened, host: str) -> None:
    found = row(screened, host)
    assert found["coexists"] == (found["v_react_v"] == 0)
    assert found["e_mix_ev"] == pytest.approx(min(found["e_sol_ev"], -found["v_react_v"] or 9.0))
    assert 0 <= found["solubility"] <= 1
    assert 0 <= found["contact_angle_deg"] <= 180
    assert found["molten_angle_deg"] <= found["contact_angle_deg"]
    assert found["adhesion_j_m2"] >= 0
    steps = found.table("plateaus")
    assert bool(steps) == (not found["coexists"])
    if steps:
        assert steps[0].voltage_v == pytest.approx(found["v_react_v"], abs=1e-6)


@pytest.mark.parametrize("host", HOSTS)
def test_the_seat_is_the_adatoms_lowered_by_what_the_engine_gains(screened, host: str) -> None:
    """Also where the adatom's energy is calibrated: the gain is a difference of one scale."""
    found = row(screened, host)
    e_ads, seat = found.values["e_ads_ev"], found.values["e_seat_ev"]
    own = e_ads.number if e_ads.raw is None else e_ads.raw
    gain = min(0.0, found["e_subst_ev"] - own)
    assert seat.scale == e_ads.scale
    assert seat.number == pytest.approx(e_ads.number + gain, abs=1e-9)
    if screened[0] == "sevennet":
        assert e_ads.scale == "calibrated"
        assert seat.upper90 - seat.lower90 == pytest.approx(e_ads.upper90 - e_ads.lower90)


def test_a_row_is_made_anew_when_the_catalogue_of_its_elements_grows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (pair,) = protocols(flow("emt"), CATALOGUE.build("sn-100"))
    before = pair.key
    assert pair.key == before
    catalogue_key.cache_clear()
    fewer = {name: phase for name, phase in shipped_phases().items() if name != "Li17Sn4"}
    monkeypatch.setattr("screening.builders.phases.shipped_phases", lambda: fewer)
    after = pair.key
    catalogue_key.cache_clear()
    assert after != before


@pytest.mark.parametrize(
    "screened", [pytest.param("sevennet", marks=pytest.mark.potential)], indirect=True
)
def test_aluminium_alloys_and_copper_does_not(screened) -> None:
    alloys, stays = row(screened, "al-111"), row(screened, "cu-111")
    assert (alloys["coexists"], stays["coexists"]) == (False, True)
    assert alloys["products"].startswith("LiAl")
    assert alloys["v_react_v"] == pytest.approx(0.35, abs=0.1)  # measured
    assert alloys["e_sol_ev"] < 0 < stays["e_sol_ev"]
    assert alloys["contact_angle_deg"] < 90


def test_rows_of_the_store_and_files_say_the_same(screened) -> None:
    _, db, done = screened
    stored = open_store(str(db)).rows()
    assert sorted(stored, key=lambda r: r.candidate) == sorted(done.rows, key=lambda r: r.candidate)
    ranking = rank(stored, "Li", load_weights())
    lines = {line["candidate"]: line for line in csv.DictReader(io.StringIO(to_csv([ranking])))}
    table = json.loads(to_json([ranking]))
    text = json.dumps(table)
    for host in HOSTS:
        found = row(screened, host)
        assert float(lines[host]["e_sol_ev"]) == pytest.approx(found["e_sol_ev"], abs=1e-6)
        assert float(lines[host]["v_react_v"]) == pytest.approx(found["v_react_v"], abs=1e-6)
        assert float(lines[host]["e_subst_ev"]) == pytest.approx(found["e_subst_ev"], abs=1e-6)
        angle = float(lines[host]["contact_angle_deg"])
        assert angle == pytest.approx(found["contact_angle_deg"], abs=1e-6)
    assert "plateaus" in text


def test_a_second_run_computes_nothing_and_a_dry_run_counts_at_least_what_it_takes(
    screened,
) -> None:
    engine, db, done = screened
    again = run(flow(engine), CATALOGUE, str(db), jobs=1)
    assert sum(again.tally.force_calls.values()) == 0
    counted = plan(flow(engine), CATALOGUE, jobs=1).tasks
    for kind in ("slab", "solution", "cluster", "adsorption"):
        assert done.tally.done[kind] <= counted[kind]


def test_hosts_of_the_same_metal_share_its_crystals_and_slabs(screened, tmp_path: Path) -> None:
    engine, db, _ = screened
    if engine != "emt":
        pytest.skip("costs what the first host cost")
    more = flow(engine, candidates=["cu-100"])
    tally = run(more, CATALOGUE, str(db), jobs=1).tally
    assert (tally.done["crystal"], tally.done["solution"], tally.done["slab"]) == (0, 0, 0)
