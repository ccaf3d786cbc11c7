from __future__ import annotations

from dataclasses import replace
from math import erf

import numpy as np
import pytest
from rows import make_row

from screening.ranking.rank import rank
from screening.ranking.robust import robustness, win_probability
from screening.ranking.smaa import Problem, Settings, ranks_of, smaa
from screening.ranking.weights import load_weights

DRAWS = 20_000
NOISE = 4 * 0.5 / DRAWS**0.5
"""Four standard deviations of a share that is counted over that many draws."""
WEIGHTS = load_weights()


def problem(
    values: list[list[float]], sd: float = 0.0, families: list[int] | None = None
) -> Problem:
    """Hosts of one ion; more is better in every objective, from 0 (poor) to 1 (good)."""
    cells = np.array(values)[:, None, :]
    count = cells.shape[-1]
    return Problem(
        values=cells,
        below=np.full(cells.shape, sd),
        above=np.full(cells.shape, sd),
        poor=np.zeros(count),
        good=np.ones(count),
        weights=np.ones(count),
        counts=np.ones(cells.shape, dtype=bool),
        families=np.array(families or range(len(values))),
        others=(np.zeros(1),) * count,
    )


def normal(z: float) -> float:
    return 0.5 * (1 + erf(z / 2**0.5))


@pytest.mark.parametrize("gap", [0.0, 0.1, 0.3])
def test_of_two_hosts_the_better_wins_as_often_as_the_normal_distribution_says(gap: float) -> None:
    """The difference of two independent errors of s.d. s has s.d. s sqrt(2)."""
    found = smaa(problem([[0.5 + gap], [0.5]], sd=0.2), Settings(draws=DRAWS, family=0.0))
    expected = normal(gap / (0.2 * 2**0.5))
    assert found.ranks[0, 0] == pytest.approx(expected, abs=NOISE)
    assert found.expected[0] == pytest.approx(2 - expected, abs=NOISE)


def test_errors_that_a_family_shares_do_not_blur_the_order_within_it() -> None:
    """With a share c in common the difference has the variance 2 (1 - c) s^2."""
    settings = Settings(draws=DRAWS, family=0.75)
    alike = smaa(problem([[0.6], [0.5]], sd=0.2, families=[0, 0]), settings)
    apart = smaa(problem([[0.6], [0.5]], sd=0.2), settings)
    assert alike.ranks[0, 0] == pytest.approx(normal(0.1 / (0.2 * 0.5**0.5)), abs=NOISE)
    assert apart.ranks[0, 0] == pytest.approx(normal(0.1 / (0.2 * 2**0.5)), abs=NOISE)


def test_open_weights_are_uniform_if_the_stated_ones_are_equal() -> None:
    """Each host is best in one of two objectives, alike: each is first for half of all weights,
    from 0 to 1/2 and from 1/2 to 1, whose middles are 1/4 and 3/4."""
    found = smaa(problem([[1.0, 0.0], [0.0, 1.0]]), Settings(draws=DRAWS))
    assert found.ranks[:, 0] == pytest.approx([0.5, 0.5], abs=NOISE)
    assert found.central == pytest.approx(np.array([[0.75, 0.25], [0.25, 0.75]]), abs=NOISE)
    assert found.confidence == pytest.approx([1.0, 1.0])


def test_a_dominated_host_is_never_first_whatever_the_weights() -> None:
    found = smaa(problem([[0.5, 0.5], [0.4, 0.5]]), Settings(draws=500))
    assert found.ranks.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert np.isnan(found.confidence[1])


def test_equal_hosts_share_the_rank_and_win_half_of_their_pairs() -> None:
    found = smaa(problem([[0.5], [0.5]]), Settings(draws=100))
    assert found.expected.tolist() == [1.0, 1.0]
    assert found.wins[0, 1] == 0.5
    assert ranks_of(np.array([[0.1, 0.3, 0.3, 0.2]])).tolist() == [[4, 1, 1, 3]]


def test_the_order_of_hosts_without_errors_at_fixed_weights_is_certain() -> None:
    values = [[0.1 * i] for i in range(6)]
    found = smaa(problem(values), Settings(draws=100, free=False))
    assert found.expected.tolist() == [6, 5, 4, 3, 2, 1]
    assert (found.lower90 == found.upper90).all()


def test_draws_repeat_with_the_seed() -> None:
    a, b, c = (
        smaa(problem([[0.5], [0.6]], sd=0.3), Settings(draws=200, seed=seed)) for seed in (1, 1, 2)
    )
    assert (a.expected == b.expected).all()
    assert (a.expected != c.expected).any()


def test_a_missing_value_is_drawn_from_those_of_the_others() -> None:
    """Half of the others are better than the host that has the middle value."""
    rows = [make_row(f"h{b}", barrier_ev=b) for b in (0.2, 0.3, 0.5, 0.6)]
    rows += [make_row("known", barrier_ev=0.4), make_row("lacking", barrier_ev=None)]
    ranking = rank(rows, "Li", WEIGHTS)
    settings = Settings(draws=DRAWS, free=False)
    known, lacking = rows[-2:]
    assert win_probability(lacking, known, ranking, settings) == pytest.approx(0.5, abs=NOISE)


def test_pairs_within_their_errors_are_named_as_not_told_apart() -> None:
    def wide(name: str, energy: float) -> object:
        ends = {"e_ads_lower90_ev": energy - 0.1, "e_ads_upper90_ev": energy + 0.1}
        return make_row(name, e_ads_ev=energy, barrier_ev=None, **ends)

    rows = [wide("a", -0.52), wide("b", -0.50), wide("far", 1.0)]
    found = robustness(rank(rows, "Li", WEIGHTS), Settings())  # type: ignore[arg-type]
    assert [pair[:2] for pair in found.unresolved] == [("a", "b")]
    assert found.pairs == 3


def test_a_host_to_which_an_objective_does_not_apply_is_drawn_by_the_others_alone() -> None:
    """Better than its rival in what applies to it: never behind, whatever the weights."""
    cells = problem([[0.6, -5.0], [0.5, 0.5]])
    counts = np.array([[[True, False]], [[True, True]]])
    found = smaa(replace(cells, counts=counts), Settings(draws=100))
    assert found.expected.tolist() == [1.0, 2.0]
