from __future__ import annotations

import math

import numpy as np
import pytest

from screening.surrogate.correction import OFFSET_EV, Corrections, Hyperparameters
from screening.surrogate.gaussian import host_weights
from screening.surrogate.information import choose

SETTING = Hyperparameters(linear=(0.4,) * 3, length=(1.0,) * 3, smooth=0.2, host=0.1, noise=0.05)
NOTHING = np.empty((0, 4)), ()


def needs(hosts: list[str]) -> list[frozenset[str]]:
    """Each point needs its own frame and its clean host."""
    return [frozenset({f"point {number}", host}) for number, host in enumerate(hosts)]


def prices(hosts: list[str], clean: float = 1.0) -> dict[str, float]:
    return {f"point {number}": 1.0 for number in range(len(hosts))} | dict.fromkeys(hosts, clean)


def world(hosts: int, seed: int, points: int = 2) -> tuple[np.ndarray, list[str]]:
    """Features of one class and hosts."""
    rng = np.random.default_rng(seed)
    names = [f"{seed}-{i}" for i in range(hosts) for _ in range(points)]
    return np.column_stack([np.ones(len(names)), rng.normal(size=(len(names), 3))]), names


def total_variance(x: np.ndarray, hosts: list[str], at: np.ndarray, weights: np.ndarray) -> float:
    deviation = Corrections(x, np.zeros(len(x)), hosts, SETTING).predict(at)[1]
    return float(weights @ deviation**2)


def test_independent_hosts_come_by_the_variance_they_lose_for_their_cost() -> None:
    x = np.array([[float(label), label, 0.0, 0.0] for label in range(4)])
    hosts = list("abcd")
    cost = {"a": 1.0, "b": 1.0, "c": 9.0, "d": 2.0}
    picks = choose(NOTHING, (x, hosts), [frozenset(h) for h in hosts], cost, SETTING)
    prior = OFFSET_EV**2 + (0.4 * np.arange(4)) ** 2 + 0.2**2
    gain = prior**2 / (prior + 0.1**2 + 0.05**2) / len(hosts)
    order = np.argsort(-gain / list(cost.values()))
    assert [pick.index for pick in picks] == order.tolist()
    assert [pick.reduction_ev2 for pick in picks] == pytest.approx(gain[order], abs=1e-12)


def test_a_near_duplicate_of_computed_hosts_comes_last() -> None:
    x, hosts = world(6, seed=1, points=1)
    known = np.repeat(x[:1], 20, axis=0) + 1e-3, [f"computed {i}" for i in range(20)]
    picks = choose(known, (x, hosts), needs(hosts), prices(hosts), SETTING)
    assert picks[-1].index == 0


def test_the_same_point_gains_less_on_a_host_that_was_measured() -> None:
    x = np.array([[1.0, 0.3, 0.0, 0.0], [1.0, 0.3, 0.0, 0.0]])
    (same, other) = (
        choose(NOTHING, (x, hosts), [frozenset("1"), frozenset("2")], {"1": 1, "2": 1}, SETTING)
        for hosts in (["a", "a"], ["a", "b"])
    )
    assert same[1].reduction_ev2 < other[1].reduction_ev2 < other[0].reduction_ev2


def test_each_pick_is_the_one_that_refitting_with_every_point_finds() -> None:
    known_x, known = world(4, seed=2)
    x, hosts = world(5, seed=3)
    every, weights = np.vstack([known_x, x]), host_weights([*known, *hosts])
    cost = dict.fromkeys(prices(hosts), 1.0)
    picks = choose((known_x, known), (x, hosts), needs(hosts), cost, SETTING)
    data, names, seen = known_x, known, set()
    before = total_variance(data, names, every, weights)
    for pick in picks[:4]:
        falls = {
            i: before - total_variance(np.vstack([data, x[i]]), [*names, hosts[i]], every, weights)
            for i in set(range(len(x))) - seen
        }
        paid = {hosts[i] for i in seen}
        assert pick.index == max(falls, key=lambda i: falls[i] / (1 if hosts[i] in paid else 2))
        assert pick.reduction_ev2 == pytest.approx(falls[pick.index], abs=1e-9)
        data, names = np.vstack([data, x[pick.index]]), [*names, hosts[pick.index]]
        seen.add(pick.index)
        before = total_variance(data, names, every, weights)


def test_the_first_point_of_a_host_pays_for_the_clean_host() -> None:
    x, hosts = world(3, seed=4)
    picks = choose(NOTHING, (x, hosts), needs(hosts), prices(hosts, clean=5.0), SETTING)
    seen: set[str] = set()
    for pick in picks:
        assert pick.cost == (1.0 if hosts[pick.index] in seen else 6.0)
        seen.add(hosts[pick.index])
    assert len(picks) == len(hosts)


def test_a_budget_is_kept_and_what_does_not_fit_is_passed_over() -> None:
    x, hosts = world(3, seed=5, points=1)
    cost = {"point 0": 100.0, "point 1": 3.0, "point 2": 4.0} | dict.fromkeys(hosts, 1.0)
    picks = choose(NOTHING, (x, hosts), needs(hosts), cost, SETTING, budget=9.0)
    assert {pick.index for pick in picks} == {1, 2}
    assert math.fsum(pick.cost for pick in picks) == 9.0
    assert len(choose(NOTHING, (x, hosts), needs(hosts), cost, SETTING, points=1)) == 1
    assert choose(NOTHING, (x, hosts), needs(hosts), cost, SETTING, budget=1.0) == []


def test_the_order_of_the_pool_does_not_matter_and_inputs_stay_as_they_are() -> None:
    known_x, known = world(4, seed=6)
    x, hosts = world(8, seed=7)
    copies, cost = (known_x.copy(), x.copy()), prices(hosts)
    picks = choose((known_x, known), (x, hosts), needs(hosts), cost, SETTING)
    turn = np.random.default_rng(8).permutation(len(x))
    shuffled = x[turn], [hosts[i] for i in turn]
    wanted = [needs(hosts)[i] for i in turn]
    again = choose((known_x, known), shuffled, wanted, cost, SETTING)
    assert [int(turn[pick.index]) for pick in again] == [pick.index for pick in picks]
    assert np.array_equal(copies[0], known_x)
    assert np.array_equal(copies[1], x)
    assert cost == prices(hosts)
