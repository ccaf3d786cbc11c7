"""Layers of ions on one face of a host: where they can start, and what became of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from scipy.spatial import cKDTree

from screening.geometry.outcome import OutcomeLabel, motif_changed
from screening.geometry.placement import descend
from screening.geometry.sites import Face, Site, SiteKind
from screening.geometry.standing import DESORBED
from screening.geometry.symmetry import symmetry_operations
from screening.geometry.views import View, views
from screening.geometry.voids import exposed
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice
from screening.structure.radii import ion_contact, radius

SITES = 3
"""Best sites that give a layer a start of their own, and over which lattices are shifted."""
LATTICES = 3
"""Lattices of ions tried, the most even first."""
SHAKE_A = 0.1
"""Standard deviation of the displacement that takes a layer off a saddle, Å."""


@dataclass(frozen=True)
class Ground:
    """One face of a sheet or slab, with its sites.

    Attributes
    ----------
    view
        The face, seen from outside.
    lattice
        The plane's, vectors of shape (2, 2), Å.
    orbits
        Copies of each symmetry-distinct site in the plane, each (n_copies, 2), Å; the most
        promising site first.
    kinds
        Of each orbit.
    """

    host: Atoms
    view: View
    lattice: Lattice
    orbits: tuple[np.ndarray, ...]
    kinds: tuple[SiteKind, ...]

    @classmethod
    def of(cls, host: Atoms, geometry: Geometry, sites: Sequence[Site], face: Face) -> Ground:
        """Face of a sheet or slab; `sites` are the host's, the most promising first."""
        lattice = Lattice(Lattice.of(host, geometry).vectors[:, :2])
        operations = symmetry_operations(host, geometry)
        outward = 1.0 if face == "top" else -1.0
        orbits = []
        here = [site for site in sites if site.face == face]
        for site in here:
            points = np.array(
                [
                    operation.apply(np.array(site.anchor))[:2]
                    for operation in operations
                    if operation.turn(np.array(site.normal))[2] * outward > 0
                ]
            )
            orbits.append(points[lattice.unique(points, 0.3)])
        (view,) = (view for view in views(host, geometry) if view.face == face)
        return cls(host, view, lattice, tuple(orbits), tuple(site.kind for site in here))

    @property
    def area_a2(self) -> float:
        """Area of the cell, Å²."""
        return float(abs(np.linalg.det(self.lattice.vectors)))


def arrangements(ground: Ground, count: int, least_a: float) -> list[np.ndarray]:
    """Places in the plane for some ions in the cell, spread as evenly as the face allows.

    Copies of each of the best sites, of all sites of a kind, of all sites; then lattices that the
    cell is a multiple of, the most even first, with an ion on each of the best sites.

    Parameters
    ----------
    count
        Ions in the cell.
    least_a
        Arrangements in which two ions come closer than this are left out, Å.

    Returns
    -------
    list of ndarray
        Each of shape (count, 2), Å.
    """
    pools = list(ground.orbits[:SITES])
    for kind in dict.fromkeys(ground.kinds):
        orbits = [o for o, k in zip(ground.orbits, ground.kinds, strict=True) if k == kind]
        pools += [np.vstack(orbits)] if len(orbits) > 1 else []
    if len(set(ground.kinds)) > 1:
        pools.append(np.vstack(ground.orbits))
    found = [pool[spread(pool, count, ground.lattice)] for pool in pools if len(pool) >= count]
    lattices = commensurate(ground.lattice, count)[:LATTICES]
    found += [points + orbit[0] for points in lattices for orbit in ground.orbits[:SITES]]
    return [points for points in found if spacing(points, ground.lattice) >= least_a]


def spacing(points: np.ndarray, lattice: Lattice) -> float:
    """Smallest distance between points, or between a point and its periodic copy, Å."""
    shortest = float(np.linalg.norm(lattice.vectors, axis=1).min(initial=np.inf))
    copies, _, _ = lattice.images(points, shortest)
    return float(cKDTree(copies).query(lattice.wrap(points), k=2)[0][:, 1].min())


def spread(points: np.ndarray, count: int, lattice: Lattice) -> list[int]:
    """Choose points that keep away from each other and from their copies; their indices.

    The first point is always among them. The sum of 1/d⁶ over the others is lowered greedily,
    then by exchanging one point at a time until no exchange helps.
    """
    repulsion = _repulsion(points, lattice)
    chosen = [0]
    while len(chosen) < count:
        chosen.append(_least(repulsion, chosen))
    improved = True
    while improved:
        improved = False
        for slot in range(1, count):
            others = chosen[:slot] + chosen[slot + 1 :]
            better, cost = _least(repulsion, others), repulsion[others].sum(axis=0)
            if cost[better] < cost[chosen[slot]] - 1e-6:
                chosen[slot], improved = better, True
    return chosen


def _least(repulsion: np.ndarray, others: list[int]) -> int:
    cost = repulsion[others].sum(axis=0)
    cost[others] = np.inf
    return int(cost.argmin())


