"""Checks on the numbers that enter a formula: arrays that broadcast, within their range."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screening.errors import InputError

Floats = NDArray[np.float64]


def positive(**values: ArrayLike) -> tuple[Floats, ...]:
    """Return the values as arrays of one shape.

    Raises
    ------
    InputError
        If one holds a number that is not finite and greater than 0, or no number, or if their
        shapes do not broadcast.
    """
    arrays = [_numbers(name, value) for name, value in values.items()]
    for name, array in zip(values, arrays, strict=True):
        _require(name, array, array > 0, "numbers greater than 0")
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = ", ".join(f"{n} {a.shape}" for n, a in zip(values, arrays, strict=True))
        raise InputError(f"shapes do not broadcast: {shapes}") from None


def transference_number(value: ArrayLike) -> Floats:
    """Return cation transference numbers as an array.

    Raises
    ------
    InputError
        If one is not in [0, 1): at 1 the anions stand still and nothing depletes.
    """
    array = _numbers("transference", value)
    _require("transference", array, (array >= 0) & (array < 1), "numbers from 0 to below 1")
    return array


def not_negative(name: str, value: ArrayLike) -> Floats:
    """Return the value as an array.

    Raises
    ------
    InputError
        If it holds a number that is not finite or below 0.
    """
    array = _numbers(name, value)
    _require(name, array, array >= 0, "numbers not below 0")
    return array


def at_least_one(name: str, value: ArrayLike) -> Floats:
    """Return the value as an array.

    Raises
    ------
    InputError
        If it holds a number that is not finite or below 1.
    """
    array = _numbers(name, value)
    _require(name, array, array >= 1, "numbers from 1")
    return array


def at_most_one(name: str, value: ArrayLike) -> Floats:
    """Return the value as an array.

    Raises
    ------
    InputError
        If it holds a number outside (0, 1].
    """
    array = _numbers(name, value)
    _require(name, array, (array > 0) & (array <= 1), "numbers above 0, at most 1")
    return array


def angle(value: ArrayLike) -> Floats:
    """Return contact angles, degrees, as an array.

    Raises
    ------
    InputError
        If one is not from 0 to 180.
    """
    array = _numbers("angle_deg", value)
    _require("angle_deg", array, (array >= 0) & (array <= 180), "degrees from 0 to 180")
    return array


def _numbers(name: str, value: ArrayLike) -> Floats:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{value!r} is no number", where=name, allowed="numbers") from None


def _require(name: str, array: Floats, good: NDArray[np.bool_], allowed: str) -> None:
    bad = array[~(good & np.isfinite(array))]
    if bad.size:
        raise InputError(f"{bad.flat[0]:g} is out of range", where=name, allowed=allowed)
