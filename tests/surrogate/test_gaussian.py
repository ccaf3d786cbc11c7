from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from screening.surrogate.correction import (
    Corrections,
    Hyperparameters,
    _unlikely,
    observations,
    select,
)
from screening.surrogate.gaussian import conformal_score, host_weights, leave_group_out

SETTING = Hyperparameters(linear=(0.4,) * 4, length=(1.0,) * 4, smooth=0.1, host=0.1, noise=0.05)


def world(hosts: int, seed: int, points: int = 3) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """One class; corrections linear in the features, plus an effect of the host and noise."""
    rng = np.random.default_rng(seed)
    names = [f"h{i}" for i in range(hosts) for _ in range(points)]
    x = rng.normal(size=(len(names), 4))
    effect = np.repeat(rng.normal(scale=0.1, size=hosts), points)
    y = 0.4 + x @ [0.3, -0.2, 0.0, 0.1] + effect + rng.normal(scale=0.05, size=len(names))
    return np.column_stack([np.ones(len(x)), x]), y, names


def test_classes_share_nothing() -> None:
    x, y, names = world(10, seed=5)
    other = x.copy()
    other[:, 0] = -1.0
    both = np.vstack([x, other]), np.concatenate([y, y + 3.0]), [*names, *(n + "'" for n in names)]
    new = world(3, seed=6)[0]
    assert Corrections(*both, SETTING).predict(new)[0] == pytest.approx(
        Corrections(x, y, names, SETTING).predict(new)[0]
    )


def test_the_gradient_is_the_slope_of_the_likelihood_along_each_setting() -> None:
    x, y, names = world(4, seed=7)
    logs, spread = SETTING.logs(), np.linspace(0.0, 0.2, len(y))

    def loss(step: np.ndarray) -> float:
        return _unlikely(x, y, names, spread, Hyperparameters.of_logs(logs + step))[0]

    gradient = _unlikely(x, y, names, spread, SETTING)[1]
    steps = 1e-5 * np.eye(len(logs))
    slopes = [(loss(step) - loss(-step)) / 2e-5 for step in steps]
    assert gradient == pytest.approx(slopes, abs=1e-6)


def test_a_point_of_unsure_reference_says_less() -> None:
    """Two hosts alike, one value sure and one not: a third host is told by the sure one."""
    x, y = np.zeros((2, 5)), np.array([0.2, 0.8])
    sure = Corrections(x, y, ["a", "b"], SETTING, np.array([0.0, 3.0])).predict(x[:1])[0]
    both = Corrections(x, y, ["a", "b"], SETTING).predict(x[:1])[0]
    assert 0.15 < float(sure[0]) < 0.25 < float(both[0])


def test_settings_survive_the_trip_through_json() -> None:
    assert Hyperparameters.from_json(json.loads(json.dumps(asdict(SETTING)))) == SETTING


def test_the_closed_form_is_what_refitting_without_the_host_gives() -> None:
    x, y, names = world(6, seed=1)
    mean, deviation = leave_group_out(observations(x, names, SETTING), y, names)
    for host in set(names):
        out = np.array(names) == host
        kept = [name for name in names if name != host]
        expected = Corrections(x[~out], y[~out], kept, SETTING).predict(x[out])
        assert mean[out] == pytest.approx(expected[0], abs=1e-8)
        assert deviation[out] == pytest.approx(expected[1], abs=1e-8)


def test_together_points_are_predicted_as_they_are_alone() -> None:
    x, y, names = world(8, seed=8)
    new = world(2, seed=9)[0]
    mean, spread = Corrections(x, y, names, SETTING).predict_jointly(new)
    alone = [Corrections(x, y, names, SETTING).predict(one[np.newaxis]) for one in new]
    assert mean == pytest.approx([float(m[0]) for m, _ in alone])
    assert np.sqrt(np.diag(spread)) == pytest.approx([float(d[0]) for _, d in alone])
    assert spread == pytest.approx(spread.T)


def test_without_data_the_covariance_of_one_host_is_the_prior() -> None:
    x, y, names = world(3, seed=8)
    new = x.copy()
    new[:, 0] = -1.0
    mean, spread = Corrections(x, y, names, SETTING).predict_jointly(new)
    one_host = ["new"] * len(new)
    assert mean == pytest.approx(np.zeros(len(new)))
    assert spread == pytest.approx(observations(new, one_host, SETTING))


def test_what_hosts_differ_by_is_in_every_point_and_in_no_difference() -> None:
    """Prior of two points of one host: their sum has the host's effect twice, the other none."""
    x, y, names = world(3, seed=8)
    new = x[:2].copy()
    new[:, 0] = -1.0

    def variances(host: float) -> np.ndarray:
        spread = Corrections(x, y, names, replace(SETTING, host=host)).predict_jointly(new)[1]
        return np.array([w @ spread @ w for w in np.array([[1, 0], [1, -1]])])

    assert variances(0.7) - variances(0.1) == pytest.approx([0.7**2 - 0.1**2, 0.0])


def test_on_a_host_that_is_known_its_effect_is_known() -> None:
    """With nothing else to learn, n points leave ``s²/n`` of the noise s, beside a point's own."""
    x, names = np.zeros((4, 5)), ["known"] * 3 + ["other"]
    h = Hyperparameters((1e-9,) * 4, (1.0,) * 4, smooth=1e-9, host=50.0, noise=0.1)
    y, new = np.array([0.2, 0.3, 0.4, -0.5]), np.zeros((1, 5))
    mean, deviation = Corrections(x, y, names, h).predict(new, host="known")
    assert mean == pytest.approx([0.3], abs=1e-4)
    assert deviation == pytest.approx([0.1 * np.sqrt(1 + 1 / 3)], rel=1e-4)
    mean, deviation = Corrections(x, y, names, h).predict(new, host="never seen")
    assert abs(float(mean[0])) < 1e-3
    assert float(deviation[0]) > 50.0


def test_a_known_linear_error_is_recovered_on_hosts_not_seen() -> None:
    x, y, names = world(40, seed=2)
    new, truth, _ = world(40, seed=3)
    mean, _ = Corrections(x, y, names, select(x, y, names)).predict(new)
    assert np.abs(mean - truth).mean() < 0.12
    assert np.abs(truth).mean() > 0.4


def test_ninety_percent_intervals_cover_about_ninety_percent_of_new_hosts() -> None:
    inside = []
    for seed in range(6):
        x, y, names = world(25, seed=10 + seed)
        chosen = select(x, y, names)
        mean, deviation = leave_group_out(observations(x, names, chosen), y, names)
        width = conformal_score(y - mean, deviation, names, 0.9)
        new, truth, _ = world(30, seed=100 + seed)
        guess, spread = Corrections(x, y, names, chosen).predict(new)
        inside.append(np.abs(truth - guess) <= width * spread)
    assert 0.85 <= np.mean(inside) <= 0.97


def test_few_hosts_give_the_largest_score() -> None:
    errors = np.array([0.1, -0.2, 0.3])
    assert conformal_score(errors, np.ones(3), ["a", "b", "c"], 0.9) == pytest.approx(0.3)


def test_hosts_count_the_same_however_many_points_they_have() -> None:
    weights = host_weights(["a", "a", "a", "b"])
    assert weights == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_selection_is_reproducible() -> None:
    x, y, names = world(8, seed=4)
    assert select(x, y, names) == select(x.copy(), y.copy(), list(names))
