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

WIDEST_A = 1.0
"""Longest segment, Å. Functions are steep at short distances and smooth at long ones; segments
with grids of their own follow that."""

VALUE, SLOPE = 1e-7, 2e-6
"""Error allowed, as a share of the largest value and derivative (1/Å) in a segment. float32
itself carries 6e-8."""

MOST_INTERVALS = 400
"""In a segment; a function that needs more is not smooth."""

NEAREST_A = 1e-6
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
        Number of intervals, which is `DEGREE` less than that of table rows.
    row
        First row in the table.
    """

    start: float
    step: float
    intervals: int
    row: int


def segments(functions: Sequence[Functions], breaks: Sequence[float]) -> tuple[Segment, ...]:
    """Choose grids between breaks on which every function is as exact as `VALUE` and `SLOPE` ask.

    Raises
    ------
    UnsuitableError
        If a function is not smooth enough.
    """
    found: list[Segment] = []
    row = 0
    for low, high in itertools.pairwise(breaks):
        parts = math.ceil((high - low) / WIDEST_A)
        edges = np.linspace(low, high, parts + 1)
        for start, end in itertools.pairwise(edges):
            intervals = max(_intervals(f, float(start), float(end)) for f in functions)
            found.append(Segment(float(start), float(end - start) / intervals, intervals, row))
            row += intervals + DEGREE
    return tuple(found)


def table(functions: Functions, grid: Sequence[Segment]) -> np.ndarray:
    """Coefficients of the splines, shape (n_rows, n_functions)."""
    return np.concatenate([_spline(functions, s.start, s.step, s.intervals).c for s in grid])


def _intervals(functions: Functions, start: float, end: float) -> int:
    intervals = 25
    while intervals <= MOST_INTERVALS:
        step = (end - start) / intervals
        if _is_exact(functions, _spline(functions, start, step, intervals), start, end):
            return intervals
        intervals = intervals * 5 // 4
    raise UnsuitableError(f"radial functions are not smooth between {start:.2f} and {end:.2f} Å")


def _is_exact(functions: Functions, spline: BSpline, start: float, end: float) -> bool:
    """Compare with the functions and a five-point derivative, away from the segment's ends."""
    d = 1e-4
    r = np.linspace(start + 3 * d, end - 3 * d, 397)
    at = [functions(r + k * d) for k in (-2, -1, 0, 1, 2)]
    slope = (at[0] - 8 * at[1] + 8 * at[3] - at[4]) / (12 * d)
    value_error = np.abs(spline(r) - at[2]).max()
    slope_error = np.abs(spline.derivative()(r) - slope).max()
    return bool(
        value_error <= VALUE * np.abs(at[2]).max() and slope_error <= SLOPE * np.abs(slope).max()
    )


def _spline(functions: Functions, start: float, step: float, intervals: int) -> BSpline:
    """Interpolate on even knots that go on beyond the ends, where four more points fix them."""
    knots = start + step * np.arange(-DEGREE, intervals + DEGREE + 1)
    extra = np.array([0.5, 1.5, intervals - 1.5, intervals - 0.5])
    points = start + step * np.sort(np.concatenate([np.arange(intervals + 1), extra]))
    inside = np.maximum(points, NEAREST_A)
    # A break belongs to the segment above it; the one below is continued to it.
    inside[-1] -= 1e-9
    return make_interp_spline(points, functions(inside), k=DEGREE, t=knots)
