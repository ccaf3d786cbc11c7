"""Values know their scale: what is not of one scale has no sum, difference or order."""

from __future__ import annotations

import itertools
import operator

import pytest

from screening.descriptors import Value
from screening.descriptors.value import SCALES
from screening.errors import ScaleError

OPERATIONS = (operator.add, operator.sub, operator.lt)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("one", "other"), itertools.permutations(SCALES, 2))
def test_two_scales_do_not_mix(operation, one, other) -> None:
    with pytest.raises(ScaleError, match=f"{one}.*{other}"):
        operation(Value(1.0, one), Value(2.0, other))


@pytest.mark.parametrize("scale", SCALES)
def test_one_scale_adds_up_and_stays(scale) -> None:
    low, high = Value(1.0, scale, 0.5, 1.5), Value(3.0, scale)
    assert high - low == Value(2.0, scale)
    assert high + low == Value(4.0, scale)
    assert low < high


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Value(0.1, "engine"), None),
        (Value(0.1, "engine", raw=0.1), False),
        (Value(0.8, "calibrated", raw=0.1), True),
        (Value(0.8, "reference"), True),
    ],
)
def test_whether_a_calibration_vouches_for_it(value: Value, expected: bool | None) -> None:
    assert value.in_domain is expected


@pytest.mark.parametrize("value", ["hollow-1", (1.0, 2.0)])
def test_what_is_not_one_number_is_not_calculated_with(value) -> None:
    with pytest.raises(TypeError, match="not one number"):
        Value(value, "engine").number  # noqa: B018
