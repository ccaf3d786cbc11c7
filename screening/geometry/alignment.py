"""Superposition of a relaxed structure on the host that it started from."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from scipy.spatial.transform import Rotation

from screening.structure.candidate import Geometry, fixed_indices
from screening.structure.lattice import Lattice


def aligned(host: Atoms, final: Atoms, geometry: Geometry) -> Atoms:
    """Move a structure with an ion back over its host: a free host floats, a cluster also turns.

    Parameters
    ----------
    final
        Host atoms in host order, then the ion; left untouched.
    """
    settled: Atoms = final.copy()
    if len(fixed_indices(host)):
        return settled
    shift = Lattice.of(host, geometry).minimum_image(settled.positions[:-1] - host.positions)
    # The median ignores the few atoms that the ion moves.
    settled.positions -= np.median(shift, axis=0)
    if geometry == "cluster" and len(host) > 2:
        centre = host.positions.mean(axis=0)
        middle = settled.positions[:-1].mean(axis=0)
        turn, _ = Rotation.align_vectors(host.positions - centre, settled.positions[:-1] - middle)
        settled.positions = turn.apply(settled.positions - middle) + centre
    return settled
