"""What became of an ion, and of its host, on relaxation. Results, not errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from ase import Atoms

from screening.geometry.alignment import aligned
from screening.geometry.round import exposed_around
from screening.geometry.sites import Site
from screening.geometry.symmetry import symmetry_operations
from screening.geometry.views import is_flat, views
from screening.geometry.voids import exposed
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice
from screening.structure.radii import NEIGHBOUR_SCALE, bonds, radius

OutcomeLabel = Literal[
    "kept", "migrated", "intercalated", "incorporated", "desorbed", "reconstructed"
]

DESORBED = 1.6
"""An ion that stays further than this multiple of the radii sum from every host atom has left:
3.3 Å for Li, 4.5 Å for K over carbon; adsorbed ions stand at 1.0 to 1.3."""
BROKEN = 1.4
FORMED = 1.15
"""Multiples of the radii sum: a bond (below 1.25) breaks above 1.4, a pair from beyond 1.4 bonds
below 1.15. In between, bonds stretch and dangling atoms lean towards each other."""
STANDS_OUT = 0.5
"""Mean sine of the elevation of an ion over its neighbours: 0.8 in a hollow of graphene or
fcc(111), 0.7 of fcc(100); 0 to 0.35 within the outermost layer."""
SUNK = 1.2
"""Å that an ion may sink below the plane of its site, into a pore or between hydroxyl groups; on
the far side of a graphene sheet it stands 1.7 Å below."""
AT_SITE = 0.5
"""An ion belongs to the nearest site within this multiple of the radii sum, sideways."""


@dataclass(frozen=True)
class Outcome:
    """What became of an ion.

    Attributes
    ----------
    label
        kept: at the site where it was placed, or an equivalent one. migrated: at another.
        intercalated: under atoms of the host. incorporated: part of a host whose bonds it
        changed. desorbed: out of touch. reconstructed: the host's bonds changed under it.
    final_site
        Label of the site where it ended; None if it is at none of them.
    host_disp_a
        Largest displacement of a host atom, Å, common drift and rotation removed.
    detail
        Which bond changed, for incorporated and reconstructed.
    """

    label: OutcomeLabel
    final_site: str | None
    host_disp_a: float
    detail: str = ""


def classify(  # noqa: PLR0917 (host, before, after, then what they are compared with)
    host: Atoms,
    initial: Atoms,
    final: Atoms,
    sites: Sequence[Site],
    start: Site,
    geometry: Geometry,
) -> Outcome:
    """Say what became of the ion, the last atom of `initial` and `final`.

    Parameters
    ----------
    host
        Relaxed host without the ion, to which `sites` belong.
    initial, final
        Host with the ion before and after relaxation, same atom order.
    start
        Site at which the ion was placed.
    """
    settled = aligned(host, final, geometry)
    shift = Lattice.of(host, geometry).minimum_image(settled.positions[:-1] - host.positions)
    displacement = float(np.linalg.norm(shift, axis=1).max(initial=0.0))
    if contact_ratio(settled, geometry) > DESORBED:
        return Outcome("desorbed", None, displacement)
    site = _nearest_site(host, settled, sites, start, geometry)
    if change := motif_changed(host, settled[:-1]):
        label: OutcomeLabel = "incorporated" if _embedded(settled, geometry) else "reconstructed"
        return Outcome(label, site if label == "reconstructed" else None, displacement, change)
    if _buried(settled, geometry) and not _buried(initial, geometry):
        return Outcome("intercalated", None, displacement)
    return Outcome("kept" if site == start.label else "migrated", site, displacement)


def motif_changed(before: Atoms, after: Atoms) -> str:
    """Say which bond of a host broke or formed, empty if none: the flag ``reconstructed``.

    Parameters
    ----------
    before, after
        The same atoms in the same order and cell; periodic directions from ``before.pbc``.
    """
    lattice = Lattice.of(before)
    moved = before.copy()
    moved.set_constraint()
    moved.positions += lattice.minimum_image(after.positions - before.positions)
    if broken := _stretched_bond(before, moved, lattice, NEIGHBOUR_SCALE):
        pair, was, now = broken
        return f"bond {pair} broke ({was:.2f} to {now:.2f} Å)"
    if formed := _stretched_bond(moved, before, lattice, FORMED):
        pair, now, was = formed
        return f"bond {pair} formed ({was:.2f} to {now:.2f} Å)"
    return ""


def _stretched_bond(
    one: Atoms, other: Atoms, lattice: Lattice, scale: float
) -> tuple[str, float, float] | None:
    """First bond of one structure that the other has torn: its name and both lengths, Å."""
    cells = lattice.cells(one.positions)
    for i, j, *image in sorted(bonds(one, lattice, scale)):
        vector = (np.array(image) - cells[j] + cells[i]) @ lattice.vectors
        here, there = (
            float(np.linalg.norm(atoms.positions[j] - atoms.positions[i] + vector))
            for atoms in (one, other)
        )
        if there > BROKEN * radius(one.numbers[[i, j]]).sum():
            return f"{one.symbols[i]}{i}–{one.symbols[j]}{j}", here, there
    return None


def contact_ratio(atoms: Atoms, geometry: Geometry) -> float:
    """Smallest distance from the ion to a host atom, as a multiple of the radii sum."""
    offsets = Lattice.of(atoms, geometry).minimum_image(atoms.positions[:-1] - atoms.positions[-1])
    sums = radius(atoms.numbers[:-1]) + radius(atoms.numbers[-1])
    return float((np.linalg.norm(offsets, axis=1) / sums).min())


def _nearest_site(
    host: Atoms, settled: Atoms, sites: Sequence[Site], start: Site, geometry: Geometry
) -> str | None:
    """Label of the site, in any symmetry-equivalent copy, that the ion stands over."""
    lattice = Lattice.of(host, geometry)
    operations = symmetry_operations(host, geometry)
    anchors, normals = np.array([(s.anchor, s.normal) for s in sites]).transpose(1, 0, 2)
    offsets = settled.positions[-1] - np.array([o.apply(anchors) for o in operations])
    outward = np.array([operation.turn(normals) for operation in operations])
    offsets = lattice.minimum_image(offsets)
    heights = (offsets * outward).sum(axis=2)
    sideways = np.linalg.norm(offsets - heights[..., None] * outward, axis=2)
    nearest = np.where(heights > -SUNK, sideways, np.inf).min(axis=0)
    # Near a tube's axis the ion faces several sites alike: it has not left its own.
    nearest[[site.label == start.label for site in sites]] -= 0.1
    best = int(nearest.argmin())
    supports = radius(host.numbers[list(sites[best].support)])
    reach = AT_SITE * (radius(settled.numbers[-1]) + supports.mean())
    return sites[best].label if nearest[best] < reach else None


def _buried(atoms: Atoms, geometry: Geometry) -> bool:
    """Whether atoms of the host cover the ion, the last atom, on every face."""
    ion = len(atoms) - 1
    if geometry == "cluster" and not is_flat(atoms[:-1]):
        return ion not in exposed_around(atoms)
    return not any(ion in exposed(view, atoms.numbers) for view in views(atoms, geometry))


def _embedded(atoms: Atoms, geometry: Geometry) -> bool:
    """Whether the ion is covered, or on no face stands out from the atoms around it."""
    if _buried(atoms, geometry):
        return True
    lattice = Lattice.of(atoms, geometry)
    offsets = lattice.minimum_image(atoms.positions[-1] - atoms.positions[:-1])
    apart = np.linalg.norm(offsets, axis=1)
    near = apart < BROKEN * (radius(atoms.numbers[:-1]) + radius(atoms.numbers[-1]))
    if not near.any():
        return False
    rise = (offsets[near] / apart[near, None]) @ _outward(atoms, geometry).T
    return bool(rise.mean(axis=0).max() < STANDS_OUT)


def _outward(atoms: Atoms, geometry: Geometry) -> np.ndarray:
    """Outward directions at the ion, one a face, shape (n_faces, 3)."""
    if geometry == "cluster" and not is_flat(atoms[:-1]):
        radial = atoms.positions[-1] - atoms.positions[:-1].mean(axis=0)
        return np.array([radial / max(float(np.linalg.norm(radial)), 1e-9)])
    return np.array([view.lift(view.points[-1])[1] for view in views(atoms, geometry)])
