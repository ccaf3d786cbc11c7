"""An order that noise of single precision does not change."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from screening.descriptors.ordering import steady_order

NOISE_EV = 1e-4


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_energies_that_are_equal_but_for_noise_keep_their_order(levels, seed) -> None:
    exact = [0.05 * level for level in levels]
    noise = np.random.default_rng(seed).uniform(-NOISE_EV, NOISE_EV, len(exact))
    assert steady_order(exact) == steady_order(list(np.array(exact) + noise))


def test_lower_energies_come_first() -> None:
    assert steady_order([0.3, -0.1, 0.2]) == [1, 2, 0]
    assert steady_order([]) == []
