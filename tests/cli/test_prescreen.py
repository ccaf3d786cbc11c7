"""`prescreen`, `train --instant` and `run --budget` as a user types them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from reference_sets import METALS, frames, write_set

from screening.report.prescreen import COLUMNS
from screening.surrogate.instant import Instant, Kernel

from .conftest import snapshot

BASE = Kernel(0.6, 1.0, 2.2, 0.25, 0.12)
"""Settings of the cheap engine's values as the shipped model has them: tuning takes a minute."""


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


def test_an_instant_model_of_ones_own_is_used_where_a_file_names_it(alkascreen, project) -> None:
    write_set(project / "mine.extxyz", frames(lambda value: 0.2))
    workflow = project / "workflows/tiny.yaml"
    alkascreen("run", workflow, "--jobs", "1")
    alkascreen("export", "--format", "json", "-o", "screen.json")
    trained = alkascreen(
        "train", "--instant", "--reference", "mine.extxyz",
        "--screen", "screen.json", "-o", "m.json",
    )  # fmt: skip
    assert "instant: m.json" in trained.stderr
    own = Instant.load(project / "m.json")
    workflow.write_text(workflow.read_text() + "instant: m.json\n")
    for command in (("prescreen", workflow), ("prescreen", "cu-111", "--instant", "m.json")):
        assert f"model {own.fingerprint}, to the level toy:exact" in alkascreen(*command).stdout
    run = alkascreen("run", workflow, "--ions", "Li,Na", "--budget", 1, "--jobs", 1)
    assert run.exit_code == 0
    assert "1 new pairs" in run.stdout
    workflow.write_text(workflow.read_text().replace("m.json", "results/alkascreen.db"))
    for command in (("prescreen", workflow), ("run", workflow, "--budget", 1, "--jobs", 1)):
        refused = alkascreen(*command)
        assert refused.exit_code == 2
        assert "alkascreen train --instant" in refused.stderr


def test_without_screens_those_of_the_package_are_learned_from(
    alkascreen, project, monkeypatch
) -> None:
    """An installed package: no results in this folder, and a catalogue of the user's own."""
    monkeypatch.setattr("screening.surrogate.instant_train._base", lambda data: BASE)
    reference = write_set(project / "mine.extxyz", frames(lambda value: 0.2))
    result = alkascreen("train", "--instant", "--reference", reference)
    assert result.exit_code == 0
    model = Instant.load(project / "instant.json")
    assert model.screen.startswith("sevennet")
    assert (model.points.exact == 0).sum() > 100


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
