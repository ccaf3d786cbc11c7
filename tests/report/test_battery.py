"""Cell-level numbers in words."""

from __future__ import annotations

import pytest
from rows import make_row

from screening.electrochemistry import default_electrolyte
from screening.ranking.battery import battery_report
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.battery import duration, render


def printed(*rows) -> str:
    from rich.console import Console

    ranking = rank(rows, "Li", load_weights())
    console = Console(width=300)
    with console.capture() as capture:
        console.print(render(battery_report(ranking, default_electrolyte("Li"), [1.0], 298.15, 10)))
    return capture.get()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "0.5 s"), (119, "119 s"), (300, "5 min"), (7200, "2 h"), (864000, "10 d")],
)
def test_durations_are_in_the_largest_unit_above_two(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_nucleus_of_a_few_atoms_is_flagged() -> None:
    text = printed(make_row("few", eta_nuc_mv=500.0), make_row("many", eta_nuc_mv=50.0))
    flagged = [line for line in text.splitlines() if "too small for classical" in line]
    assert len(flagged) == 1
    assert "few" in flagged[0]


def test_without_a_ranked_host_it_says_so() -> None:
    assert "no host is ranked" in printed(make_row(e_ads_ev=None, status="failed", reason="broke"))


def test_names_from_outside_are_text_not_markup() -> None:
    assert "[red]host" in printed(make_row("[red]host", eta_nuc_mv=50.0))


def test_text_from_files_cannot_steer_the_terminal() -> None:
    row = make_row("host", reason="nucleation: \x1b[31mred\nnext", status="partial")
    assert "\x1b" not in printed(row)
    assert "red next" in printed(row)


def test_a_computed_surface_energy_is_named_and_a_literature_value_flagged() -> None:
    slab = make_row("li-110", formula="Li16", gamma_j_m2=0.5)
    computed, recalled = printed(make_row(), slab), printed(make_row())
    assert "0.500 " in computed
    assert "lowest surface energy computed for the metal, li-110" in computed
    assert "literature" not in computed
    assert "0.522*" in recalled
    average = printed(make_row(gamma_metal_j_m2=0.45), slab)
    assert "0.450 " in average
    assert "gamma: Wulff average of the metal's planes, computed" in average
    assert "li-110" not in average.partition("gamma: ")[2]
    assert "* gamma from literature, not computed" in recalled
