"""What became of an ion, and of its host, on the way between two sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from ase import Atoms

from screening.geometry.alignment import aligned
from screening.geometry.hops import SAME
from screening.geometry.outcome import motif_changed
from screening.geometry.standing import contact_ratio, has_left
from screening.geometry.symmetry import symmetry_operations
from screening.structure.candidate import Geometry
from screening.structure.lattice import Lattice

PathOutcome = Literal["kept", "desorbed", "reconstructed"]


def path_outcome(images: Sequence[Atoms], geometry: Geometry) -> tuple[PathOutcome, str]:
    """Say whether the ion stays on the host all the way, and the host whole; if not, what broke.

    For when an ion has left, see `screening.geometry.standing`. A host is torn where a bond differs
    from both ends of the path: ends may hold an ion that changed bonds.

    Parameters
    ----------
    images
        End states first and last; host atoms in host order, then the ion.
    """
    start, end = images[0], images[-1]
    for number, image in enumerate(images[1:-1], 1):
        if has_left(image, geometry):
            off = contact_ratio(image, geometry)
            return "desorbed", f"image {number}: the ion is {off:.1f} radii sums off the host"
        change = motif_changed(start[:-1], image[:-1])
        if change and motif_changed(end[:-1], image[:-1]):
            return "reconstructed", f"image {number}: {change}"
    return "kept", ""


def minima_on_path(
    host: Atoms, images: Sequence[Atoms], minima: Sequence[Atoms], geometry: Geometry
) -> tuple[int, ...]:
    """Known minima that a path runs over between its ends: it is as many hops as these, and one.

    The ion passes a minimum if the line through its images comes within `hops.SAME` of it, or of
    a symmetry-equivalent copy, and that copy is not an end of the path.

    Parameters
    ----------
    host
        Relaxed host without the ion.
    images
        End states first and last; host atoms in host order, then the ion. Consecutive images are
        consecutive in space, too: no periodic jump between them.
    minima
        Relaxed structures, atoms in the same order.

    Returns
    -------
    tuple of int
        Indices into `minima`, in the order in which the path meets them; one twice if it meets
        two copies of it.
    """
    lattice = Lattice.of(host, geometry)
    line = np.array([aligned(host, image, geometry).positions[-1] for image in images])
    operations = symmetry_operations(host, geometry)
    met: list[tuple[float, int]] = []
    for index, minimum in enumerate(minima):
        ion = aligned(host, minimum, geometry).positions[-1]
        copies = lattice.wrap(np.array([operation.apply(ion) for operation in operations]))
        for copy in copies[lattice.unique(copies, SAME)]:
            met += [(where, index) for where in _passes(line, copy, lattice)]
    return tuple(index for _, index in sorted(met))


def _passes(line: np.ndarray, point: np.ndarray, lattice: Lattice) -> list[float]:
    """Where, in segments from its start, a line (n, 3) passes periodic copies of a point."""
    low, high = line.min(axis=0), line.max(axis=0)
    middle = (low + high) / 2
    reach = float(np.linalg.norm(high - low)) / 2 + SAME
    copies, _, _ = lattice.images(point[None], reach)
    copies = copies + (middle - lattice.wrap(middle[None])[0])
    found = []
    for copy in copies:
        if min(np.linalg.norm(copy - line[0]), np.linalg.norm(copy - line[-1])) < SAME:
            continue
        steps = line[1:] - line[:-1]
        lengths = np.maximum((steps**2).sum(axis=1), 1e-12)
        shares = np.clip(((copy - line[:-1]) * steps).sum(axis=1) / lengths, 0.0, 1.0)
        gaps = np.linalg.norm(line[:-1] + shares[:, None] * steps - copy, axis=1)
        nearest = int(gaps.argmin())
        if gaps[nearest] < SAME:
            found.append(nearest + float(shares[nearest]))
    return found
