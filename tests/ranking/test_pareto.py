from __future__ import annotations

import numpy as np
import pytest
from rows import make_row

from screening.errors import InputError
from screening.ranking.pareto import pareto_layers, with_pareto
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights


def test_layers_peel_off_what_dominates() -> None:
    points = [[3, 1], [1, 3], [2, 2], [1, 2], [1, 1], [0, 0]]
    assert pareto_layers(points).tolist() == [1, 1, 1, 2, 3, 4]


def test_equal_points_share_a_layer() -> None:
    assert pareto_layers([[1, 1], [1, 1], [0, 1]]).tolist() == [1, 1, 2]


@pytest.mark.parametrize("objectives", [1, 2, 4])
def test_every_point_below_the_front_is_dominated_by_the_layer_above_alone(objectives: int) -> None:
    points = np.random.default_rng(0).integers(6, size=(80, objectives))
    layers = pareto_layers(points)

    def dominated(index: int, by: int) -> bool:
        rivals = points[layers == by]
        better = (rivals >= points[index]).all(axis=1) & (rivals > points[index]).any(axis=1)
        return bool(better.any())

    for index, layer in enumerate(layers):
        assert not dominated(index, layer)
        assert layer == 1 or dominated(index, layer - 1)


def test_a_host_that_lacks_a_value_has_no_layer() -> None:
    rows = [make_row("a"), make_row("b", barrier_ev=0.6), make_row("c", barrier_ev=None)]
    found = with_pareto(rank(rows, "Li", load_weights()))
    assert {e.row.candidate: e.pareto_layer for e in found.ranked} == {"a": 1, "b": 2, "c": None}


def test_an_objective_that_does_not_count_is_refused_with_those_that_do() -> None:
    with pytest.raises(InputError, match="affinity, mobility"):
        with_pareto(rank([make_row()], "Li", load_weights()), ["colour"])
