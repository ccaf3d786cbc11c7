from __future__ import annotations

import io

from rich.console import Console
from rows import OTHER_LEVEL, make_row

from screening.descriptors import Row
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.terminal import render


def shown(*rows: Row) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(render(rank(rows, "Li", load_weights(), mix=True)))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_energies_carry_their_sign_and_the_score_three_digits() -> None:
    text = shown(make_row(e_ads_ev=0.5, barrier_ev=0.2))
    assert "+0.50" in text
    assert "0.400" in text


def test_unranked_hosts_stand_below_with_their_reason() -> None:
    ranked, _, apart = shown(
        make_row("a"), make_row("b", e_ads_ev=None, reason="engine failed")
    ).partition("Not ranked")
    assert "engine failed" not in ranked
    assert "engine failed" in apart


def test_text_from_outside_is_not_read_as_markup() -> None:
    assert "[red]gone[/red]" in shown(make_row(status="failed", reason="[red]gone[/red]"))


def test_the_level_stands_above_the_numbers() -> None:
    assert "functional PBE, dispersion d3bj" in shown(make_row(level=OTHER_LEVEL))
