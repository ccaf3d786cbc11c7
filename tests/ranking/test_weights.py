from __future__ import annotations

from pathlib import Path

import pytest

from screening.errors import InputError
from screening.ranking.weights import PRESETS, load_weights


def test_shipped_weights_count_affinity_mixing_solubility_and_mobility() -> None:
    objectives = load_weights().objectives
    columns = {name: objective.column for name, objective in objectives.items()}
    assert columns == {
        "affinity": "e_ads_ev",
        "mixing": "e_mix_ev",
        "solubility": "e_hold_ev",
        "mobility": "barrier_ev",
    }
    assert {objective.weight for objective in objectives.values()} == {1.0}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("objectives: {a: {column: e_ads_ev, poor: 1e-2, good: -0.5}}", "objectives.a.poor"),
        ("objectives: {a: {column: e_ads_ev, poor: NO, good: -0.5}}", "objectives.a.poor"),
        ("objectives: {a: {column: e_ads_ev, poor: [0.5], good: -0.5}}", "objectives.a.poor"),
        ("objectives: {a: {column: e_ads_ev, poor: .nan, good: -0.5}}", "objectives.a.poor"),
        ("objectives: {a: {column: e_ads_ev, poor: 0.5, good: 0.5}}", "must differ"),
        ("objectives: {a: {column: e_ads, poor: 0.5, good: -0.5}}", "barrier_ev"),
        ("objectives: {a: {column: e_ads_ev, poor: 0.5, good: -0.5, weight: 0}}", "weight"),
        ("objectives: {a: {column: e_ads_ev, poor: 0.5, good: -0.5, weight: -1.0}}", "weight"),
        ("objectives: {a: {column: e_ads_ev, poor: 0.5, good: -0.5, wait: 1.0}}", "wait"),
        ("objectives: {}", "objectives"),
        ("weights: {}", "weights"),
        ("", "empty"),
        ("- 1", "list"),
        ("objectives: !!python/object/apply:os.system ['true']", "not valid YAML"),
    ],
)
def test_a_wrong_weights_file_is_one_line_with_the_place(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "weights.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"weights\.yaml") as caught:
        load_weights(path)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_found_by_name_and_begin_with_what_decides(name: str) -> None:
    assert next(iter(load_weights(name).objectives.values())).column == "e_ads_ev"


def test_a_name_that_is_neither_preset_nor_file_lists_the_presets() -> None:
    with pytest.raises(InputError, match="plating-host, artificial-sei, balanced"):
        load_weights("plating")


def test_weights_by_name_override_those_of_the_file_and_0_leaves_out() -> None:
    found = load_weights().reweighed(["affinity=3", "mobility=0"]).objectives
    weights = {name: o.weight for name, o in found.items()}
    assert weights == {"affinity": 3.0, "mixing": 1.0, "solubility": 1.0}


@pytest.mark.parametrize(
    "text", ["affinity", "affinity=", "affinity=x", "affinity=-1", "affinity=nan", "colour=1"]
)
def test_a_wrong_override_is_one_line_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InputError, match="--weight"):
        load_weights().reweighed([text])


def test_a_column_may_count_the_other_way_round_if_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    text = "objectives: {a: {column: v_react_v, poor: 0.5, good: 0.0%s}}"
    path.write_text(text % ", opposite: true")
    assert load_weights(path).objectives["a"].opposite
    path.write_text(text % "")
    with pytest.raises(InputError, match="opposite: true"):
        load_weights(path)
