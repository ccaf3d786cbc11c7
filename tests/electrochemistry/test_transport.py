"""Sand's time and the limiting current, by hand and by how they scale."""

from __future__ import annotations

import numpy as np
import pytest

from screening.electrochemistry import limiting_current_a_m2, sand_time_s
from screening.errors import InputError

SALT = {"diffusivity_m2_s": 3e-10, "concentration_mol_m3": 1000.0, "transference": 0.4}


def test_sand_time_by_hand() -> None:
    # 96485332.12 / (2 * 10 * 0.6) = 8040444.343; squared, times pi 3e-10
    assert float(sand_time_s(10.0, **SALT)) == pytest.approx(60929.5, rel=1e-5)


def test_limiting_current_by_hand() -> None:
    # 2 × 96485.33212 × 3e-10 × 1000 over 0.6 × 25e-6
    assert float(limiting_current_a_m2(25e-6, **SALT)) == pytest.approx(3859.41328, rel=1e-8)


def test_sand_time_falls_as_the_square_of_the_current() -> None:
    one, two = sand_time_s([10.0, 20.0], **SALT)
    assert one / two == pytest.approx(4.0, rel=1e-12)


def test_sand_time_grows_as_the_square_of_concentration_and_charge() -> None:
    base = sand_time_s(10.0, **SALT)
    assert sand_time_s(10.0, **(SALT | {"concentration_mol_m3": 3e3})) == pytest.approx(9 * base)
    assert sand_time_s(10.0, **SALT, charge=2) == pytest.approx(4 * base)


def test_limiting_current_falls_as_the_distance() -> None:
    near, far = limiting_current_a_m2([10e-6, 40e-6], **SALT)
    assert near / far == pytest.approx(4.0, rel=1e-12)


def test_mobile_anions_bring_depletion_forward() -> None:
    slow, fast = sand_time_s(10.0, **(SALT | {"transference": [0.9, 0.0]}))
    assert slow / fast == pytest.approx(100.0, rel=1e-9)


def test_sand_time_and_limiting_current_meet_where_the_salt_layer_fills_the_cell() -> None:
    # tau(J_lim) = pi L^2 / (16 D), whatever the salt
    length = 50e-6
    tau = sand_time_s(limiting_current_a_m2(length, **SALT), **SALT)
    assert tau == pytest.approx(np.pi * length**2 / (16 * 3e-10), rel=1e-12)


def test_arrays_broadcast_and_are_not_changed() -> None:
    currents = np.array([[1.0], [10.0]])
    before = currents.copy()
    times = sand_time_s(currents, **(SALT | {"diffusivity_m2_s": [1e-10, 2e-10, 3e-10]}))
    assert times.shape == (2, 3)
    assert np.array_equal(currents, before)


@pytest.mark.parametrize("current", [0.0, -1.0, np.nan, np.inf, "fast", [1.0, 0.0], None])
def test_a_current_that_is_no_positive_number_is_refused(current) -> None:
    with pytest.raises(InputError, match="current_a_m2"):
        sand_time_s(current, **SALT)


@pytest.mark.parametrize("transference", [-0.1, 1.0, 1.2, np.nan])
def test_a_transference_number_outside_0_to_1_is_refused(transference: float) -> None:
    with pytest.raises(InputError, match="transference"):
        limiting_current_a_m2(1e-5, **(SALT | {"transference": transference}))


def test_shapes_that_do_not_broadcast_are_refused() -> None:
    with pytest.raises(InputError, match="do not broadcast"):
        sand_time_s([1.0, 2.0], **(SALT | {"diffusivity_m2_s": [1e-10, 2e-10, 3e-10]}))
