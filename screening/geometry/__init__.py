"""Adsorption sites, ion placement, symmetry, outcomes and hops; no energies."""

from screening.geometry.buckling import buckled, lies_flat
from screening.geometry.crowding import Crowding, crowding, nearest_image_distance
from screening.geometry.environment import most_different, surroundings
from screening.geometry.fate import Fate, cluster_fate
from screening.geometry.finding import find_sites
from screening.geometry.held import freed
from screening.geometry.hops import Hop, Link, Minimum, find_hops
from screening.geometry.outcome import Outcome, classify, motif_changed
from screening.geometry.paths import PathOutcome, minima_on_path, path_outcome
from screening.geometry.percolation import Percolation, percolating_barrier
from screening.geometry.placement import place
from screening.geometry.reversal import transported
from screening.geometry.sites import Face, Site, SiteKind
from screening.geometry.symmetry import Operation, symmetry_operations
from screening.geometry.ties import ENERGY_EV, ranks

__all__ = [
    "ENERGY_EV",
    "Crowding",
    "Face",
    "Fate",
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
    "cluster_fate",
    "crowding",
    "find_hops",
    "find_sites",
    "freed",
    "lies_flat",
    "minima_on_path",
    "most_different",
    "motif_changed",
    "nearest_image_distance",
    "path_outcome",
    "percolating_barrier",
    "place",
    "ranks",
    "surroundings",
    "symmetry_operations",
    "transported",
]
