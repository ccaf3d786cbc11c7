"""What a cut breaks: bonds, molecular ions, and the balance of charge along its normal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from ase.formula import Formula
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from screening.structure.neighbours import close_pairs
from screening.structure.radii import NEIGHBOUR_SCALE, radius

MOLECULE_SCALE = 1.2
"""Nonmetals closer than this multiple of the sum of their covalent radii make a molecule: C–O, P–O,
N–O, O–H, O–O, but no hydrogen bond."""

STRENGTH_A = 0.37
"""Length over which a bond's strength falls by e, Å (Brown & Altermatt, Acta Cryst. B 41, 244
(1985), doi:10.1107/S0108768185002063)."""

_EASY_ATOMS = 40
"""A formula of more atoms gets its oxidation states from the common ones only: others take long."""

_NONMETALS = [
    atomic_numbers[s]
    for s in "H B C N O F Si P S Cl Ge As Se Br Te I".split()  # noqa: SIM905
]
_ANIONS = frozenset(
    ["N", "O", "F", "P", "S", "Cl", "As", "Se", "Br", "Te", "I", "Sb", "H", "C", "Si", "Ge"]
)


@dataclass(frozen=True)
class Bonds:
    """Coordination of the atoms of a crystal.

    Attributes
    ----------
    count
        Bonds of each atom, shape (n_atoms,).
    strength
        Sum of exp((r - d) / 0.37 Å) over the neighbours of each atom, shape (n_atoms,).
    """

    count: np.ndarray
    strength: np.ndarray

    @classmethod
    def of(cls, atoms: Atoms, charges: np.ndarray | None) -> Bonds:
        """Bonds under the structure's own periodicity; with charges, those of opposite sign."""
        sums = radius(atoms.numbers)
        first, second, _, distance = close_pairs(atoms, 3.0 * float(sums.max()))
        if charges is not None:
            opposite = charges[first] * charges[second] < 0
            first, second, distance = first[opposite], second[opposite], distance[opposite]
        contact = sums[first] + sums[second]
        count = np.bincount(first[distance < NEIGHBOUR_SCALE * contact], minlength=len(atoms))
        strength = np.exp((contact - distance) / STRENGTH_A)
        return cls(count, np.bincount(first, strength, minlength=len(atoms)))


@dataclass(frozen=True)
class Piece:
    """Atoms that hang together.

    Attributes
    ----------
    atoms
        Indices.
    repeats
        Along how many independent directions the piece repeats without end: 0 for a molecule.
    """

    atoms: np.ndarray
    repeats: int


def groups_within(atoms: Atoms, reach: float) -> list[np.ndarray]:
    """Return sets of atoms such that no two sets come closer than `reach`, Å; largest first."""
    first, second, _, _ = close_pairs(atoms, reach)
    graph = coo_matrix((np.ones(len(first)), (first, second)), shape=(len(atoms), len(atoms)))
    count, names = connected_components(graph, directed=False)
    found = [np.flatnonzero(names == name) for name in range(count)]
    return sorted(found, key=lambda group: -len(group))


def pieces(atoms: Atoms, scale: float = NEIGHBOUR_SCALE) -> list[Piece]:
    """Return the bonded pieces, the largest first.

    Parameters
    ----------
    scale
        Neighbours are closer than this multiple of the sum of their covalent radii.
    """
    sums = radius(atoms.numbers)
    first, second, vector, distance = close_pairs(atoms, 2 * scale * float(sums.max()))
    near = distance < scale * (sums[first] + sums[second])
    neighbours: dict[int, list[tuple[int, np.ndarray]]] = {i: [] for i in range(len(atoms))}
    for i, j, step in zip(first[near], second[near], vector[near], strict=True):
        neighbours[int(i)].append((int(j), step))
    found: list[Piece] = []
    seen: set[int] = set()
    for start in neighbours:
        if start not in seen:
            places, repeats = _walk(start, neighbours)
            seen |= set(places)
            found.append(Piece(np.array(sorted(places)), repeats))
    return sorted(found, key=lambda piece: -len(piece.atoms))


