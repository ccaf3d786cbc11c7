"""What became of an ion, and of its host, on relaxation. Results, not errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from ase import Atoms

from screening.geometry.alignment import aligned
from screening.geometry.sites import Site
from screening.geometry.standing import TOUCH, has_left, in_layer, open_faces, stands_out
from screening.geometry.symmetry import symmetry_operations
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice
from screening.structure.neighbours import close_pairs
from screening.structure.radii import NEIGHBOUR_SCALE, radius

OutcomeLabel = Literal[
    "kept", "migrated", "intercalated", "incorporated", "desorbed", "reconstructed"
]

BROKEN = TOUCH
FORMED = 1.15
"""Multiples of the radii sum: a bond (below 1.25) breaks above 1.4, a pair from beyond 1.4 bonds
below 1.15. In between, bonds stretch and dangling atoms lean towards each other."""
MOVED_A = 0.9
"""Å by which an atom other than hydrogen moves at most in a host that stays as it was: 0.5 at most
in relaxed crystals, sheets and metals that keep their bonds; 1 Å and more where an atom was pulled
out, a group turned over or a cluster changed shape. Hydrogen swings about its bond."""
SUNK = 1.2
"""Å that an ion may sink below the plane of its site, into a pore or between hydroxyl groups; on
the far side of a graphene sheet it stands 1.7 Å below."""
BEYOND = 0.5
"""Å that an ion may stand beyond a tube's axis, or the middle of a gallery, and still belong to
the site that it faces."""
AT_SITE = 0.5
"""An ion belongs to the nearest site within this multiple of the radii sum, sideways."""


@dataclass(frozen=True)
class Outcome:
    """What became of an ion.

    Attributes
    ----------
    label
        kept: at the site where it was placed, or an equivalent one. migrated: at another.
        intercalated: under atoms of the host. incorporated: part of the outer layer, as in a
        vacancy, or of a host that it changed. desorbed: out of touch. reconstructed: the host's
        bonds changed under it, or an atom moved by more than `MOVED_A`.
    final_site
        Label of the site where it ended; None if it is at none of them.
    host_disp_a
        Largest displacement of a host atom, Å, common drift and rotation removed.
    detail
        Which bond changed or which atom moved, for incorporated and reconstructed.
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
    moved = np.linalg.norm(shift, axis=1)
    displacement = float(moved.max(initial=0.0))
    if has_left(settled, geometry):
        return Outcome("desorbed", None, displacement)
    site = _nearest_site(host, settled, sites, start, geometry)
    final_site = site.label if site else None
    faces = open_faces(settled, geometry)
    if change := motif_changed(host, settled[:-1]) or _displaced(host, moved):
        if not faces or not stands_out(settled, geometry):
            return Outcome("incorporated", None, displacement, change)
        return Outcome("reconstructed", final_site, displacement, change)
    if not faces and open_faces(initial, geometry):
        inside = site is not None and site.face in ("floor", "roof")
        return Outcome("intercalated", final_site if inside else None, displacement)
    if in_layer(settled, geometry):
        return Outcome("incorporated", final_site, displacement)
    return Outcome("kept" if final_site == start.label else "migrated", final_site, displacement)


def _displaced(host: Atoms, moved: np.ndarray) -> str:
    """Say which atom moved too far for the host to be what it was; empty if none."""
    heavy = np.where(host.numbers > 1, moved, 0.0)
    furthest = int(heavy.argmax())
    if heavy[furthest] <= MOVED_A:
        return ""
    return f"{host.symbols[furthest]}{furthest} moved by {heavy[furthest]:.2f} Å"


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
    if broken := _stretched_bond(before, moved, NEIGHBOUR_SCALE):
        pair, was, now = broken
        return f"bond {pair} broke ({was:.2f} to {now:.2f} Å)"
    if formed := _stretched_bond(moved, before, FORMED):
        pair, now, was = formed
        return f"bond {pair} formed ({was:.2f} to {now:.2f} Å)"
    return ""


def _stretched_bond(one: Atoms, other: Atoms, scale: float) -> tuple[str, float, float] | None:
    """First bond of one structure that the other has torn: its name and both lengths, Å."""
    radii = radius(one.numbers)
    first, second, vectors, here = close_pairs(one, 2 * scale * float(radii.max()))
    moved = other.positions - one.positions
    there = np.linalg.norm(vectors + moved[second] - moved[first], axis=1)
    sums = radii[first] + radii[second]
    torn = np.flatnonzero((here < scale * sums) & (there > BROKEN * sums))
    if not len(torn):
        return None
    i, j, k = min((int(first[k]), int(second[k]), int(k)) for k in torn)
    return f"{one.symbols[i]}{i}–{one.symbols[j]}{j}", float(here[k]), float(there[k])


def _nearest_site(
    host: Atoms, settled: Atoms, sites: Sequence[Site], start: Site, geometry: Geometry
) -> Site | None:
    """Site that the ion stands over, in any symmetry-equivalent copy.

    It stands in front of the site's plane, or a little behind it, and no further out than where
    the view from the site ends: beyond a tube's axis it belongs to the other side of the wall.
    """
    if not sites:
        return None
    lattice = Lattice.of(host, geometry)
    operations = symmetry_operations(host, geometry)
    anchors, normals = np.array([(s.anchor, s.normal) for s in sites]).transpose(1, 0, 2)
    offsets = settled.positions[-1] - np.array([o.apply(anchors) for o in operations])
    outward = np.array([operation.turn(normals) for operation in operations])
    offsets = lattice.minimum_image(offsets)
    heights = (offsets * outward).sum(axis=2)
    sideways = np.linalg.norm(offsets - heights[..., None] * outward, axis=2)
    limits = np.array([site.headroom_a for site in sites]) + BEYOND
    # Behind the plane counts as much as beside the site: in a wall, the nearer side is meant.
    apart = np.hypot(sideways, np.minimum(heights, 0.0))
    within = (heights > -SUNK) & (heights < limits)
    nearest = np.where(within, apart, np.inf).min(axis=0)
    # Near a tube's axis the ion faces several sites alike: it has not left its own.
    nearest[[site.label == start.label for site in sites]] -= 0.1
    best = sites[int(nearest.argmin())]
    supports = radius(host.numbers[list(best.support)])
    reach = AT_SITE * (radius(settled.numbers[-1]) + supports.mean())
    return best if nearest.min() < reach else None
