from __future__ import annotations

import random

import pytest
from rows import LEVEL, OTHER_LEVEL, make_row

from screening.descriptors import Row
from screening.errors import LevelError
from screening.ranking.judged import cautions
from screening.ranking.levels import select_level
from screening.ranking.rank import Ranking, rank, rank_ions
from screening.ranking.weights import load_weights
from screening.units import IONS, Ion

WEIGHTS = load_weights()


def names(ranking: Ranking) -> list[str]:
    return [entry.row.candidate for entry in ranking.ranked]


def reason_of(ranking: Ranking, candidate: str) -> str:
    (reason,) = [e.reason for e in ranking.unranked if e.row.candidate == candidate]
    return reason


def mark_of(ranking: Ranking, candidate: str) -> str:
    """Why a host is ranked apart; empty if it is not."""
    (mark,) = [e.apart for e in ranking.scored if e.row.candidate == candidate]
    return mark


def test_all_ions_at_once_are_ranked_as_one_by_one() -> None:
    rows = [
        make_row("a", e_ads_ev=-0.5, barrier_ev=None),
        make_row("b", e_ads_lower90_ev=-0.1, e_ads_upper90_ev=0.1),
        make_row("c", outcome="desorbed"),
        make_row("a", ion="Na", e_ads_ev=-0.7),
        make_row("b", ion="K", e_ads_ev=-0.6, level=OTHER_LEVEL),
        make_row(
            "c", ion="K", e_ads_ev=None, status="failed", reason="it broke", level=OTHER_LEVEL
        ),
    ]
    one_by_one = [rank(rows, ion, WEIGHTS) for ion in IONS]
    assert rank_ions(rows, IONS, WEIGHTS) == one_by_one
    assert all(ranking.entries for ranking in one_by_one)


def test_stronger_binding_and_lower_barrier_rank_first() -> None:
    rows = [
        make_row("weak", e_ads_ev=0.5),
        make_row("strong", e_ads_ev=-0.5),
        make_row("stiff", e_ads_ev=-0.5, barrier_ev=0.5),
    ]
    assert names(rank(rows, "Li", WEIGHTS)) == ["strong", "stiff", "weak"]


def test_a_host_at_both_good_anchors_scores_0_8() -> None:
    (entry,) = rank([make_row(e_ads_ev=-0.5, barrier_ev=0.2)], "Li", WEIGHTS).ranked
    assert entry.score == pytest.approx(0.8, abs=1e-12)


def test_a_host_at_one_poor_and_one_good_anchor_scores_their_geometric_mean() -> None:
    (entry,) = rank([make_row(e_ads_ev=0.5, barrier_ev=0.2)], "Li", WEIGHTS).ranked
    assert entry.score == pytest.approx((0.2 * 0.8) ** 0.5, abs=1e-12)


def test_an_objective_that_no_host_has_is_dropped_and_named() -> None:
    ranking = rank([make_row(e_ads_ev=-0.5, barrier_ev=None)], "Li", WEIGHTS)
    assert ranking.dropped == ("mixing", "solubility", "mobility")
    assert ranking.ranked[0].score == pytest.approx(0.8, abs=1e-12)


def test_the_ions_of_a_table_are_scored_alike() -> None:
    """Na has no barriers: they count all the same, since Li has them, as the middle of Li's."""
    rows = [make_row(ion="Li", barrier_ev=0.2), make_row(ion="Na", barrier_ev=None)]
    li, na = rank(rows, "Li", WEIGHTS), rank(rows, "Na", WEIGHTS)
    assert li.objectives == na.objectives
    assert na.dropped == li.dropped == ("mixing", "solubility")
    assert na.ranked[0].score == li.ranked[0].score
    assert (li.ranked[0].filled, na.ranked[0].filled) == ((), ("mobility",))


def test_a_value_that_only_a_failed_host_has_does_not_count_as_there() -> None:
    rows = [make_row("a", barrier_ev=None), make_row("b", outcome="desorbed")]
    assert rank(rows, "Li", WEIGHTS).dropped == ("mixing", "solubility", "mobility")