def _walk(
    start: int, neighbours: Mapping[int, list[tuple[int, np.ndarray]]]
) -> tuple[set[int], int]:
    """Atoms that bonds lead to, and the rank of the lattice vectors between places of one atom."""
    places, waiting = {start: np.zeros(3)}, [start]
    returns = [np.zeros(3)]
    while waiting:
        here = waiting.pop()
        for there, step in neighbours[here]:
            place = places[here] + step
            if there not in places:
                places[there] = place
                waiting.append(there)
            elif abs(back := place - places[there]).max() > 0.1:
                returns.append(back)
    return set(places), int(np.linalg.matrix_rank(np.array(returns), tol=0.1))


def molecules(crystal: Atoms) -> np.ndarray:
    """Return the number of the molecule that each atom belongs to, shape (n_atoms,); -1 for none.

    A molecule is a finite set of two or more nonmetal atoms: a network that repeats without end,
    such as quartz or graphite, is none.
    """
    names = np.full(len(crystal), -1)
    nonmetal = np.flatnonzero(np.isin(crystal.numbers, _NONMETALS))
    if len(nonmetal):
        for name, piece in enumerate(pieces(crystal[nonmetal], MOLECULE_SCALE)):
            if len(piece.atoms) > 1 and piece.repeats == 0:
                names[nonmetal[piece.atoms]] = name
    return names


def formal_charges(crystal: Atoms) -> np.ndarray | None:
    """Formal charge of each atom, e, shape (n_atoms,); None for metals and elements.

    Oxidation states are guessed from the composition (pymatgen); without a guess, each bond
    carries charge in proportion to the difference in electronegativity.
    """
    if not _is_compound(crystal.symbols):
        return None
    states = oxidation_states(crystal.symbols)
    if states:
        return np.array([states[0][symbol] for symbol in crystal.symbols])
    return _transferred(crystal)


def oxidation_states(symbols: Iterable[str]) -> tuple[Mapping[str, float], ...]:
    """Mean oxidation states of the elements, e, that balance, likeliest first; none of metals."""
    listed = list(symbols)
    return _states(str(Formula.from_list(listed).reduce()[0])) if _is_compound(listed) else ()


def _is_compound(symbols: Iterable[str]) -> bool:
    return len(set(symbols)) > 1 and bool(set(symbols) & _ANIONS)


@lru_cache(maxsize=256)
def _states(formula: str) -> tuple[Mapping[str, float], ...]:
    from pymatgen.core.composition import Composition  # noqa: PLC0415 (listing pays nothing)

    composition = Composition(formula)
    small = composition.num_atoms <= _EASY_ATOMS
    for every in (False, True) if small else (False,):
        guesses = composition.oxi_state_guesses(max_sites=-1, all_oxi_states=every)
        if guesses:
            return tuple(map(dict, guesses))
    return ()


def _transferred(crystal: Atoms) -> np.ndarray | None:
    from pymatgen.core.periodic_table import Element  # noqa: PLC0415 (listing pays nothing)

    pull = np.array([Element(symbol).X for symbol in crystal.symbols])
    if not np.isfinite(pull).all() or np.ptp(pull) < 0.5:
        return None
    sums = radius(crystal.numbers)
    first, second, _, distance = close_pairs(crystal, 3.0 * float(sums.max()))
    near = distance < NEIGHBOUR_SCALE * (sums[first] + sums[second])
    given = np.bincount(first[near], (pull[second] - pull[first])[near], minlength=len(crystal))
    strongest = pull == pull.max()
    valence = abs(Element(crystal.symbols[int(np.argmax(pull))]).min_oxidation_state)
    mean = abs(float(given[strongest].mean()))
    return given * valence / mean if mean > 1e-6 else None
