"""Covalent frameworks: a cyanovinylene-linked sp2-carbon sheet and its linker fragment.

Cyanovinylene (-CH=C(CN)-) links made by Knoevenagel condensation were introduced with sp2c-COF
(Jin et al., Science 357, 673 (2017), doi:10.1126/science.aan0202). The sheet here is the smallest
of the family: benzene nodes in a honeycomb, as from benzene-1,3,5-triacetonitrile and
benzene-1,3,5-tricarbaldehyde.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from ase import Atoms
from pydantic import Field

from screening.builders.registry import builder
from screening.builders.supercell import SurfaceCell, in_vacuum, repeat_surface
from screening.config import StrictModel

# Bond lengths (Å) and angles (degrees) of (Z)-2,3-diphenylacrylonitrile, rounded.
_RING, _RING_H = 1.40, 2.49
_ARYL_VINYL, _VINYL, _NITRILE, _TRIPLE, _CH = 1.46, 1.36, 1.43, 1.16, 1.09
_ANGLE_CH, _ANGLE_CN, _ANGLE_NITRILE = 131.0, 126.5, 119.0


class CofParameters(SurfaceCell):
    """The sheet has no parameters but its surface cell."""


class LinkerParameters(StrictModel):
    """The fragment in its box.

    Attributes
    ----------
    vacuum
        Empty space around it, on each side, Å.
    """

    vacuum: Annotated[float, Field(ge=5, le=60)] = 10.0


@builder("cyanovinylene-cof", family="framework", geometry="sheet")
def cyanovinylene_cof(parameters: CofParameters) -> Atoms:
    """Honeycomb of benzene rings linked by cyanovinylene, C21H9N3 a cell."""
    link, other, direction = _link()
    first, second, third = (_turn(other, angle) for angle in (0, 120, 240))
    cell = np.zeros((3, 3))
    cell[0, :2], cell[1, :2], cell[2, 2] = first - third, second - third, 1.0
    symbols: list[str] = []
    positions: list[np.ndarray] = []
    for angle in (0, 120, 240):
        pieces = [
            *((symbol, _turn(place, angle)) for symbol, place in link),
            *((s, _turn(p, angle)) for s, p in _ring(0.0)),
            *((s, first + _turn(p, angle)) for s, p in _ring(direction + 180.0)),
        ]
        symbols += [symbol for symbol, _ in pieces]
        positions += [place for _, place in pieces]
    flat = np.column_stack([positions, np.zeros(len(positions))])
    sheet = Atoms(symbols, positions=flat, cell=cell, pbc=(True, True, False))
    return repeat_surface(in_vacuum(sheet, parameters.vacuum), parameters)


@builder("cyanovinylene-linker", family="framework", geometry="cluster")
def cyanovinylene_linker(parameters: LinkerParameters) -> Atoms:
    """Two phenyl rings joined by cyanovinylene: (Z)-2,3-diphenylacrylonitrile, C15H11N."""
    link, other, direction = _link()
    pieces = list(link)
    for centre, start in ((np.zeros(2), 0.0), (other, direction + 180.0)):
        for k in range(6):
            place = _polar(_RING, start + 60 * k)
            pieces.append(("C", centre + place))
            if k:
                pieces.append(("H", centre + place * _RING_H / _RING))
    positions = np.column_stack([[place for _, place in pieces], np.zeros(len(pieces))])
    atoms = Atoms([symbol for symbol, _ in pieces], positions=positions)
    atoms.center(vacuum=parameters.vacuum)
    return atoms


def _link() -> tuple[list[tuple[str, np.ndarray]], np.ndarray, float]:
    """Build the link from a ring at the origin; return it, the other ring's centre and direction.

    The link leaves the first ring along x; its direction at the other ring is in degrees.
    """
    methine = _polar(_RING + _ARYL_VINYL, 0)
    vinyl = 180 - _ANGLE_CH
    carbon = methine + _polar(_VINYL, vinyl)
    leaving = vinyl - (180 - _ANGLE_CN)
    nitrile = vinyl + 180 - _ANGLE_NITRILE
    hydrogen = (180 + vinyl) / 2 + 180
    atoms = [
        ("C", methine),
        ("H", methine + _polar(_CH, hydrogen)),
        ("C", carbon),
        ("C", carbon + _polar(_NITRILE, nitrile)),
        ("N", carbon + _polar(_NITRILE + _TRIPLE, nitrile)),
    ]
    return atoms, carbon + _polar(_ARYL_VINYL + _RING, leaving), leaving


def _ring(start: float) -> list[tuple[str, np.ndarray]]:
    """One third of a benzene ring with links at `start` and every 120 degrees from there."""
    return [
        ("C", _polar(_RING, start)),
        ("C", _polar(_RING, start + 60)),
        ("H", _polar(_RING_H, start + 60)),
    ]


def _polar(length: float, degrees: float) -> np.ndarray:
    return length * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def _turn(place: np.ndarray, degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(np.array([[cos, -sin], [sin, cos]]) @ place)