def test_a_missing_value_counts_as_the_median_of_the_others_with_their_range() -> None:
    """Not as 0, and not as if nothing were missing."""
    rows = [make_row(f"h{b}", e_ads_ev=-0.5, barrier_ev=b) for b in (0.2, 0.4, 0.6)]
    rows.append(make_row("lacking", e_ads_ev=-0.5, barrier_ev=None, reason="NEB failed"))
    found = {e.row.candidate: e for e in rank(rows, "Li", WEIGHTS).ranked}
    lacking = found["lacking"]
    assert lacking.filled == ("mobility",)
    assert lacking.score == pytest.approx(found["h0.4"].score, abs=1e-12)
    assert lacking.score_lower90 == pytest.approx(found["h0.6"].score, abs=1e-12)
    assert lacking.score_upper90 == pytest.approx(found["h0.2"].score, abs=1e-12)
    assert (lacking.rank_best, lacking.rank_worst) == (1, 4)


def test_a_host_without_the_first_objective_has_no_score_and_its_reason() -> None:
    rows = [make_row("a"), make_row("b", e_ads_ev=None, reason="no site held the ion")]
    ranking = rank(rows, "Li", WEIGHTS)
    assert names(ranking) == ["a"]
    assert reason_of(ranking, "b") == "no e_ads_ev: no site held the ion"


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None])
def test_a_value_that_is_not_a_finite_number_is_missing(bad: float | None) -> None:
    ranking = rank([make_row("a"), make_row("b", e_ads_ev=bad)], "Li", WEIGHTS)
    assert names(ranking) == ["a"]
    assert "e_ads_ev" in reason_of(ranking, "b")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "failed", "e_ads_ev": None, "reason": "no site"}, "no site"),
        ({"e_ads_ev": -12.0}, "outside physics"),
        ({"e_ads_ev": 1.66}, "above the free atom"),
        ({"converged": False, "fmax_ev_a": 0.2}, "not converged (largest force 0.200 eV/Å)"),
    ],
)
def test_unusable_rows_are_listed_apart(changes: dict[str, object], reason: str) -> None:
    ranking = rank([make_row("good"), make_row("bad", **changes)], "Li", WEIGHTS)
    assert names(ranking) == ["good"]
    assert reason in reason_of(ranking, "bad")


RAW = {"e_ads_raw_ev": 0.0, "e_ads_ev": 0.0, "in_domain": False, "calibration": "model"}


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        (RAW, "raw"),
        ({"outcome": "reconstructed"}, "reconstructed"),
        ({"outcome": "desorbed"}, "desorbed"),
        ({"host_disp_a": 1.2}, "displaced: a host atom moved 1.2 Å, more than 1 Å"),
    ],
)
def test_a_host_that_is_not_comparable_is_ranked_apart_unless_all_are_asked_for(
    changes: dict[str, object], mark: str
) -> None:
    rows = [make_row("good"), make_row("odd", **changes)]
    ranking, mixed = (rank(rows, "Li", WEIGHTS, everything=mix) for mix in (False, True))
    assert names(ranking) == ["good"]
    assert [entry.row.candidate for entry in ranking.apart] == ["odd"]
    assert mark_of(ranking, "odd").startswith(mark)
    assert names(mixed) == ["good", "odd"]
    assert mark_of(mixed, "odd") == mark_of(ranking, "odd")


def test_how_far_a_host_may_move_is_set_in_the_weights_file() -> None:
    rows = [make_row(host_disp_a=1.2)]
    assert rank(rows, "Li", WEIGHTS.model_copy(update={"max_host_disp_a": 1.5})).apart == ()


def test_a_host_that_no_calibration_saw_is_raw_among_calibrated_ones() -> None:
    rows = [make_row("known", e_ads_raw_ev=0.1, calibration="model"), make_row("other")]
    assert mark_of(rank(rows, "Li", WEIGHTS), "other").startswith("raw")
    assert mark_of(rank(rows[1:], "Li", WEIGHTS), "other") == ""


@pytest.mark.parametrize(("ion", "free"), [("Li", 1.60), ("Na", 1.09), ("K", 0.86)])
def test_no_ion_is_held_above_its_free_atom(ion: Ion, free: float) -> None:
    rows = [make_row(n, ion=ion, e_ads_ev=free + s) for n, s in (("in", 0.04), ("out", 0.06))]
    ranking = rank(rows, ion, WEIGHTS)
    assert names(ranking) == ["in"]
    assert "free atom" in reason_of(ranking, "out")


