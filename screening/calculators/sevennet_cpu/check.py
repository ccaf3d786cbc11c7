"""Compare a compiled network with stock SevenNet before it is trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols

from screening.calculators.contract import example_structures
from screening.calculators.sevennet_cpu.library import Library
from screening.calculators.sevennet_cpu.network import UnsuitableError

if TYPE_CHECKING:
    from screening.calculators.sevennet_engine import BatchSevenNet

ELEMENTS = ("Li", "C", "O", "Cu")
"""Elements of the structures; the first four that the network knows if it lacks one."""


@dataclass(frozen=True)
class Limits:
    """How much the two may differ: several times the noise of stock's single precision.

    Attributes
    ----------
    energy_ev_a_atom, force_ev_a, latent
        Absolute part.
    share
        Added, as a share of the largest energy, force or feature.
    """

    energy_ev_a_atom: float = 5e-6
    force_ev_a: float = 5e-5
    latent: float = 1e-4
    share: float = 5e-6


def check(library: Library, stock: BatchSevenNet, limits: Limits = Limits()) -> None:
    """Compare energy, forces and latent features of a crystal, a slab and a cluster.

    Raises
    ------
    UnsuitableError
        If they differ; the reason says where and by how much.
    """
    for name, atoms in structures(library):
        for what, difference, limit in _differences(library, stock, atoms, limits):
            if not difference <= limit:  # also if it is not a number
                raise UnsuitableError(
                    f"self-check failed: {what} of a {name} differs from stock SevenNet by "
                    f"{difference:.2g}, more than {limit:.2g}"
                )


def structures(library: Library) -> Iterator[tuple[str, Atoms]]:
    """Yield the structures that are compared."""
    elements = [s for s in ELEMENTS if library.species[atomic_numbers[s]] >= 0]
    if len(elements) < len(ELEMENTS):
        known = np.flatnonzero(library.species >= 0)[: len(ELEMENTS)]
        elements = [chemical_symbols[z] for z in known]
    yield from example_structures(elements)


def _differences(
    library: Library, stock: BatchSevenNet, atoms: Atoms, limits: Limits
) -> Iterator[tuple[str, float, float]]:
    ours, theirs = library.evaluate(atoms), stock.compute_batch([atoms])[0]
    latent = stock.latent([atoms])[0]
    yield (
        "energy",
        abs(ours.energy_ev - theirs.energy_ev),
        limits.energy_ev_a_atom * len(atoms) + limits.share * abs(theirs.energy_ev),
    )
    pairs = (
        ("a force", ours.forces, theirs.forces, limits.force_ev_a),
        ("a latent feature", ours.latent, latent, limits.latent),
    )
    for what, mine, other, limit in pairs:
        largest = float(np.abs(other).max())
        yield what, float(np.abs(mine - other).max()), limit + limits.share * largest
