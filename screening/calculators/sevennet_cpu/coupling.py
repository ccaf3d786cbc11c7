"""Couplings of an edge: Clebsch–Gordan tensors contracted with its harmonics, in C."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from screening.calculators.sevennet_cpu.network import Network, Triple

Terms = tuple[tuple[int, float], ...]
"""(b, C): harmonics of one degree and their coefficients."""

SMALLEST = 1e-9
"""Coefficients below are zero up to rounding."""


@dataclass(frozen=True)
class Entry:
    """One entry of the coupling matrix of a triple: Σ_b C[a, b, c] Y_b.

    Attributes
    ----------
    a, c
        Component of the features, and of the message.
    place
        Of the entry among all couplings of an edge.
    terms
        Harmonics by their place among all harmonics of an edge.
    """

    a: int
    c: int
    place: int
    terms: Terms


@dataclass(frozen=True)
class Couplings:
    """The non-zero entries of every triple of a network."""

    entries: Mapping[Triple, tuple[Entry, ...]]

    @classmethod
    def of(cls, network: Network) -> Couplings:
        """Return the entries of all triples of a network, numbered."""
        found: dict[Triple, tuple[Entry, ...]] = {}
        place = 0
        for triple, tensor in network.coupling.items():
            entries = []
            for a, c in np.ndindex(tensor.shape[0], tensor.shape[2]):
                terms = tuple(
                    (triple[1] ** 2 + b, float(x))
                    for b, x in enumerate(tensor[a, :, c])
                    if abs(x) > SMALLEST
                )
                if terms:
                    entries.append(Entry(a, c, place, terms))
                    place += 1
            found[triple] = tuple(entries)
        return cls(found)

    @property
    def size(self) -> int:
        """Entries of an edge."""
        return sum(len(entries) for entries in self.entries.values())


def coupling_source(couplings: Couplings) -> str:
    """Write ``couple``, which fills the couplings of one edge from its harmonics."""
    lines = [
        "/* Couplings of an edge with harmonics y: m = sum over b of C(a, b, c) y_b. */",
        "static void couple(const float *restrict y, float *restrict m)",
        "{",
    ]
    for (l1, l2, l3), entries in couplings.entries.items():
        lines.append(f"    /* {l1} x {l2} -> {l3} */")
        for entry in entries:
            terms = " + ".join(f"{x!r}f * y[{b}]" for b, x in entry.terms)
            lines.append(f"    m[{entry.place}] = {terms};")
    return "\n".join([*lines, "}", ""])