def test_a_host_that_the_ion_tore_apart_carries_a_caution() -> None:
    assert "reconstructed" in cautions(make_row(outcome="reconstructed"))[0]


def test_a_host_that_changed_on_relaxing_alone_is_ranked_with_its_flag() -> None:
    (entry,) = rank([make_row(flags=("host reconstructed on relaxing",))], "Li", WEIGHTS).ranked
    assert cautions(entry.row) == ("host reconstructed on relaxing",)
    assert cautions(make_row()) == ()


def test_every_row_of_the_ion_is_either_ranked_or_listed_apart() -> None:
    rows = [make_row("a"), make_row("b", e_ads_ev=None), make_row("c", ion="K")]
    ranking = rank(rows, "Li", WEIGHTS)
    assert len(ranking.ranked) + len(ranking.unranked) == 2


def test_equal_scores_share_a_rank_in_the_order_of_their_ids() -> None:
    rows = [make_row(name) for name in "cab"] + [make_row("z", e_ads_ev=1.0)]
    ranking = rank(rows, "Li", WEIGHTS)
    assert [(e.row.candidate, e.rank) for e in ranking.ranked] == [
        ("a", 1), ("b", 1), ("c", 1), ("z", 4),
    ]  # fmt: skip


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [make_row(f"h{i}", e_ads_ev=0.1 * (i % 4)) for i in range(12)]
    shuffled = random.Random(0).sample(rows, len(rows))
    assert rank(rows, "Li", WEIGHTS) == rank(shuffled, "Li", WEIGHTS)


def test_no_rows_give_an_empty_ranking() -> None:
    ranking = rank([], "K", WEIGHTS)
    assert (ranking.ranked, ranking.unranked, ranking.levels) == ((), (), ())


def test_levels_do_not_mix_unless_asked() -> None:
    rows = [make_row("a"), make_row("b", level=OTHER_LEVEL)]
    with pytest.raises(LevelError, match=r"2 levels.*emt.*sevennet:7net-0"):
        rank(rows, "Li", WEIGHTS)
    assert rank(rows, "Li", WEIGHTS, mix=True).levels == (LEVEL, OTHER_LEVEL)


def test_levels_that_differ_in_dispersion_only_are_different() -> None:
    d3 = LEVEL.__class__("emt", "", "EMT", "d3bj", "3.29.0")
    with pytest.raises(LevelError):
        rank([make_row("a"), make_row("b", level=d3)], "Li", WEIGHTS)


@pytest.mark.parametrize("name", ["sevennet", "sevennet:7net-0", OTHER_LEVEL.fingerprint[:6]])
def test_a_level_is_selected_by_calculator_model_or_fingerprint(name: str) -> None:
    rows = [make_row("a"), make_row("b", level=OTHER_LEVEL)]
    assert [row.candidate for row in select_level(rows, name)] == ["b"]


def test_a_level_that_no_row_has_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(LevelError, match=r"'chgnet'.*emt"):
        select_level([make_row()], "chgnet")


def with_error_bars(candidate: str, value: float, half: float, **barrier: float) -> Row:
    bounds = {"e_ads_lower90_ev": value - half, "e_ads_upper90_ev": value + half}
    return make_row(candidate, e_ads_ev=value, **({"barrier_ev": None} | barrier), **bounds)


def test_hosts_whose_intervals_overlap_share_a_range_of_ranks() -> None:
    rows = [
        with_error_bars("far", -2.0, 0.1),
        with_error_bars("near", -0.10, 0.2),
        with_error_bars("nearer", -0.05, 0.2),
        with_error_bars("last", 1.5, 0.1),
    ]
    found = rank(rows, "Li", WEIGHTS).ranked
    assert names(rank(rows, "Li", WEIGHTS)) == ["far", "near", "nearer", "last"]
    assert [(e.rank_best, e.rank_worst) for e in found] == [(1, 1), (2, 3), (2, 3), (4, 4)]


