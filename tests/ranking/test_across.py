from __future__ import annotations

import math

import pytest
from rows import make_row

from screening.errors import InputError
from screening.ranking.across import across, compare, moves
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.order import in_words
from screening.units import IONS

WEIGHTS = load_weights()


def test_a_host_good_for_one_ion_only_is_not_good_for_all() -> None:
    """Scores of 0.8 for all, and of 0.8, 0.8 and 0.2: means 0.8 and (0.8 0.8 0.2)^(1/3)."""
    rows = [make_row("all", ion=ion, e_ads_ev=-0.5, barrier_ev=0.2) for ion in IONS]
    rows += [make_row("two", ion=ion, e_ads_ev=-0.5, barrier_ev=0.2) for ion in IONS[:2]]
    rows += [make_row("two", ion=IONS[2], e_ads_ev=0.5, barrier_ev=0.6)]
    first, second = across([rank(rows, ion, WEIGHTS) for ion in IONS])
    assert (first.candidate, second.candidate) == ("all", "two")
    assert first.score == pytest.approx(0.8)
    assert second.score == pytest.approx(0.128 ** (1 / 3))
    assert (first.good, second.good) == (True, False)


def test_a_host_not_screened_with_every_ion_has_no_mean() -> None:
    rows = [make_row("a", ion=ion) for ion in IONS] + [make_row("b", ion="Li")]
    lines = across([rank(rows, ion, WEIGHTS) for ion in IONS])
    assert [(line.candidate, line.score is None) for line in lines] == [("a", False), ("b", True)]


def test_contributions_add_up_to_the_ratio_of_the_scores() -> None:
    rows = [make_row("a", e_ads_ev=-0.5), make_row("b", e_ads_ev=0.3, barrier_ev=0.3)]
    found = compare(rank(rows, "Li", WEIGHTS), "a", "b")
    total = sum(part.difference for part in found.contributions)
    assert total == pytest.approx(math.log(found.first.score / found.second.score))  # type: ignore[union-attr]
    assert found.contributions[0].name == "affinity"


def test_words_name_the_better_host_what_decides_and_the_intervals() -> None:
    wide = {"e_ads_lower90_ev": -0.6, "e_ads_upper90_ev": -0.4}
    rows = [make_row("a", e_ads_ev=-0.5, **wide), make_row("b", e_ads_ev=0.3)]
    text = "\n".join(in_words(compare(rank(rows, "Li", WEIGHTS), "b", "a")))
    assert text.startswith("Li: a (")
    assert "affinity: speaks for a" in text
    assert "mobility: speaks for neither" in text
    assert "90 % from -0.60 to -0.40" in text
    assert text.endswith("told apart")


def test_a_host_that_is_not_there_is_an_error_that_lists_those_that_are() -> None:
    with pytest.raises(InputError, match=r"no row of c with Li.*a, b"):
        compare(rank([make_row("a"), make_row("b")], "Li", WEIGHTS), "a", "c")


def test_other_weights_move_hosts() -> None:
    rows = [make_row("bound", e_ads_ev=-0.5, barrier_ev=0.6), make_row("mobile", barrier_ev=0.1)]
    stated, other = (
        rank(rows, "Li", WEIGHTS.reweighed(own)) for own in (["affinity=9"], ["affinity=0"])
    )
    found = {move.candidate: move.places for move in moves(stated, other)}
    assert found == {"mobile": 1, "bound": -1}
