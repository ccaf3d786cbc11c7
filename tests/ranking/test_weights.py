from __future__ import annotations

from pathlib import Path

import pytest

from screening.errors import InputError
from screening.ranking.weights import load_weights


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
