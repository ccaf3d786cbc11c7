"""Adsorption sites, ion placement, symmetry, outcomes and hops; no energies."""

from screening.geometry.finding import find_sites
from screening.geometry.lattice import Lattice
from screening.geometry.outcome import Outcome, classify, motif_changed
from screening.geometry.placement import nearest_image_distance, place
from screening.geometry.sites import Face, Site, SiteKind
from screening.geometry.symmetry import Operation, symmetry_operations

__all__ = [
    "Face",
    "Lattice",
    "Operation",
    "Outcome",
    "Site",
    "SiteKind",
    "classify",
    "find_sites",
    "motif_changed",
    "nearest_image_distance",
    "place",
    "symmetry_operations",
]
