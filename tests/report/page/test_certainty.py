"""How sure the order is, as the page tells it."""

from __future__ import annotations

import re

import pytest
from rows import make_row

from screening.ranking.across import compare
from screening.ranking.rank import Ranking, rank
from screening.ranking.weights import load_weights
from screening.report.order import in_words
from screening.report.page.certainty import certainties, judge, rivals


def ranking(**energies: tuple[float, float]) -> Ranking:
    """Hosts with an energy and half of its 90 % interval, eV."""
    rows = [
        make_row(
            name, e_ads_ev=energy, e_ads_lower90_ev=energy - half, e_ads_upper90_ev=energy + half
        )
        for name, (energy, half) in energies.items()
    ]
    return rank(rows, "Li", load_weights())


@pytest.fixture
def order() -> Ranking:
    return ranking(far=(-1.0, 0.05), near=(-0.50, 0.2), close=(-0.45, 0.2), last=(0.5, 0.05))


def keys(found: Ranking) -> dict[str, str]:
    return {entry.row.candidate: f"host-{n}" for n, entry in enumerate(found.entries)}


def test_a_host_far_ahead_is_first_in_every_draw_and_close_ones_share_places(order) -> None:
    (found,) = certainties(judge([order]), keys(order))
    shown = {host.entry.row.candidate: host for _, host in found.hosts}
    assert shown["far"].ranks[0] == 1.0
    assert 0.2 < shown["close"].ranks[1] < 0.5 < shown["near"].ranks[1] < 0.8
    assert found.settings.top == 2  # half of four
    assert [pair[:2] for pair in found.open_pairs] == [("near", "close")]
    assert (found.n_open, found.n_pairs) == (1, 6)


def test_shares_of_a_host_are_probabilities_that_agree(order) -> None:
    (found,) = certainties(judge([order]), keys(order))
    for _, host in found.hosts:
        assert host.ranks[0] == host.p_first
        assert sum(host.ranks) == pytest.approx(host.p_top, abs=1e-9)
        assert host.p_top <= 1.0


def test_one_host_has_no_order() -> None:
    alone = ranking(only=(-1.0, 0.1))
    assert certainties(judge([alone]), keys(alone)) == []
    assert rivals([alone]) == {}


def test_a_host_is_held_against_the_next_above_and_the_first_against_the_second(order) -> None:
    found = rivals([order])
    assert found["near", "Li"][0] == "far"
    assert found["close", "Li"][0] == "near"
    assert found["far", "Li"][0] == "near"
    words = "\n".join(in_words(compare(order, "near", "close")))
    assert found["close", "Li"][1] == words
    assert "not told apart" in words


def test_the_page_shows_the_bars_and_the_words(page) -> None:
    text = page.read_text()
    section = text.split('<section id="certainty"')[1].split("</section>")[0]
    assert "pairs of leaders are not told apart" in section
    widths = [float(w) for w in re.findall(r'class="place-1" x="0[^"]*" width="([\d.]+)"', section)]
    assert widths
    assert all(0 <= width <= 100 for width in widths)
    assert "What decides against" in text
