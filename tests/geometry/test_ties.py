"""Order in which noise decides nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from screening.geometry import ranks


def test_values_within_the_tolerance_share_a_rank() -> None:
    assert ranks([0.3, 0.1, 0.3004, 0.2], 1e-3).tolist() == [2, 0, 2, 1]


def test_nothing_has_no_ranks() -> None:
    assert ranks([], 1e-3).tolist() == []


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=20), st.integers(0, 2**32 - 1)
)  # fmt: skip
def test_noise_below_the_tolerance_changes_no_rank(levels: list[int], seed: int) -> None:
    values = 0.01 * np.array(levels)
    noise = np.random.default_rng(seed).uniform(-1e-4, 1e-4, len(values))
    assert (ranks(values + noise, 1e-3) == ranks(values, 1e-3)).all()
