"""The page's Pareto front: what counts, in the direction in which it counts, of those ranked."""

from __future__ import annotations

import re

from rows import make_row

from screening.descriptors import Row
from screening.ranking.rank import rank
from screening.ranking.weights import Objective, Weights
from screening.report.page.charts import pareto

AFFINITY = Objective(column="e_ads_ev", before="e_seat_ev", poor=0.5, good=-0.5)
MIXING = Objective(column="e_mix_ev", poor=0.2, good=0.0)
SHUNNED = Objective(column="e_mix_ev", poor=0.0, good=0.2, opposite=True)


def front(rows: list[Row], mixing: Objective) -> set[str]:
    """Hosts that the drawing names: those of the front."""
    ranking = rank(rows, "Li", Weights(objectives={"affinity": AFFINITY, "mixing": mixing}))
    keys = {row.candidate: f"host-{n}" for n, row in enumerate(rows)}
    return set(re.findall(r'class="name"[^>]*>([^<]+)<', pareto(ranking, keys)))


def test_a_host_beaten_in_both_is_not_named() -> None:
    rows = [
        make_row("binds", e_ads_ev=-1.0, e_mix_ev=0.3),
        make_row("mixes", e_ads_ev=0.3, e_mix_ev=-1.0),
        make_row("neither", e_ads_ev=0.4, e_mix_ev=0.4),
    ]
    assert front(rows, MIXING) == {"binds", "mixes"}


def test_the_opposite_direction_turns_the_front_round() -> None:
    rows = [
        make_row("reacts", e_ads_ev=-0.5, e_mix_ev=-1.0),
        make_row("lasts", e_ads_ev=-0.4, e_mix_ev=0.5),
        make_row("both", e_ads_ev=-0.6, e_mix_ev=0.6),
    ]
    assert front(rows, SHUNNED) == {"both"}


def test_the_value_that_counts_is_the_one_taken_first() -> None:
    rows = [
        make_row("seated", e_ads_ev=0.5, e_seat_ev=-1.0, e_mix_ev=0.0),
        make_row("atop", e_ads_ev=-0.5, e_mix_ev=0.0),
    ]
    assert front(rows, MIXING) == {"seated"}


def test_a_host_ranked_apart_is_drawn_and_not_on_the_front() -> None:
    rows = [
        make_row("rebuilt", e_ads_ev=-3.0, e_mix_ev=-2.0, outcome="reconstructed"),
        make_row("whole", e_ads_ev=-0.5, e_mix_ev=0.0),
        make_row("other", e_ads_ev=0.0, e_mix_ev=0.1),
    ]
    assert front(rows, MIXING) == {"whole"}
