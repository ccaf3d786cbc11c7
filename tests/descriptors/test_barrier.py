"""Which relaxed sites count as minima."""

from __future__ import annotations

import pytest

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