def _repulsion(points: np.ndarray, lattice: Lattice) -> np.ndarray:
    """Sum of 1/d⁶ over the copies of each pair, (n, n), in units of the mean area a point."""
    unit = math.sqrt(abs(np.linalg.det(lattice.vectors)) / len(points))
    offsets = lattice.minimum_image(points[:, None] - points[None])
    shifts = np.array(list(itertools.product(range(-2, 3), repeat=2))) @ lattice.vectors
    distances = np.linalg.norm(offsets[..., None, :] + shifts, axis=-1)
    # Sites of two kinds may lie on top of each other: large, but finite.
    sums = ((np.maximum(distances, 0.1) / unit) ** -6.0).sum(axis=-1)
    # Rounded, so that equal choices are told apart by order and not by noise.
    rounded: np.ndarray = np.round(sums, 6)
    return rounded


def commensurate(lattice: Lattice, count: int) -> list[np.ndarray]:
    """All lattices that put `count` points into a cell, the one with the widest spacing first.

    The cell is a superlattice of each: one for each Hermite normal form of determinant `count`.
    Of lattices with equal spacing only the first is kept.

    Returns
    -------
    list of ndarray
        Points in the cell, the first at the origin, each of shape (count, 2), Å.
    """
    widest: dict[float, np.ndarray] = {}
    for rows, shear in _hermite(count):
        columns = count // rows
        basis = np.linalg.solve(np.array([[rows, 0], [shear, columns]]), lattice.vectors)
        steps = np.array([(i, j) for i in range(rows) for j in range(columns)])
        points = steps @ basis
        widest.setdefault(round(spacing(points, lattice), 3), points)
    return [points for _, points in sorted(widest.items(), key=lambda item: -item[0])]


def _hermite(determinant: int) -> Iterator[tuple[int, int]]:
    """First diagonal entry and the off-diagonal one of each 2 × 2 Hermite normal form."""
    for rows in range(1, determinant + 1):
        if determinant % rows == 0:
            yield from ((rows, shear) for shear in range(determinant // rows))


def lay(ground: Ground, points: np.ndarray, ion: str) -> Atoms:
    """Return a copy of the host with ions, its last atoms, each lowered until it touches the face.

    Parameters
    ----------
    points
        Places in the plane, Å, shape (n_ions, 2).
    ion
        Chemical symbol.
    """
    host, skin = ground.host, exposed(ground.view, ground.host.numbers)
    contact = ion_contact(host, ion, tuple(skin.tolist()))
    level = float(ground.view.points[skin, 2].mean())
    positions = []
    for point in points:
        anchor, normal = ground.view.lift(np.array([*point, level]))
        height, _ = descend(host, anchor, normal, contact)
        positions.append(anchor + (height or 0.0) * normal)
    laid: Atoms = host.copy()
    laid.extend(Atoms(f"{ion}{len(positions)}", positions))
    return laid


def shaken(atoms: Atoms, ions: Sequence[int]) -> Atoms:
    """Return a copy with the ions moved a little, the same way each time.

    An even layer often stands on a saddle that symmetry alone would keep it on.
    """
    moved: Atoms = atoms.copy()
    steps = np.random.default_rng(len(ions)).normal(scale=SHAKE_A, size=(len(ions), 3))
    moved.positions[list(ions)] += steps
    return moved


def layer_outcome(ground: Ground, final: Atoms, geometry: Geometry) -> tuple[OutcomeLabel, str]:
    """Say what became of a layer: the outcome of a single ion, and which ions or bonds it means.

    Parameters
    ----------
    final
        Host atoms in host order, then the ions, after relaxation.

    Returns
    -------
    label, detail
        kept: all ions are on the face. incorporated, intercalated: some are under atoms of the
        host, with or without broken bonds. desorbed: some have left the host, to the vacuum or
        on top of others. reconstructed: the host's bonds changed.
    """
    host, n_host = ground.host, len(ground.host)
    change = motif_changed(host, final[:n_host])
    ions = range(n_host, len(final))
    sunk = sum(_covered(final[[*range(n_host), ion]], ground.view.face, geometry) for ion in ions)
    if sunk:
        detail = f"{sunk} of {len(ions)} ions sank into the host"
        return ("incorporated" if change else "intercalated"), "; ".join(
            filter(None, (detail, change))
        )
    if change:
        return "reconstructed", change
    gone = int((_contact_ratios(final, n_host) > DESORBED).sum())
    if gone:
        return "desorbed", f"{gone} of {len(ions)} ions left the host"
    return "kept", ""


def _covered(atoms: Atoms, face: Face, geometry: Geometry) -> bool:
    """Whether atoms cover the last one on a face."""
    (view,) = (view for view in views(atoms, geometry) if view.face == face)
    return len(atoms) - 1 not in exposed(view, atoms.numbers)


def _contact_ratios(atoms: Atoms, n_host: int) -> np.ndarray:
    """Smallest distance from each ion to a host atom over the sum of their radii, (n_ions,)."""
    vectors = atoms.positions[n_host:, None] - atoms.positions[None, :n_host]
    distances = np.linalg.norm(Lattice.of(atoms).minimum_image(vectors), axis=2)
    sums = radius(atoms.numbers[n_host:])[:, None] + radius(atoms.numbers[None, :n_host])
    ratios: np.ndarray = (distances / sums).min(axis=1)
    return ratios
