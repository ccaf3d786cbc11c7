"""What became of a cluster of ions on a host: whether it still is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from ase import Atoms
from scipy.sparse.csgraph import connected_components

from screening.geometry.outcome import motif_changed
from screening.geometry.standing import has_left, open_faces
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice

FateLabel = Literal["kept", "dispersed", "desorbed", "alloyed", "reconstructed"]

TOGETHER = 1.39
"""Two ions belong to one cluster within this multiple of the metal's nearest-neighbour distance:
midway between the second and the third shell of bcc (1.155 and 1.633)."""


@dataclass(frozen=True)
class Fate:
    """What became of some ions on a host.

    Attributes
    ----------
    label
        kept: one cluster on a whole host. dispersed: on the host, but in several groups. desorbed:
        an ion, or a group of them, is out of touch with the host. alloyed: an ion went under atoms
        of the host. reconstructed: the host's bonds changed under them.
    detail
        Which ions or which bond.
    """

    label: FateLabel
    detail: str = ""

    @property
    def on_host(self) -> bool:
        """Whether all ions are on a whole host, in one cluster or in several."""
        return self.label in {"kept", "dispersed"}

    def __str__(self) -> str:
        """Label and detail."""
        return f"{self.label}: {self.detail}" if self.detail else self.label


def cluster_fate(  # noqa: PLR0917 (host, before, after, as for one ion)
    host: Atoms,
    start: Atoms,
    final: Atoms,
    geometry: Geometry,
    neighbours_a: float,
    filled: int = 0,
) -> Fate:
    """Say what became of the ions that a structure holds beyond the host.

    Parameters
    ----------
    host
        Relaxed host without ions.
    start, final
        Host atoms in host order, then the ions, before and after relaxation.
    neighbours_a
        Nearest-neighbour distance in the bulk metal, Å.
    filled
        Of the ions, the first so many fill sites of their own and need not be with the others.
    """
    n_host, ions = len(host), range(len(host), len(final))
    change = motif_changed(host, final[:n_host])
    sunk = [ion for ion in ions if _covered(final, n_host, ion, geometry)]
    # In a pore or a gallery an ion is covered from the start.
    sunk = [ion for ion in sunk if not _covered(start, n_host, ion, geometry)]
    if sunk:
        detail = f"{len(sunk)} of {len(ions)} ions went into the host"
        return Fate("alloyed", "; ".join(filter(None, (detail, change))))
    if change:
        return Fate("reconstructed", change)
    _, group = connected_components(_distances(final, ions) < TOGETHER * neighbours_a)
    touching = [not has_left(final[[*range(n_host), ion]], geometry) for ion in ions]
    gone = int(np.isin(group, group[touching], invert=True).sum())
    if gone:
        return Fate("desorbed", f"{gone} of {len(ions)} ions left")
    cluster = group[filled:]
    if (groups := len(set(cluster.tolist()))) > 1:
        return Fate("dispersed", f"{len(cluster)} ions in {groups} groups")
    return Fate("kept")


def _covered(atoms: Atoms, n_host: int, ion: int, geometry: Geometry) -> bool:
    """Whether atoms of the host cover an ion on all faces."""
    return not open_faces(atoms[[*range(n_host), ion]], geometry)


def _distances(atoms: Atoms, ions: Sequence[int]) -> np.ndarray:
    """Distance of each ion to the nearest copy of each other, Å, infinite to itself; (n, n)."""
    points = atoms.positions[list(ions)]
    vectors = Lattice.of(atoms).minimum_image(points[:, None] - points[None])
    distances: np.ndarray = np.linalg.norm(vectors, axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances
