"""What the page says of a score is what makes the score."""

from __future__ import annotations

import math

import pytest

from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.page.cells import shares
from tests.rows import make_row

ROWS = [
    make_row("known", e_ads_ev=-0.3, barrier_ev=0.3),
    make_row("other", e_ads_ev=0.2, barrier_ev=0.5),
    make_row("filled", e_ads_ev=-0.1, barrier_ev=None),
    make_row("seated", e_ads_ev=0.4, e_seat_ev=-0.2, barrier_ev=0.2),
]


@pytest.mark.parametrize("candidate", [row.candidate for row in ROWS])
def test_contributions_multiply_to_the_score(candidate: str) -> None:
    ranking = rank(ROWS, "Li", load_weights())
    (entry,) = [entry for entry in ranking.scored if entry.row.candidate == candidate]
    parts = shares(entry, ranking)
    assert sum(part.weight for part in parts) == pytest.approx(1.0)
    product = math.prod(part.desirability**part.weight for part in parts)
    assert product == pytest.approx(entry.score, abs=1e-12)


def test_what_stands_for_a_missing_value_is_said() -> None:
    ranking = rank(ROWS, "Li", load_weights())
    (entry,) = [entry for entry in ranking.scored if entry.row.candidate == "filled"]
    assert [part.name for part in shares(entry, ranking) if part.filled] == ["mobility"]
    assert any("missing, the others' median" in part.text for part in shares(entry, ranking))
