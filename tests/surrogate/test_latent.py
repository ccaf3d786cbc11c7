"""What a network sees change on adsorption, and the few numbers that are left of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from screening.surrogate.latent import N_COMPONENTS, Components, latent_change


@pytest.fixture
def changes() -> np.ndarray:
    """Thirty changes of nine features that differ in size, correlate and have a mean."""
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(30, 9)) @ rng.normal(size=(9, 9))
    return mixed * np.logspace(-3, 3, 9) + 5.0


def test_a_change_is_formed_like_an_adsorption_energy() -> None:
    host, metal, ion = np.array([10.0, -4.0]), np.array([1.0, 2.0]), np.array([0.5, 0.25])
    adsorbed = host + 3 * (metal + ion)
    assert latent_change(adsorbed, host, metal, 3) == pytest.approx(ion)


def test_ions_that_change_nothing_have_no_change() -> None:
    host, metal = np.array([10.0, -4.0]), np.array([1.0, 2.0])
    assert latent_change(host + 2 * metal, host, metal, 2) == pytest.approx([0.0, 0.0])


def test_components_are_uncorrelated_with_zero_mean_and_unit_variance(changes: np.ndarray) -> None:
    components = Components.fit(changes)
    values = np.array([components.of(change) for change in changes])
    assert values.shape == (len(changes), len(components)) == (30, N_COMPONENTS)
    assert values.mean(axis=0) == pytest.approx(np.zeros(N_COMPONENTS), abs=1e-9)
    assert np.cov(values.T) == pytest.approx(np.eye(N_COMPONENTS), abs=1e-9)


def test_units_of_the_features_do_not_matter(changes: np.ndarray) -> None:
    units = np.logspace(-2, 4, changes.shape[1])
    here, there = Components.fit(changes), Components.fit(changes * units)
    for change in changes[:3]:
        assert there.of(change * units) == pytest.approx(here.of(change), abs=1e-6)


def test_a_feature_that_never_changes_counts_for_nothing(changes: np.ndarray) -> None:
    dead = np.column_stack([changes, np.full(len(changes), 7.0)])
    here, there = Components.fit(changes), Components.fit(dead)
    assert there.of(dead[0]) == pytest.approx(here.of(changes[0]), abs=1e-9)


@pytest.mark.parametrize("points", [3, 6])
def test_there_are_no_more_components_than_directions_in_the_data(
    changes: np.ndarray, points: int
) -> None:
    """With the mean taken out, n points span n − 1 directions; the rest would be rounding."""
    few = changes[:points]
    components = Components.fit(few)
    assert len(components) == points - 1
    unseen = np.array([components.of(change) for change in changes])
    assert np.abs(unseen).max() < 100.0


def test_features_that_repeat_each_other_are_one_direction(changes: np.ndarray) -> None:
    one = changes[:, :1]
    assert len(Components.fit(np.hstack([one, 2 * one, 5 - one]))) == 1


def test_components_survive_the_trip_through_json(changes: np.ndarray) -> None:
    components = Components.fit(changes)
    again = Components.from_json(json.loads(json.dumps(components.as_json())))
    assert again.of(changes[0]) == pytest.approx(components.of(changes[0]), abs=0)


def test_fitting_is_reproducible_and_leaves_the_changes_as_they_were(changes: np.ndarray) -> None:
    before = changes.copy()
    assert Components.fit(changes).as_json() == Components.fit(before).as_json()
    assert (changes == before).all()
