from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.ranking.desirability import geometric_mean, log_desirability

energies = st.floats(-5.0, 5.0)


@pytest.mark.parametrize(("poor", "good"), [(0.5, -0.5), (0.6, 0.2), (1.0, 3.0)])
def test_the_anchors_have_the_stated_desirabilities(poor: float, good: float) -> None:
    assert math.exp(log_desirability(poor, poor, good)) == pytest.approx(0.2, abs=1e-12)
    assert math.exp(log_desirability(good, poor, good)) == pytest.approx(0.8, abs=1e-12)


def test_midway_between_the_anchors_is_the_closed_form() -> None:
    exponent = 0.5 * (math.log(-math.log(0.2)) + math.log(-math.log(0.8)))
    expected = math.exp(-math.exp(exponent))
    assert math.exp(log_desirability(0.0, 0.5, -0.5)) == pytest.approx(expected, abs=1e-12)


@given(energies, energies)
def test_stronger_binding_is_never_less_desirable(a: float, b: float) -> None:
    stronger, weaker = sorted((a, b))
    assert log_desirability(stronger, 0.5, -0.5) >= log_desirability(weaker, 0.5, -0.5)


@given(st.floats(-1e6, 1e6))
def test_any_energy_gives_a_desirability_between_0_and_1(value: float) -> None:
    assert 0.0 <= math.exp(log_desirability(value, 0.5, -0.5)) <= 1.0


def test_geometric_mean_of_0_9_and_0_4_is_0_6() -> None:
    assert geometric_mean([math.log(0.9), math.log(0.4)], [1.0, 1.0]) == pytest.approx(0.6)


def test_only_ratios_of_weights_matter() -> None:
    logs = [math.log(0.7), math.log(0.3)]
    assert geometric_mean(logs, [2.0, 1.0]) == pytest.approx(geometric_mean(logs, [4.0, 2.0]))


def test_weight_is_the_exponent() -> None:
    mean = geometric_mean([math.log(0.5), math.log(0.8)], [3.0, 1.0])
    assert mean == pytest.approx((0.5**3 * 0.8) ** 0.25)
