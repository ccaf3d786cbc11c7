"""What the page says first: which hosts, how sure, why."""

from __future__ import annotations

from rows import make_row

from screening.descriptors import Row
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.page.certainty import judge
from screening.report.page.content import heads_of, keys_of, lines_of
from screening.report.page.verdict import Verdict, best_for_all, verdicts

NEAR = (-0.50, -0.45, -0.40)


def host(name: str, energy: float, half: float = 0.02, **changes: object) -> Row:
    return make_row(
        name, e_ads_ev=energy, e_ads_lower90_ev=energy - half, e_ads_upper90_ev=energy + half,
        **changes,
    )  # fmt: skip


def verdict(rows: list[Row]) -> Verdict:
    rankings = [rank(rows, "Li", load_weights())]
    heads = heads_of(rankings)
    _, lines = lines_of(rankings, heads, keys_of(rankings))
    (found,) = verdicts(rankings, judge(rankings), heads, lines)
    return found


def test_the_picks_are_the_first_of_the_ranking_with_how_sure_they_are() -> None:
    found = verdict([host(f"h{n}", -1.0 + 0.2 * n) for n in range(12)])
    assert [pick.line.row.candidate for pick in found.picks] == [f"h{n}" for n in range(5)]
    assert [pick.p_top for pick in found.picks] == [1.0] * 5
    assert found.near == ()
    assert found.order.startswith("Each ranks before the next")
    assert (found.ranked, found.apart, found.unranked) == (12, 0, 0)


def test_neighbours_that_are_not_told_apart_are_named() -> None:
    rows = [host("far", -1.5), *(host(f"n{i}", e, 0.2) for i, e in enumerate(NEAR))]
    assert verdict([*rows, host("last", 0.9)]).order == "Order open between n0, n1 and n2."


def test_a_host_below_the_picks_that_may_be_among_them_is_named() -> None:
    rows = [host(f"h{n}", -1.0 + 0.3 * n) for n in range(9)]
    rows[4], rows[5] = host("h4", 0.20, 0.3), host("h5", 0.22, 0.3)
    found = verdict(rows)
    assert next(line.row.candidate for line, _ in found.near) == "h5"
    assert all(0.1 <= p <= 1 for _, p in found.near)


def test_reasons_are_graded_by_the_anchors_and_what_does_not_apply_is_said() -> None:
    (pick,) = verdict([host("only", -0.5, barrier_ev=0.6, notes=("reaction: no bulk",))]).picks
    said = {head.name: counted for head, counted in pick.reasons}
    grades = {name: c.share.grade for name, c in said.items() if c.share}
    assert grades == {"affinity": "good", "mobility": "poor"}
    assert pick.p_top is None  # a single host has no order


def test_a_host_for_all_ions_is_good_with_each_and_ranked_apart_with_none() -> None:
    rows = [
        row
        for ion in ("Li", "Na", "K")
        for row in (
            host("all", -1.0, ion=ion, barrier_ev=0.1),
            host("poor-with-K", 2.0 if ion == "K" else -1.0, ion=ion, barrier_ev=0.1),
            host("rebuilt", -1.0, ion=ion, outcome="reconstructed" if ion == "Na" else "kept"),
        )
    ]
    rankings = [rank(rows, ion, load_weights()) for ion in ("Li", "Na", "K")]
    assert [line.candidate for line in best_for_all(rankings)] == ["all"]
