"""Desirability: any descriptor, in any unit, as a number between 0 (useless) and 1 (ideal)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

D_POOR, D_GOOD = 0.2, 0.8
"""Desirabilities that the two anchors stand for."""

_AT_POOR, _AT_GOOD = math.log(-math.log(D_POOR)), math.log(-math.log(D_GOOD))
_MAX_EXPONENT = 700.0  # exp(709.8) is the largest double


def log_desirability(value: float, poor: float, good: float) -> float:
    """Logarithm of the one-sided desirability ``d = exp(-exp(-(b0 + b1 value)))``.

    `b0` and `b1` follow from ``d(poor) = 0.2`` and ``d(good) = 0.8`` (Harrington, Industrial
    Quality Control 21, 494, 1965). The logarithm is what the geometric mean needs, and it keeps
    hosts apart whose desirability is too small for a floating-point number.

    Parameters
    ----------
    value, poor, good
        Descriptor and anchors, all in the same unit; ``poor != good``.
    """
    exponent = _AT_POOR + (_AT_GOOD - _AT_POOR) * (value - poor) / (good - poor)
    return -math.exp(min(exponent, _MAX_EXPONENT))


def log_desirabilities(values: ArrayLike, poor: ArrayLike, good: ArrayLike) -> NDArray[np.float64]:
    """`log_desirability` of arrays that broadcast together; NaN stays NaN."""
    value, low, high = (np.asarray(part, float) for part in (values, poor, good))
    slope = (_AT_GOOD - _AT_POOR) / (high - low)
    exponent = np.asarray(value * slope + (_AT_POOR - slope * low))
    np.minimum(exponent, _MAX_EXPONENT, out=exponent)
    found: NDArray[np.float64] = np.negative(np.exp(exponent, out=exponent), out=exponent)
    return found


def geometric_mean(logs: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted geometric mean of desirabilities given by their logarithms.

    One hopeless property cannot be bought back by another, unlike in an arithmetic mean
    (Derringer & Suich, J. Qual. Technol. 12, 214, 1980).
    """
    total = math.fsum(weights)
    return math.exp(math.fsum(w / total * log for w, log in zip(weights, logs, strict=True)))
