"""Adsorption sites, ion placement, symmetry, outcomes and hops; no energies."""

from screening.geometry.buckling import buckled, lies_flat
from screening.geometry.environment import most_different
from screening.geometry.finding import find_sites
from screening.geometry.hops import Hop, Link, Minimum, find_hops
from screening.geometry.outcome import Outcome, classify, motif_changed
from screening.geometry.paths import PathOutcome, path_outcome
from screening.geometry.percolation import Percolation, percolating_barrier
from screening.geometry.placement import nearest_image_distance, place
from screening.geometry.reversal import transported
from screening.geometry.sites import Face, Site, SiteKind
from screening.geometry.symmetry import Operation, symmetry_operations

__all__ = [
    "Face",
    "Hop",
    "Link",
    "Minimum",
    "Operation",
    "Outcome",
    "PathOutcome",
    "Percolation",
    "Site",
    "SiteKind",
    "buckled",
    "classify",
    "find_hops",
    "find_sites",
    "lies_flat",
    "most_different",
    "motif_changed",
    "nearest_image_distance",
    "path_outcome",
    "percolating_barrier",
    "place",
    "symmetry_operations",
    "transported",
]