def test_score_bounds_are_the_scores_at_the_ends_of_the_interval() -> None:
    (entry,) = rank([with_error_bars("a", 0.0, 0.5)], "Li", WEIGHTS).ranked
    assert entry.score_lower90 == pytest.approx(0.2, abs=1e-12)
    assert entry.score_upper90 == pytest.approx(0.8, abs=1e-12)


def test_a_host_so_uncertain_that_it_is_outside_the_domain_leaves_its_rank_open() -> None:
    rows = [with_error_bars("sure", -1.0, 0.1), with_error_bars("raw", 0.0, 3.0)]
    ranges = {
        e.row.candidate: (e.rank_best, e.rank_worst) for e in rank(rows, "Li", WEIGHTS).ranked
    }
    assert ranges == {"sure": (1, 2), "raw": (1, 2)}


BARRIER = {"barrier_ev": 0.4, "barrier_lower90_ev": 0.2, "barrier_upper90_ev": 0.6}
"""A barrier in the middle, its interval from the good anchor to the poor one."""


def test_the_interval_of_a_barrier_alone_bounds_the_score() -> None:
    """Desirability is 0.8 and 0.2 at the anchors; affinity stays at 0.8."""
    (entry,) = rank([make_row(e_ads_ev=-0.5, **BARRIER)], "Li", WEIGHTS).ranked
    assert entry.score_upper90 == pytest.approx(0.8, abs=1e-12)
    assert entry.score_lower90 == pytest.approx((0.8 * 0.2) ** 0.5, abs=1e-12)
    assert entry.score_lower90 < entry.score < entry.score_upper90


def test_the_interval_of_a_barrier_widens_the_bounds_of_the_score() -> None:
    known = with_error_bars("a", 0.0, 0.5, barrier_ev=0.4)
    unsure = with_error_bars("a", 0.0, 0.5, **BARRIER)
    (narrow,) = rank([known], "Li", WEIGHTS).ranked
    (wide,) = rank([unsure], "Li", WEIGHTS).ranked
    assert wide.score == narrow.score
    assert wide.score_lower90 == pytest.approx(0.2, abs=1e-12)
    assert wide.score_upper90 == pytest.approx(0.8, abs=1e-12)
    assert wide.score_lower90 < narrow.score_lower90
    assert narrow.score_upper90 < wide.score_upper90


def test_a_lower_barrier_is_the_better_end_of_its_interval() -> None:
    """The host that may hop freely may be first, though its barrier is the higher one."""
    rows = [make_row("sure", barrier_ev=0.3), make_row("unsure", **BARRIER)]
    found = rank(rows, "Li", WEIGHTS).ranked
    assert [e.row.candidate for e in found] == ["sure", "unsure"]
    assert (found[1].rank_best, found[1].rank_worst) == (1, 2)


def test_without_intervals_there_are_no_bounds() -> None:
    (entry,) = rank([make_row()], "Li", WEIGHTS).ranked
    assert (entry.score_lower90, entry.rank_best, entry.rank_worst) == (None, None, None)


def test_a_seat_below_the_adatoms_counts_before_it() -> None:
    rows = [make_row("dug-in", e_ads_ev=0.3, e_seat_ev=-0.3), make_row("adatom", e_ads_ev=0.0)]
    assert names(rank(rows, "Li", WEIGHTS)) == ["dug-in", "adatom"]


def test_hosts_that_mix_with_the_metal_rank_before_those_that_do_not() -> None:
    rows = [
        make_row("gold", e_ads_ev=-0.3, e_mix_ev=-0.4, e_hold_ev=0.1),
        make_row("copper", e_ads_ev=-0.6, e_mix_ev=0.3, e_hold_ev=0.3),
    ]
    assert names(rank(rows, "Li", WEIGHTS)) == ["gold", "copper"]


def test_a_host_to_which_an_optional_objective_does_not_apply_is_judged_by_the_others() -> None:
    note = ("dissolution: no bulk",)
    rows = [make_row("gold", e_mix_ev=-0.4), make_row("mxene", notes=note), make_row("forgotten")]
    ranking = rank(rows, "Li", WEIGHTS)
    found = {entry.row.candidate: entry for entry in ranking.ranked}
    assert found["mxene"].filled == ()
    assert found["forgotten"].filled == ("mixing",)
    assert found["mxene"].score == rank(rows[1:2], "Li", WEIGHTS).ranked[0].score
