"""`alkascreen validate` and `alkascreen train` on a set with a known answer."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from reference_sets import METALS, frames, write_set
from rows import make_row

from screening.pipeline.store import open_store
from screening.surrogate.model import Calibration

PROMISED = [
    "host", "ion", "e_ads_ref_ev", "e_ads_raw_ev", "e_ads_ev", "lower90_ev", "upper90_ev",
    "in_domain",
]  # fmt: skip


@pytest.fixture
def reference(project: Path) -> Path:
    return write_set(project / "mine.extxyz", frames(lambda value: 0.2))


def test_validate_prints_errors_and_writes_the_promised_columns(alkascreen, reference) -> None:
    result = alkascreen(
        "validate", "--reference", reference, "--calculator", "emt", "-o", "out.csv"
    )
    assert result.exit_code == 0
    assert "toy:exact" in result.stdout
    assert "0.200" in result.stdout
    assert "-0.200" in result.stdout
    table = pd.read_csv("out.csv")
    assert list(table.columns[:8]) == PROMISED
    assert len(table) == 3 * len(METALS)
    assert (table.e_ads_ref_ev - table.e_ads_raw_ev).to_numpy() == pytest.approx(0.2, abs=1e-5)
    assert table.lower90_ev.isna().all()
    assert not table.in_domain.any()


def test_validate_draws_parity(alkascreen, reference, project) -> None:
    pytest.importorskip("matplotlib")
    alkascreen("validate", "--reference", reference, "--calculator", "emt", "--plot", "parity.png")
    assert (project / "parity.png").read_bytes().startswith(b"\x89PNG")


def test_train_writes_a_calibration_and_prints_held_out_errors(
    alkascreen, reference, project
) -> None:
    result = alkascreen("train", "--reference", reference, "--calculator", "emt", "-o", "emt.json")
    assert result.exit_code == 0
    assert "21 points, 7 hosts" in result.stdout
    found = Calibration.load(project / "emt.json")
    assert found.reference == "toy:exact (PBE, dispersion none)"
    assert len(found.y) == 21
    assert json.loads((project / "emt.json").read_text())["engine"]["calculator"] == "emt"


def test_a_calibration_of_ones_own_is_used_on_request(alkascreen, reference) -> None:
    alkascreen("train", "--reference", reference, "--calculator", "emt", "-o", "emt.json")
    result = alkascreen(
        "validate", "--reference", reference, "--calculator", "emt", "--calibration", "emt.json",
        "-o", "out.csv",
    )  # fmt: skip
    assert "predicted without their host" in result.stdout
    table = pd.read_csv("out.csv")
    inside = table[table.in_domain]
    assert len(inside) > 0
    assert (inside.e_ads_ev - inside.e_ads_ref_ev).abs().mean() < 0.1
    outside = table[~table.in_domain]
    assert (outside.e_ads_ev == outside.e_ads_raw_ev).all()


def test_a_calibration_of_another_engine_is_refused(alkascreen, reference, project) -> None:
    alkascreen("train", "--reference", reference, "--calculator", "emt", "-o", "emt.json")
    other = json.loads((project / "emt.json").read_text())
    other["engine"]["weights"] = "else"
    (project / "emt.json").write_text(json.dumps(other))
    result = alkascreen(
        "validate", "--reference", reference, "--calculator", "emt", "--calibration", "emt.json"
    )
    assert result.exit_code == 2
    assert "another engine" in result.stderr


@pytest.mark.parametrize("command", ["validate", "train"])
def test_a_set_that_is_not_there_is_refused_in_one_line(alkascreen, project, command) -> None:
    result = alkascreen(command, "--reference", "nowhere.extxyz", "--calculator", "emt")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_stored_rows_are_compared_with_the_literature(alkascreen, project) -> None:
    store = open_store(str(project / "results/alkascreen.db"), create=True)
    store.save_row(make_row("graphene", e_ads_ev=0.1, barrier_ev=0.2))
    result = alkascreen("validate", "--literature", "-o", "literature.csv")
    assert result.exit_code == 0
    assert "not computed" in result.stdout
    table = pd.read_csv("literature.csv")
    chan = table[table.doi == "10.1103/PhysRevB.77.235430"]
    li = chan[(chan.ion == "Li") & (chan.quantity == "e_ads_ev")].iloc[0]
    assert li.published == pytest.approx(-1.096 + 1.60)
    assert li.difference == pytest.approx(0.1 - 0.504)
    assert "PBE" in li.conversion
    assert "functional" in li.differs_in  # the row is EMT's
    assert table[table.host == "cu-111"].ours.isna().all()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--literature", "--relax"], "--literature"),
        (["--db", "one.db", "--db", "two.db"], "one database"),
        (["--facts", "mine.yaml"], "--experiments only"),
        (["--literature", "--db", "nowhere.db"], "no such database"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    alkascreen, project, arguments, complaint
) -> None:
    result = alkascreen("validate", *arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1
