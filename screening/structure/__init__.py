"""The ground that all rooms stand on: candidates, lattices, radii, neighbours, keys and levels."""

from screening.structure.candidate import (
    PERIODIC,
    Candidate,
    Geometry,
    check_id,
    fixed_indices,
)
from screening.structure.lattice import Lattice
from screening.structure.level import Level, digest

__all__ = [
    "PERIODIC",
    "Candidate",
    "Geometry",
    "Lattice",
    "Level",
    "check_id",
    "digest",
    "fixed_indices",
]
