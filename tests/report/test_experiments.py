from __future__ import annotations

import io

from rich.console import Console
from rows import make_row

from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.experiments import render, scores_of
from screening.validation.experiments import load_experiments

ROWS = [
    make_row("au-111", family="metal", e_ads_ev=-0.4, e_mix_ev=-1.4, e_hold_ev=0.2),
    make_row("ag-111", family="metal", e_ads_ev=-0.2, e_mix_ev=-0.5, e_hold_ev=0.1),
    make_row("mg-0001", family="metal", e_ads_ev=0.3, e_mix_ev=-0.1, e_hold_ev=0.1),
    make_row("cu-111", family="metal", e_ads_ev=-0.6, e_mix_ev=0.3, e_hold_ev=0.3),
    make_row("ni-111", family="metal", e_ads_ev=-0.7, e_mix_ev=0.6, e_hold_ev=0.6),
]


def shown() -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(render([rank(ROWS, "Li", load_weights())], load_experiments()))
    return console.export_text()


def test_the_score_stands_beside_the_bare_adatom() -> None:
    lines = {line.split()[0]: line.split() for line in shown().splitlines() if line.strip()}
    # gold, silver and magnesium over copper, magnesium over nickel; the adatom has none of them
    assert lines["all"][1:3] == ["4", "4"]
    assert lines["all"][-3:] == ["0", "of", "4"]


def test_series_have_their_rank_correlation() -> None:
    line = next(line for line in shown().splitlines() if "overpotential" in line)
    ours, bare = (float(text) for text in line.split()[-2:])
    assert ours > 0 > bare


def test_pairs_in_the_wrong_order_are_named() -> None:
    rows = [make_row("au-111", e_ads_ev=0.5), make_row("cu-111", e_ads_ev=-0.5)]
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(render([rank(rows, "Li", load_weights())], load_experiments()))
    assert "Li  au-111  cu-111" in console.export_text()


def test_scores_are_higher_for_better_hosts() -> None:
    scores, adatoms = scores_of([rank(ROWS, "Li", load_weights())])
    assert scores["Li"]["au-111"] > scores["Li"]["cu-111"]
    assert adatoms["Li"]["cu-111"] == 0.6
