from pathlib import Path

import pytest

from screening.builders.recipes import load_catalogue
from screening.errors import InputError
from screening.resources import shipped
from screening.validation.experiments import agreement, load_experiments

FACTS = """
sources: {paper: "A paper (2020)"}
pairs:
  - ion: Li
    basis: plates evenly
    source: paper
    confidence: read
    better_worse: [[gold, copper], [silver, copper], [zinc, copper]]
series:
  - {ion: Li, quantity: overpotential, unit: mV, better: low, source: paper, confidence: read,
     values: {gold: 0, silver: 1, tin: 14, copper: 40}}
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "facts.yaml"
    file.write_text(text)
    return file


def test_pairs_right_wrong_and_without_score(tmp_path: Path) -> None:
    facts = load_experiments(write(tmp_path, FACTS))
    found = agreement({"Li": {"gold": 2.0, "copper": 1.0, "silver": 0.0}}, facts)
    assert [pair.right for pair in found.pairs] == [True, False, None]
    share = found.share()
    assert (share.right, share.scored, share.missing) == (1, 2, 1)
    assert [pair.better for pair in found.wrong] == ["silver"]
    assert found.share(lambda pair: pair.ion == "Na").scored == 0


def test_equal_scores_rank_nothing(tmp_path: Path) -> None:
    facts = load_experiments(write(tmp_path, FACTS))
    found = agreement({"Li": dict.fromkeys(("gold", "silver", "zinc", "copper"), 1.0)}, facts)
    assert found.share().right == 0
    assert found.correlations[0].coefficient is None


def test_the_measured_order_correlates_by_one_and_its_reverse_by_minus_one(tmp_path: Path) -> None:
    facts = load_experiments(write(tmp_path, FACTS))
    order = {"gold": 4.0, "silver": 3.0, "tin": 2.0, "copper": 1.0}
    assert agreement({"Li": order}, facts).correlations[0].coefficient == pytest.approx(1)
    turned = {host: -score for host, score in order.items()}
    assert agreement({"Li": turned}, facts).correlations[0].coefficient == pytest.approx(-1)
    few = {"gold": 1.0, "tin": 0.0}
    assert agreement({"Li": few}, facts).correlations[0].coefficient is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source: paper", "source: other", "'other' is not stated"),
        ("[gold, copper]", "[copper, copper]", "compared with itself"),
        ("ion: Li\n", "ion: Rb\n", "Rb"),
        ("confidence: read\n", "confidence: sure\n", "sure"),
        ("unit: mV,", "unit: mV, by: me,", "unknown key"),
        ("gold: 0,", "gold: much,", "much"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_experiments(write(tmp_path, FACTS.replace(old, new, 1)))


def test_shipped_facts_are_about_hosts_of_the_catalogue() -> None:
    facts = load_experiments()
    known = set(load_catalogue(shipped("structures")).recipes)
    named = {host for group in facts.pairs for pair in group.better_worse for host in pair}
    named |= {host for series in facts.series for host in series.values}
    assert named <= known
    assert sum(len(group.better_worse) for group in facts.pairs) == 45
