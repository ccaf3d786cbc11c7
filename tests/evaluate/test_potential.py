"""What a calculator is asked beside energies: its latent features, counted and checked."""

from __future__ import annotations

import numpy as np
import pytest

from screening.errors import TaskError
from screening.evaluate.potential import Potential
from tests.pipeline.graphene_world import METAL_LATENT, Blind, Graphene, Seeing, place, sheet


def structures():
    clean = sheet().atoms
    adsorbed = clean.copy()
    adsorbed.append("Li")
    adsorbed.positions[-1] = clean.positions[0] + [0.3, 0.2, 1.9]
    return [clean, adsorbed]


def test_latent_features_come_in_order_and_are_counted_and_timed() -> None:
    clean, adsorbed = structures()
    potential = Potential(Seeing())
    found = potential.latent([clean, adsorbed])
    assert found is not None
    assert found.shape == (2, 3)
    assert found[1, :2] - found[0, :2] - METAL_LATENT[:2] == pytest.approx(
        [0.0, place(adsorbed.positions[-1])]
    )
    assert potential.force_calls == 2
    assert potential.seconds > 0


def test_a_calculator_without_latent_features_has_none_and_costs_nothing() -> None:
    potential = Potential(Graphene())
    assert potential.latent(structures()) is None
    assert potential.force_calls == 0


def test_a_latent_feature_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(TaskError, match="latent feature that is not finite"):
        Potential(Blind()).latent(structures())


def test_structures_are_left_as_they_were() -> None:
    asked, before = structures(), structures()
    Potential(Seeing()).latent(asked)
    assert asked == before
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(asked, before, strict=True))
