"""Which species stands on which of several equal sites: the arrangement of lowest energy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import comb, prod
from typing import Any

import numpy as np
from ase import Atoms

EVERY = 20_000
"""Up to so many arrangements are all compared; of more, those that swaps lead to."""

STARTS = 24
"""Random arrangements, of a fixed seed, from which swaps start."""

EVENNESS = 1e-3
"""Weight of the evenness beside the electrostatic energy: it decides where charges are equal."""

VACANT = ""
"""Stands for no atom."""

_Words = tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """Sites of equal occupancies.

    Attributes
    ----------
    sites
        Their numbers in the cell, shape (n,).
    words
        The species that they hold, in any order, with `VACANT` for none.
    charges
        Of the species, e; those left out have none.
    """

    sites: np.ndarray
    words: _Words
    charges: Mapping[str, float]

    @property
    def arrangements(self) -> int:
        """In how many ways the species stand on the sites."""
        upto = np.cumsum([0, *Counter(self.words).values()]).tolist()
        return prod(comb(end, start) for start, end in pairwise(upto))

    def vectors(self, names: Sequence[str]) -> np.ndarray:
        """Row of each species' charge and of its deviation from the mean, (n_names, 1 + n_names).

        The energy of two sites is their interaction times the product of their rows.
        """
        held = Counter(self.words)
        mean = np.array([held[name] for name in names]) / len(self.words)
        charge = np.array([self.charges.get(name, 0.0) for name in names])
        return np.column_stack([charge, np.sqrt(EVENNESS) * (np.eye(len(names)) - mean)])


@dataclass(frozen=True)
class Arrangement:
    """Species on the sites of each kind, their energy in eV, and how they were chosen."""

    words: tuple[_Words, ...]
    energy: float
    how: str


def arranged(cell: Atoms, kinds: Sequence[Kind], charges: Mapping[str, float]) -> Arrangement:
    """Arrangement of the lowest energy.

    The energy is that of the formal charges in the crystal (Ewald sum). Species of one charge, and
    metals, which have none, are spread evenly: the same sum over the deviations of each species
    from its mean occupancy, so that like atoms repel; L1_0 and L1_2 come out for CuAu and Cu3Au.

    Parameters
    ----------
    cell
        All sites, those of one species only with it.
    charges
        Of the elements on these, e; those left out have none.
    """
    names = sorted({word for kind in kinds for word in kind.words})
    tables = [kind.vectors(names) for kind in kinds]
    numbers = [np.array([names.index(word) for word in kind.words]) for kind in kinds]
    energy = _Energy(cell, kinds, tables, charges)
    number = prod(kind.arrangements for kind in kinds)
    tries = product(*map(_orders, numbers)) if number <= EVERY else energy.descents(numbers)
    best, least = tuple(numbers), np.inf
    for order in tries:
        value = energy(order)
        if value < least - 1e-7:
            best, least = order, value
    stated = dict(charges)
    for kind in kinds:
        stated |= kind.charges
    states = ", ".join(f"{name} {charge:+.3g}" for name, charge in stated.items() if charge)
    rule = f"lowest Ewald energy of {states}" if states else "like atoms as far apart as can be"
    among = f"all {number}" if number <= EVERY else f"{STARTS} descents by swaps among {number:.0e}"
    words = tuple(tuple(names[i] for i in order) for order in best)
    return Arrangement(words, least, f"{rule}, of {among} arrangements")


class _Energy:
    """Energy of arrangements of one cell; an arrangement is a row of species a kind."""

    def __init__(
        self,
        cell: Atoms,
        kinds: Sequence[Kind],
        tables: Sequence[np.ndarray],
        charges: Mapping[str, float],
    ) -> None:
        self.kinds, self.tables = kinds, tables
        self.interaction = unit_charges(cell)
        self.rest = np.zeros((len(cell), tables[0].shape[1]))
        self.rest[:, 0] = [charges.get(symbol, 0.0) for symbol in cell.symbols]

    def _rows(self, order: Sequence[np.ndarray]) -> np.ndarray:
        rows = self.rest.copy()
        for kind, table, species in zip(self.kinds, self.tables, order, strict=True):
            rows[kind.sites] = table[species]
        return rows

    def __call__(self, order: Sequence[np.ndarray]) -> float:
        rows = self._rows(order)
        return float((rows * (self.interaction @ rows)).sum())

    def descents(self, numbers: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, ...]]:
        """Arrangements that no exchange of two atoms betters."""
        random = np.random.default_rng(0)
        for _ in range(STARTS):
            order = tuple(random.permutation(species) for species in numbers)
            while (best := min(self._swaps(order)))[0] < -1e-7:
                _, kind, one, other = best
                order[kind][[one, other]] = order[kind][[other, one]]
            yield order

    def _swaps(self, order: Sequence[np.ndarray]) -> Iterator[tuple[float, int, int, int]]:
        """Best exchange within each kind: what it brings, the kind, the two atoms."""
        rows = self._rows(order)
        fields = self.interaction @ rows
        for number, kind in enumerate(self.kinds):
            here, field = rows[kind.sites], fields[kind.sites]
            cross, dots = field @ here.T, here @ here.T
            own, norm = np.diag(cross), np.diag(dots)
            near = self.interaction[np.ix_(kind.sites, kind.sites)]
            inside = np.diag(near)
            change = 2 * (cross + cross.T - own - own[:, None]) + (
                norm + norm[:, None] - 2 * dots
            ) * (inside + inside[:, None] - 2 * near)
            one, other = divmod(int(change.argmin()), len(kind.sites))
            yield float(change[one, other]), number, one, other


def unit_charges(cell: Atoms) -> np.ndarray:
    """Energy of each pair of unit charges, with all images, in a neutralising background, eV.

    Returns
    -------
    np.ndarray
        Shape (n_sites, n_sites); charges q have the energy q·E·q (Ewald sum of pymatgen).
    """
    from pymatgen.analysis.ewald import EwaldSummation  # noqa: PLC0415 (only ordering pays)
    from pymatgen.core.structure import Structure  # noqa: PLC0415 (as above)

    sites = Structure(cell.cell.array, ["H+"] * len(cell), cell.get_scaled_positions())
    summed: Any = EwaldSummation
    return np.asarray(summed(sites).total_energy_matrix)


def _orders(species: np.ndarray) -> list[np.ndarray]:
    """Distinct orders of species."""
    from sympy.utilities import iterables  # type: ignore[import-untyped]  # noqa: PLC0415

    return [np.array(order) for order in iterables.multiset_permutations(species.tolist())]
