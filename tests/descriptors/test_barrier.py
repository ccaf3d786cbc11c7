"""Which relaxed sites count as minima, and what a trap costs once it is filled."""

from __future__ import annotations

import pytest

from screening.descriptors import Value
from screening.descriptors.barrier import spread
from screening.descriptors.network import true_minima


@pytest.mark.parametrize(
    ("softest", "expected"),
    [
        ([0.5, 0.2, -0.3], [0, 1]),
        ([0.5, 0.01, 0.03], [0, 2]),  # a plateau is no second minimum
        ([0.01, 0.5], [0, 1]),  # the deepest site may be flat
        ([-0.01, 0.01], [0]),
        ([-0.1, 0.01, 0.5], [1, 2]),  # held on a saddle: the next one is the deepest
        ([None, 0.5], [1]),
        ([-0.1], []),
        ([], []),
    ],
)
def test_saddles_and_plateaus_are_no_minima(softest, expected: list[int]) -> None:
    assert true_minima(softest) == expected


@pytest.mark.parametrize(
    ("e_ads", "barrier", "expected"),
    [
        (0.8, 0.3, 0.3),  # above the metal: nothing is filled, the hop is the hop
        (0.0, 0.3, 0.3),
        (-0.2, 0.5, 0.3),  # the saddle stands 0.3 eV over the metal
        (-2.5, 2.1, 0.0),  # a trap whose edge is below the metal: later ions pass freely
    ],
)
def test_spreading_starts_from_the_site_or_from_the_metal(e_ads, barrier, expected) -> None:
    found = spread(Value(e_ads, "calibrated"), Value(barrier, "calibrated"))
    assert found is not None
    assert found.number == pytest.approx(expected, abs=1e-12)


def test_energies_of_two_scales_have_no_spread() -> None:
    assert spread(Value(-0.2, "calibrated"), Value(0.5, "engine")) is None


def test_the_ends_of_the_interval_go_with_the_ends() -> None:
    found = spread(
        Value(-0.5, "calibrated", -0.6, -0.4, raw=-0.1), Value(0.7, "calibrated", 0.6, 0.8, raw=0.3)
    )
    assert found is not None
    assert (found.lower90, found.upper90) == (pytest.approx(0.0), pytest.approx(0.4))
    assert found.raw == pytest.approx(0.2)
