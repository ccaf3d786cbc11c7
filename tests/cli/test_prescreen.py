"""`prescreen`, `train --instant` and `run --budget` as a user types them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from reference_sets import METALS, frames, write_set

from screening.report.prescreen import COLUMNS
from screening.surrogate.instant import Instant

from .conftest import snapshot


def test_prescreen_ranks_without_an_engine_and_writes_all_values(alkascreen, project: Path) -> None:
    result = alkascreen("prescreen", "cu-111", "graphene", "--ions", "Li,K", "-o", "instant.csv")
    assert result.exit_code == 0
    assert "graphene" in result.stdout
    table = pd.read_csv("instant.csv")
    assert list(table.columns) == list(COLUMNS)
    assert sorted(zip(table.candidate, table.ion, strict=True)) == [
        ("cu-111", "K"), ("cu-111", "Li"), ("graphene", "K"), ("graphene", "Li"),
    ]  # fmt: skip
    assert (table.lower90_ev < table.e_ads_instant_ev).all()
    assert (table.e_ads_instant_ev < table.upper90_ev).all()
    assert not (project / "results/alkascreen.db").exists()


def test_prescreen_takes_hosts_and_ions_of_a_workflow(alkascreen, project: Path) -> None:
    result = alkascreen("prescreen", "workflows/tiny.yaml", "-o", "instant.csv")
    assert result.exit_code == 0
    assert pd.read_csv("instant.csv")[["candidate", "ion"]].to_numpy().tolist() == [
        ["cu-111", "Li"]
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing-*",), "no candidate matches"),
        (("cu-111", "--ions", "Rb"), "--ions"),
        (("missing.yaml",), "missing.yaml"),
    ],
)
def test_wrong_input_is_one_line(alkascreen, project: Path, arguments, words: str) -> None:
    result = alkascreen("prescreen", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_instant_model_is_trained_with_one_command(alkascreen, project: Path) -> None:
    reference = write_set(project / "mine.extxyz", frames(lambda value: 0.2))
    alkascreen("run", "workflows/tiny.yaml", "--jobs", "1")
    alkascreen("export", "--format", "json", "-o", "screen.json")
    result = alkascreen(
        "train", "--instant", "--reference", reference, "--screen", "screen.json", "-o", "m.json"
    )
    assert result.exit_code == 0
    assert f"{3 * len(METALS)} points on {len(METALS)} hosts" in result.stdout
    assert "1 by emt" in result.stdout
    model = Instant.load(project / "m.json")
    assert model.reference == "toy:exact (PBE, dispersion none)"
    assert model.points.exact.sum() == 3 * len(METALS)


def test_a_screen_that_is_no_table_is_refused(alkascreen, project: Path) -> None:
    reference = write_set(project / "mine.extxyz", frames(lambda value: 0.2))
    (project / "bad.json").write_text("{}")
    result = alkascreen(
        "train", "--instant", "--reference", reference, "--screen", "bad.json", "-o", "m.json"
    )
    assert result.exit_code == 2
    assert "alkascreen export" in result.stderr
    assert not (project / "m.json").exists()


def test_a_dry_run_shows_where_a_budget_would_go(alkascreen, project: Path) -> None:
    before = snapshot(project)
    result = alkascreen("run", "workflows/tiny.yaml", "--ions", "Li,Na", "--budget", 1, "--dry-run")
    assert result.exit_code == 0
    assert "cu-111" in result.stdout
    assert "1 of 1 adsorption relaxations at most, on 1 pairs; 1 others" in result.stdout
    assert snapshot(project) == before


def test_a_budget_says_what_it_left_out_and_goes_on(alkascreen, project: Path) -> None:
    command = ("run", "workflows/tiny.yaml", "--ions", "Li,Na", "--jobs", "1", "--budget", 1)
    first = alkascreen(*command)
    assert first.exit_code == 0
    assert "1 of 1 adsorption relaxations spent on 1 new pairs" in first.stdout
    assert "1 pairs not computed" in first.stdout
    second = alkascreen(*command)
    assert second.exit_code == 0
    assert "not computed" not in second.stdout
    assert "2 rows complete" in second.stdout


def test_a_budget_of_nothing_is_wrong_input(alkascreen, project: Path) -> None:
    result = alkascreen("run", "workflows/tiny.yaml", "--budget", 0)
    assert result.exit_code == 2
    assert "--budget" in result.stderr
