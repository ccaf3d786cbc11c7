"""What an adsorption site is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

SiteKind = Literal["top", "bridge", "hollow", "vacancy"]
Face = Literal["top", "bottom", "outside", "inside"]


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
    """

    label: str
    kind: SiteKind
    face: Face
    anchor: tuple[float, float, float]
    normal: tuple[float, float, float]
    support: tuple[int, ...]
    multiplicity: int


@dataclass(frozen=True)
class SiteCopy:
    """One copy of a site in the cell; attributes as in `Site`."""

    kind: SiteKind
    face: Face
    anchor: np.ndarray
    normal: np.ndarray
    support: tuple[int, ...]

    @property
    def marker(self) -> np.ndarray:
        """A point 1 Å out along the normal: tells the faces of a flat sheet apart."""
        point: np.ndarray = self.anchor + self.normal
        return point
