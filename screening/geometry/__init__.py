"""Adsorption sites, ion placement, symmetry, outcomes and hops; no energies."""

from screening.geometry.finding import find_sites
from screening.geometry.outcome import Outcome, classify, motif_changed
from screening.geometry.placement import nearest_image_distance, place
from screening.geometry.sites import Face, Site, SiteKind

__all__ = [
    "Face",
    "Outcome",
    "Site",
    "SiteKind",
    "classify",
    "find_sites",
    "motif_changed",
    "nearest_image_distance",
    "place",
]
