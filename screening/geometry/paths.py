"""What became of an ion, and of its host, on the way between two sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ase import Atoms

from screening.geometry.outcome import motif_changed
from screening.geometry.standing import contact_ratio, has_left
from screening.structure.candidate import Geometry

PathOutcome = Literal["kept", "desorbed", "reconstructed"]


def path_outcome(images: Sequence[Atoms], geometry: Geometry) -> tuple[PathOutcome, str]:
    """Say whether the ion stays on the host all the way, and the host whole; if not, what broke.

    For when an ion has left, see `screening.geometry.standing`. A host is torn where a bond differs from both ends of the path: ends may hold an ion that changed bonds.

    Parameters
    ----------
    images
        End states first and last; host atoms in host order, then the ion.
    """
    start, end = images[0], images[-1]
    for number, image in enumerate(images[1:-1], 1):
        if has_left(image):
            off = contact_ratio(image)
            return "desorbed", f"image {number}: the ion is {off:.1f} radii sums off the host"
        change = motif_changed(start[:-1], image[:-1])
        if change and motif_changed(end[:-1], image[:-1]):
            return "reconstructed", f"image {number}: {change}"
    return "kept", ""
