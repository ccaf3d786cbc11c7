"""Order by value in which noise decides nothing: values within a tolerance are equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ENERGY_EV = 1e-3
"""Energies closer than this are equal: a few times what engines and optimisers scatter by."""


def ranks(values: Sequence[float] | np.ndarray, tolerance: float) -> np.ndarray:
    """Rank of each value, integers from 0, shape (n,); values in a chain of near ones share one.

    Two values share a rank if no gap wider than the tolerance lies between them, so that ranks
    change only where a gap is as wide as the tolerance itself: sort by rank, then by what does not
    fluctuate.
    """
    known = np.asarray(values, dtype=float)
    order = np.argsort(known, kind="stable")
    found = np.zeros(len(known), dtype=int)
    found[order[1:]] = np.cumsum(np.diff(known[order]) > tolerance)
    return found
