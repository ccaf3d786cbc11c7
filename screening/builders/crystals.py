"""Crystals from space group, cell and Wyckoff positions, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ase import Atoms
from ase.spacegroup import crystal

Position = tuple[float, float, float]


@dataclass(frozen=True)
class Crystal:
    """A crystal as the literature states it.

    Attributes
    ----------
    spacegroup
        Number in the International Tables; `setting` 2 puts the origin at the inversion centre.
    cell
        a, b, c (Å), alpha, beta, gamma (degrees) of the conventional cell.
    sites
        Element and fractional coordinates of one atom of each orbit.
    source
        Paper that the cell and the coordinates come from.
    """

    spacegroup: int
    cell: tuple[float, float, float, float, float, float]
    sites: tuple[tuple[str, Position], ...]
    source: str
    setting: int = 1

    def atoms(self) -> Atoms:
        """Build the conventional cell."""
        atoms: Atoms = _build(self).copy()
        return atoms


@lru_cache(maxsize=256)
def _build(entry: Crystal) -> Atoms:
    return crystal(
        [symbol for symbol, _ in entry.sites],
        [position for _, position in entry.sites],
        spacegroup=entry.spacegroup,
        setting=entry.setting,
        cellpar=list(entry.cell),
    )


def cubic(a: float) -> tuple[float, float, float, float, float, float]:
    """Cell of a cubic crystal, Å and degrees."""
    return (a, a, a, 90.0, 90.0, 90.0)


def tetragonal(a: float, c: float) -> tuple[float, float, float, float, float, float]:
    """Cell of a tetragonal crystal, Å and degrees."""
    return (a, a, c, 90.0, 90.0, 90.0)


def hexagonal(a: float, c: float) -> tuple[float, float, float, float, float, float]:
    """Cell of a hexagonal crystal, or of a rhombohedral one in hexagonal axes, Å and degrees."""
    return (a, a, c, 90.0, 90.0, 120.0)
