from __future__ import annotations

import pytest
from rows import make_row

from screening.ranking.rank import Ranking, rank
from screening.ranking.weights import load_weights
from screening.report.tables import dictionary, header, table


def ranking_of(*rows: object, ion: str = "Li") -> Ranking:
    return rank(rows, ion, load_weights(), mix=True)  # type: ignore[arg-type]


def test_promised_columns_are_there() -> None:
    promised = {"candidate", "family", "ion", "calculator", "e_ads_ev", "site", "outcome"}
    promised |= {"barrier_ev", "score", "rank", "converged", "status", "reason"}
    assert promised <= set(table([ranking_of(make_row())]).columns)


def test_ranked_hosts_come_first_and_those_without_a_score_after_them() -> None:
    frame = table([ranking_of(make_row("a", e_ads_ev=None, reason="why"), make_row("b"))])
    assert list(frame["candidate"]) == ["b", "a"]
    assert list(frame["rank"]) == [1, None]
    assert frame["reason"][1] == "no e_ads_ev: why"


def test_missing_values_are_none_and_never_nan() -> None:
    frame = table([ranking_of(make_row(e_ads_ev=float("nan"), barrier_ev=None, status="partial"))])
    for column in ("e_ads_ev", "barrier_ev", "score", "rank"):
        assert frame[column][0] is None


def test_flags_of_a_row_and_of_its_outcome_stand_together() -> None:
    frame = table([ranking_of(make_row(outcome="reconstructed", flags=("edge moved",)))])
    assert frame["flags"][0].startswith("edge moved; host reconstructed")


def test_no_ranking_gives_an_empty_table_with_all_columns() -> None:
    assert list(table([]).columns) == list(dictionary())


def test_numbers_are_rounded_to_a_millionth_and_minus_zero_is_zero() -> None:
    frame = table([ranking_of(make_row(e_ads_ev=-1e-9, barrier_ev=0.123456789))])
    assert str(frame["e_ads_ev"][0]) == "0.0"
    assert frame["barrier_ev"][0] == pytest.approx(0.123457, abs=1e-12)


def test_the_header_names_the_level_and_what_is_not_counted() -> None:
    text = "\n".join(header(ranking_of(make_row(barrier_ev=None))))
    assert "calculator emt, model –, functional EMT, dispersion none" in text
    assert "affinity (e_ads_ev, weight 1)" in text
    assert "no host has a value: mixing, solubility, mobility" in text
