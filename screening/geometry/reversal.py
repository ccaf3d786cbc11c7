"""Structures carried over a host by its symmetry, and paths carried onto their reverse."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from screening.geometry.symmetry import SYMPREC, Operation
from screening.structure.candidate import fixed_indices
from screening.structure.lattice import Lattice

EXACT = 1e-3
"""Å; a path may only be halved by an isometry of the cell and of the fixed atoms, however little
the relaxed atoms obey it."""


def transported(
    host: Atoms, adsorbed: Atoms, operation: Operation, lattice: Lattice | None = None
) -> Atoms:
    """Apply a symmetry operation of the host to a structure with ions on it.

    Atoms come out in host order, each in the periodic image next to its place in the host, so
    that two structures transported over one host are end states of one band.
    """
    lattice = lattice or Lattice.of(host)
    moved: Atoms = adsorbed.copy()
    carried = operation.apply(adsorbed.positions)
    moved.positions[operation.permutation] = carried[: len(host)]
    moved.positions[len(host) :] = carried[len(host) :]
    shift = lattice.minimum_image(moved.positions[: len(host)] - host.positions)
    moved.positions[: len(host)] = host.positions + shift
    return moved


def reversal(
    host: Atoms, start: Atoms, end: Atoms, swaps: Sequence[Operation], lattice: Lattice
) -> tuple[Operation | None, Atoms]:
    """Operation that carries the start of a path onto its end and back, and the end that it makes.

    Parameters
    ----------
    start, end
        Host atoms in host order, then the ion.
    swaps
        Operations that do so to within the tolerance of a relaxed host's symmetry.

    Returns
    -------
    operation, end
        None and the end as given if no operation does so to `EXACT`.
    """
    for swap in swaps:
        operation = _involution(swap, start.positions[-1], end.positions[-1], lattice)
        if operation is None:
            continue
        image = transported(host, start, operation, lattice)
        back = transported(host, image, operation, lattice)
        fixed = fixed_indices(host)
        if np.allclose(back.positions, start.positions, rtol=0, atol=EXACT) and np.allclose(
            image.positions[fixed], start.positions[fixed], rtol=0, atol=EXACT
        ):
            return operation, image
    return None, end


def _involution(
    operation: Operation, start: np.ndarray, end: np.ndarray, lattice: Lattice
) -> Operation | None:
    """Return the operation between two places of an ion, exactly its own inverse; None if not."""
    rotation, order = operation.rotation, operation.permutation
    turned = lattice.vectors @ rotation.T
    if (
        (order[order] != np.arange(len(order))).any()
        or not np.allclose(rotation @ rotation, np.eye(3), atol=1e-6)
        or not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
        or not np.allclose(
            turned, lattice.nearest_cells(turned) @ lattice.vectors, rtol=0, atol=EXACT
        )
    ):
        return None
    cell = lattice.nearest_cells((end - operation.apply(start))[None])[0]
    shift = operation.translation + cell @ lattice.vectors
    # Applied twice, the operation shifts by this: nothing but the tolerance of a relaxed host, or
    # a lattice vector if it is a glide that leads on to a third place.
    drift = rotation @ shift + shift
    if np.linalg.norm(drift) > 2 * SYMPREC:
        return None
    return Operation(rotation, shift - drift / 2, order)
