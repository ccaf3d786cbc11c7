"""What an adsorption site is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

SiteKind = Literal["top", "bridge", "hollow", "vacancy"]
Face = Literal["top", "bottom", "outside", "inside", "floor", "roof"]
"""The last two are the walls of a gallery inside a host: the lower one, which looks up, and the
upper one."""


@dataclass(frozen=True)
class Site:
    """A symmetry-distinct adsorption site.

    Attributes
    ----------
    label
        Unique within the host and reproducible, e.g. ``hollow-1``, ``bridge-2-bottom``.
    anchor
        Point on the surface under (over) the ion, Å, Cartesian: the lateral position.
    normal
        Unit vector away from the host.
    support
        Indices of the host atoms that the ion touches.
    multiplicity
        Number of symmetry-equivalent copies in the cell.
    headroom_a
        Height over the anchor from which an ion comes down, Å: infinite on an open face, the axis
        inside a tube, half way to the opposite wall of a gallery.
    """

    label: str
    kind: SiteKind
    face: Face
    anchor: tuple[float, float, float]
    normal: tuple[float, float, float]
    support: tuple[int, ...]
    multiplicity: int
    headroom_a: float = np.inf


@dataclass(frozen=True)
class SiteCopy:
    """One copy of a site in the cell; attributes as in `Site`."""

    kind: SiteKind
    face: Face
    anchor: np.ndarray
    normal: np.ndarray
    support: tuple[int, ...]
    headroom_a: float = np.inf

    @property
    def marker(self) -> np.ndarray:
        """A point 1 Å out along the normal: tells the faces of a flat sheet apart."""
        point: np.ndarray = self.anchor + self.normal
        return point
