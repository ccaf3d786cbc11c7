"""Which pairs come next: known gains, known order, a batch that spreads."""

from __future__ import annotations

import numpy as np
import pytest

from screening.surrogate.acquisition import TARGET, Chooser, improvement
from screening.surrogate.instant import Instant, Kernel, Points
from screening.surrogate.instant_features import INSTANT_FEATURES
from screening.surrogate.prescreen import Guess

N_FEATURES = len(INSTANT_FEATURES)


def at(*values: float) -> np.ndarray:
    return np.array([*values, *[0.0] * (N_FEATURES - len(values))])


@pytest.fixture
def model() -> Instant:
    """Hosts along one feature: lower on the right, and less well known."""
    x = np.array([at(v) for v in (-1.0, -0.5, 0.0, 0.5)])
    return Instant(
        reference="exact",
        screen="",
        points=Points(x, tuple("abcd"), np.ones(4)),
        ions=("Li",) * 4,
        y=np.array([1.0, 0.5, 0.0, -0.5]),
        elements=("C",),
        kernel=Kernel(0.3, 1.0, 1.0, 0.1, 0.1),
        score=1.645,
    )


def guesses(model: Instant, places: list[np.ndarray], elements: str = "C") -> list[Guess]:
    estimates = model.estimates(np.array(places), ["Li"] * len(places), [{elements}] * len(places))
    return [
        Guess(f"host-{i}", "carbon", elements, "Li", x, estimate)
        for i, (x, estimate) in enumerate(zip(places, estimates, strict=True))
    ]


def taken(chooser: Chooser, count: int) -> list[int]:
    order = []
    for _ in range(count):
        best = chooser.best(set())
        assert best is not None
        chooser.take(best[0])
        order.append(best[0])
    return order


def test_expected_improvement_has_its_closed_form() -> None:
    mean, deviation, target = np.array([0.0, 3.0, -2.0]), np.array([1.0, 0.01, 0.01]), np.zeros(3)
    gain = improvement(mean, deviation, target)
    assert gain == pytest.approx([1 / np.sqrt(2 * np.pi), 0.0, 2.0], abs=1e-6)


def test_a_lower_or_less_certain_energy_gains_more() -> None:
    low, high = improvement(np.array([-0.5, 0.5]), np.full(2, 0.3), np.zeros(2))
    sharp, vague = improvement(np.full(2, 0.5), np.array([0.1, 0.5]), np.zeros(2))
    assert low > high
    assert vague > sharp


def test_the_most_promising_pair_comes_first_and_each_comes_once(model: Instant) -> None:
    chooser = Chooser(guesses(model, [at(-1.0), at(1.0), at(0.0)]), {}, model)
    order = taken(chooser, 3)
    assert order[0] == 1
    assert sorted(order) == [0, 1, 2]
    assert chooser.best(set()) is None


def test_a_pair_passed_over_gives_way_to_the_next(model: Instant) -> None:
    chooser = Chooser(guesses(model, [at(-1.0), at(1.0), at(0.0)]), {}, model)
    best = chooser.best({1})
    assert best is not None
    assert best[0] == 2


def test_a_twin_of_a_picked_host_waits_for_another_kind(model: Instant) -> None:
    """Two twins and a third host of about the same promise: both kinds before the second twin."""
    places = [at(1.0, 0.8), at(1.0, 0.8), at(1.0, -0.8)]
    order = taken(Chooser(guesses(model, places), {}, model), 3)
    assert order.index(2) < 2


def test_computed_values_set_the_bar(model: Instant) -> None:
    places = [at(v) for v in np.linspace(-0.5, 1.0, 2 * TARGET)]
    pairs = guesses(model, places)
    before = Chooser(pairs, {0: None}, model).best(set())
    strong = dict.fromkeys(range(TARGET), -9.0)
    after = Chooser(pairs, strong, model).best(set())
    assert before is not None
    assert after is not None
    assert after[0] not in strong
    assert 0 <= float(after[1] or 0) < float(before[1] or 0)


def test_pairs_outside_the_domain_come_last_with_no_gain(model: Instant) -> None:
    inside, outside = guesses(model, [at(0.0)]), guesses(model, [at(1.0)], "W")
    chooser = Chooser([*outside, *inside], {}, model)
    assert taken(chooser, 1) == [1]
    assert chooser.best(set()) == (0, None)


def test_the_choice_is_reproducible(model: Instant) -> None:
    places = [at(*row) for row in np.random.default_rng(0).normal(0, 0.5, (30, 3))]
    one = taken(Chooser(guesses(model, places), {3: None}, model), 10)
    assert one == taken(Chooser(guesses(model, places), {3: None}, model), 10)
