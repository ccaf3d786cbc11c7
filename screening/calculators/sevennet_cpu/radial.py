"""Radial functions as tables: quintic splines of the exact ones.

The network of the edge length depends on one number, so its few hundred outputs are functions of
r that can be tabulated once, from the weights in double precision. A value and its derivative
then cost twelve multiplications instead of some hundred, and basis, cut-off and activation of the
network may be any.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline, make_interp_spline

from screening.calculators.sevennet_cpu.network import UnsuitableError

DEGREE = 5
"""Degree of the splines: the derivative, which makes forces, is of fourth order."""

WIDEST_A = 0.5
"""Longest segment, Å. Functions are steep at short distances and smooth at long ones; segments
with grids of their own follow that."""

VALUE, SLOPE = 5e-8, 2e-7
"""Error allowed, as a share of the largest value and slope at a distance. float32 carries 6e-8."""

BONDS_A, FAINT = 2.0, 0.05
"""Functions vanish at the cut-off: a share of what they are beyond `BONDS_A` takes their place
there."""

FEWEST_INTERVALS, MOST_INTERVALS = 16, 500
"""In a segment; a function that needs more is not smooth."""

STEP_A = 1e-4
"""Of the difference that gives exact slopes."""

NEAREST_A = 1e-8
"""Replaces a distance of zero, where the basis sin(kr)/r is 0/0 although smooth."""

Functions = Callable[[np.ndarray], np.ndarray]
"""Distances, Å, shape (n,), to values, shape (n, n_functions)."""


@dataclass(frozen=True)
class Segment:
    """An even grid.

    Attributes
    ----------
    start, step
        Å.
    intervals
        Number of intervals.
    row
        First row in the table.
    """

    start: float
    step: float
    intervals: int
    row: int

    @property
    def rows(self) -> int:
        """Rows in the table: differences of the spline's coefficients."""
        return self.intervals + DEGREE - 1


def segments(functions: Sequence[Functions], breaks: Sequence[float]) -> tuple[Segment, ...]:
    """Choose grids between breaks on which every function is as exact as `VALUE` and `SLOPE` ask.

    Raises
    ------
    UnsuitableError
        If a function is not smooth enough.
    """
    found: list[Segment] = []
    row = 0
    bonds = np.linspace(BONDS_A, breaks[-1], 200)
    faint = [
        FAINT * np.array(list(map(_largest, _samples(f, bonds)))).max(axis=1) for f in functions
    ]
    for low, high in itertools.pairwise(breaks):
        parts = math.ceil((high - low) / WIDEST_A)
        edges = np.linspace(low, high, parts + 1)
        for start, end in itertools.pairwise(edges):
            intervals = max(
                _intervals(f, float(start), float(end), least)
                for f, least in zip(functions, faint, strict=True)
            )
            found.append(Segment(float(start), float(end - start) / intervals, intervals, row))
            row += found[-1].rows
    return tuple(found)


def table(functions: Functions, grid: Sequence[Segment]) -> np.ndarray:
    """Coefficients of the splines and their differences, shape (n_rows, 2, n_functions).

    The second are divided by the step: they are the coefficients of the slope, which would lose
    three digits if it were formed from rounded coefficients of the value.
    """
    parts = []
    for segment in grid:
        c = _spline(functions, segment.start, segment.step, segment.intervals).c
        parts.append(np.stack([c[:-1], np.diff(c, axis=0) / segment.step], axis=1))
    return np.concatenate(parts)


def _intervals(functions: Functions, start: float, end: float, least: np.ndarray) -> int:
    intervals = FEWEST_INTERVALS
    while intervals <= MOST_INTERVALS:
        step = (end - start) / intervals
        excess = _excess(functions, _spline(functions, start, step, intervals), start, end, least)
        if excess <= 1:
            return intervals
        # The error of the slope goes with the fifth power of the step.
        intervals = math.ceil(intervals * max(1.1, min(1.05 * excess**0.2, 4.0)))
    raise UnsuitableError(f"radial functions are not smooth between {start:.2f} and {end:.2f} Å")


def _excess(
    functions: Functions, spline: BSpline, start: float, end: float, least: np.ndarray
) -> float:
    """Largest error over the one allowed, away from the segment's ends."""
    r = np.linspace(start + 3 * STEP_A, end - 3 * STEP_A, 149)
    value, slope = _samples(functions, r)
    value_error, slope_error = _largest(spline(r) - value), _largest(spline.derivative()(r) - slope)
    # All slopes vanish at r = 0, where values per Å take their place.
    size = np.maximum(_largest(value), least[0])
    steepness = np.maximum(np.maximum(_largest(slope), _largest(value)), least[1])
    return float(
        max((value_error / (VALUE * size)).max(), (slope_error / (SLOPE * steepness)).max())
    )


def _samples(functions: Functions, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and, by a central difference of fourth order, slopes."""
    at = [functions(r + k * STEP_A) for k in (-2, -1, 0, 1, 2)]
    return at[2], (at[0] - 8 * at[1] + 8 * at[3] - at[4]) / (12 * STEP_A)


def _largest(values: np.ndarray) -> np.ndarray:
    """Over all functions, by distance."""
    largest: np.ndarray = np.abs(values).max(axis=1)
    return largest


def _spline(functions: Functions, start: float, step: float, intervals: int) -> BSpline:
    """Interpolate on even knots that go on beyond the ends, where four more points fix them."""
    knots = start + step * np.arange(-DEGREE, intervals + DEGREE + 1)
    extra = np.array([0.5, 1.5, intervals - 1.5, intervals - 0.5])
    points = start + step * np.sort(np.concatenate([np.arange(intervals + 1), extra]))
    return make_interp_spline(points, functions(np.maximum(points, NEAREST_A)), k=DEGREE, t=knots)
