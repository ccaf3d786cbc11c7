"""Where an ion stands on a host: open to which faces, in its outer layer, or out of touch."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from screening.geometry.round import exposed_around
from screening.geometry.sites import Face
from screening.geometry.views import View, is_flat, views
from screening.geometry.voids import covered, surrounded
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice
from screening.structure.radii import contact_ratios

TOUCH = 1.4
"""Multiple of the radii sum up to which an ion and an atom touch, stretched bonds included."""
DESORBED = 1.6
"""An ion that stays further than this multiple of the radii sum from every host atom has left:
3.3 Å for Li, 4.5 Å for K over carbon; adsorbed ions stand at 1.0 to 1.3."""
ENCLOSED = 2.1
"""Where atoms lie on opposite sides, an ion has left only beyond this multiple: on the axis of
(5,5) and (6,6) tubes and in the middle of C60 it is at 1.66, 2.0 and 1.74, and bound."""
LEVEL_A = 0.5
"""Å that the atoms around an ion in the outer layer may lie below it."""
STANDS_OUT = 0.5
"""Mean sine of the elevation of an ion over its neighbours: 0.8 in a hollow of graphene or
fcc(111), 0.7 of fcc(100); 0 to 0.35 within the outermost layer."""


def open_faces(atoms: Atoms, geometry: Geometry) -> frozenset[Face]:
    """Outer faces from which no atom covers the ion, the last atom; both in a pore, none inside."""
    ion = len(atoms) - 1
    if _is_round(atoms, geometry):
        return frozenset({"outside"} if ion in exposed_around(atoms) else ())
    return frozenset(
        view.face for view in _views(atoms, geometry) if not covered(view, atoms.numbers, ion)
    )


def in_layer(atoms: Atoms, geometry: Geometry) -> bool:
    """Whether the ion, the last atom, is part of the outer layer, as in a vacancy that it fills.

    Nothing covers it, and the atoms that it touches at its own level surround it.
    """
    if _is_round(atoms, geometry):
        return False
    near = _ratios(atoms, geometry) < TOUCH
    rings = []
    for view in _views(atoms, geometry):
        if covered(view, atoms.numbers, len(atoms) - 1):
            continue
        heights = view.points[:-1, 2] - view.points[-1, 2]
        beside = view.points[:-1, :2] - view.points[-1, :2]
        ring = view.lattice.minimum_image(beside[near & (heights > -LEVEL_A)])
        rings.append(surrounded(ring))
    return bool(rings) and all(rings)


def stands_out(atoms: Atoms, geometry: Geometry) -> bool:
    """Whether the ion, the last atom, rises on some face from the atoms that it touches."""
    offsets = Lattice.of(atoms, geometry).minimum_image(atoms.positions[-1] - atoms.positions[:-1])
    near = _ratios(atoms, geometry) < TOUCH
    if not near.any():
        return True
    apart = np.linalg.norm(offsets[near], axis=1)
    rise = (offsets[near] / apart[:, None]) @ _outward(atoms, geometry).T
    return bool(rise.mean(axis=0).max() >= STANDS_OUT)


def has_left(atoms: Atoms, geometry: Geometry) -> bool:
    """Whether the ion, the last atom, is out of touch with the host."""
    ratios = _ratios(atoms, geometry)
    if ratios.min() <= DESORBED:
        return False
    offsets = Lattice.of(atoms, geometry).minimum_image(atoms.positions[:-1] - atoms.positions[-1])
    offsets = offsets[ratios < ENCLOSED]
    if not len(offsets):
        return True
    directions = offsets / np.linalg.norm(offsets, axis=1)[:, None]
    # Over a surface all atoms lie on one side, and the directions to them add up.
    return bool(np.linalg.norm(directions.mean(axis=0)) > 0.5)


def contact_ratio(atoms: Atoms, geometry: Geometry) -> float:
    """Smallest distance from the ion, the last atom, to a host atom over the radii sum."""
    return float(_ratios(atoms, geometry).min())


def _ratios(atoms: Atoms, geometry: Geometry) -> np.ndarray:
    lattice = Lattice.of(atoms, geometry)
    return contact_ratios(atoms[:-1], atoms.positions[-1], atoms.symbols[-1], lattice)


def _is_round(atoms: Atoms, geometry: Geometry) -> bool:
    return geometry == "cluster" and not is_flat(atoms[:-1])


def _views(atoms: Atoms, geometry: Geometry) -> list[View]:
    """Outer faces of the host, with the ion as the last point."""
    return views(atoms, geometry, frame=atoms[:-1])


def _outward(atoms: Atoms, geometry: Geometry) -> np.ndarray:
    """Outward directions at the ion, one a face, shape (n_faces, 3)."""
    if _is_round(atoms, geometry):
        radial = atoms.positions[-1] - atoms.positions[:-1].mean(axis=0)
        return np.array([radial / max(float(np.linalg.norm(radial)), 1e-9)])
    return np.array([view.lift(view.points[-1])[1] for view in _views(atoms, geometry)])
