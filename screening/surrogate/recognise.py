"""Whether two clean hosts are the same, relaxed a little otherwise or with another vacuum."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list

WIDTHS_A = (2.0, 3.0)
CUTOFF_A = 8.0
TOLERANCE = 0.04
"""Largest relative difference of a sum. Bond lengths that differ by 0.02 Å change sums by up to
0.03; a dopant one site further changes the sum of its pair by 0.2."""
FAR = 0.02
"""Difference of sums that is let pass: pairs of atoms in neighbouring cells alone."""


@dataclass(frozen=True)
class Signature:
    """Composition of a host, and how near its elements are to each other.

    Attributes
    ----------
    formula
        Of the cell, in Hill's order: another coverage is another host.
    sums
        ``sum exp(-(d / w)^2)`` over the distances of each pair of elements, for each width w.
    """

    formula: str
    sums: tuple[float, ...]

    @classmethod
    def of(cls, host: Atoms) -> Signature:
        """Describe a host."""
        first, second, distance = neighbor_list("ijd", host, CUTOFF_A)
        symbols = np.array(host.get_chemical_symbols())
        sums = []
        for one, two in itertools.combinations_with_replacement(sorted(set(symbols)), 2):
            between = distance[(symbols[first] == one) & (symbols[second] == two)]
            sums += [float(np.exp(-((between / width) ** 2)).sum()) for width in WIDTHS_A]
        return cls(host.get_chemical_formula("hill"), tuple(sums))

    def matches(self, other: Signature) -> bool:
        """Whether both are of the same host."""
        return self.formula == other.formula and bool(
            np.allclose(self.sums, other.sums, rtol=TOLERANCE, atol=FAR)
        )
