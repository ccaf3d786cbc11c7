"""Coverage: adsorption energy from one ion to a full monolayer on the host's cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ase import Atoms

from screening.errors import TaskError

LOOSE = 0.25
"""A layer whose density is further from the metal's plane than this (12 % strain in each
direction) is not commensurate: it would be another structure."""
CLOSE = 0.75
"""Ions of a start keep this multiple of the metal's nearest-neighbour distance."""


def plane_density(metal: Atoms) -> float:
    """Ions per area in the densest plane of the bcc metal, (110): ``√2 / a²``, 1/Å².

    Parameters
    ----------
    metal
        Bulk bcc metal, any cell; only its volume per atom counts.
    """
    return math.sqrt(2) / lattice_constant(metal) ** 2


def theta(count: int, area_a2: float, metal: Atoms) -> float:
    """Coverage of `count` ions on an area, Å²; 1 is a layer as dense as the metal's (110)."""
    return count / (area_a2 * plane_density(metal))


def lattice_constant(metal: Atoms) -> float:
    """Lattice constant of a bcc metal, Å, from its volume per atom."""
    return float((2 * metal.cell.volume / len(metal)) ** (1 / 3))


def least_distance(metal: Atoms) -> float:
    """Distance below which two ions make no start of a layer, Å."""
    return CLOSE * lattice_constant(metal) * math.sqrt(3) / 2


def monolayer_count(area_a2: float, metal: Atoms) -> int:
    """Ions in the cell of a full commensurate monolayer: nearest in density to bcc(110).

    Raises
    ------
    TaskError
        If no whole number of ions comes within `LOOSE` of that density.
    """
    ideal = plane_density(metal) * area_a2
    count = max(1, math.floor(ideal + 0.5))
    if abs(count / ideal - 1) > LOOSE:
        raise TaskError(
            f"the cell of {area_a2:.1f} Å² holds no commensurate monolayer: bcc(110) has "
            f"{ideal:.2f} ions on it; take a larger cell"
        )
    return count


def coverage_counts(fractions: Sequence[float], full: int) -> tuple[int, ...]:
    """Ions in the cell at each coverage, ascending and distinct; one ion is always the first.

    Parameters
    ----------
    fractions
        Of the full monolayer, in (0, 1].
    full
        Ions of the full monolayer.
    """
    counts = {max(1, math.floor(fraction * full + 0.5)) for fraction in fractions}
    return tuple(sorted({1, *counts}))
