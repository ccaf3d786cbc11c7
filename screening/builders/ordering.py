"""An ordered structure in place of one whose sites are occupied in part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from ase import Atoms
from ase.build import make_supercell
from ase.geometry import get_distances, minkowski_reduce

from screening.builders.arrangement import VACANT, Kind, arranged
from screening.builders.bonding import oxidation_states
from screening.builders.gaps import VACUUM_GAP_A, gap
from screening.builders.reading.plausible import OCCUPANCY_TOLERANCE
from screening.errors import StructureError

MAX_SITES = 120
"""Sites of an ordered cell, those left empty included."""

TOLERANCE = 0.01
"""How far an occupancy of the ordered cell may be from the file's, which is rounded or refined."""

SHAPES = 12
"""Supercells of one size that are compared."""

SAME_PLACE_A = 0.2
"""Entries of a file closer than this share a site, Å."""

Content = tuple[tuple[str, float], ...]
"""Species on a site and their occupancies."""


@dataclass(frozen=True)
class Ordered:
    """A structure whose sites are all full.

    Attributes
    ----------
    repeats
        Its cell in the file's: whole numbers, rows are the new vectors, shape (3, 3).
    said
        The supercell, its composition and the file's, and how the arrangement was chosen.
    """

    atoms: Atoms
    repeats: np.ndarray
    said: str


def order(disordered: Atoms, where: str) -> Ordered:
    """Fill the sites of the smallest supercell that has the file's composition.

    Of its arrangements see `arrangement.arranged`; charges are mean oxidation states.

    Parameters
    ----------
    disordered
        Atoms with a column ``occupancy``; entries at one place share a site, what the occupancies
        leave is vacant. Left untouched.

    Raises
    ------
    StructureError
        No cell; a site that holds more than one atom; no cell of `MAX_SITES` sites or fewer whose
        occupancies are the file's within `TOLERANCE`, each species at least once.
    """
    sites, contents = _sites(disordered, where)
    cells = _cells(len(sites), contents, where)
    kinds, charges = _charged(_kinds(contents * cells), contents * cells)
    shapes = _shapes(sites, cells)
    tried = [arranged(make_supercell(sites, shape), kinds, charges) for shape in shapes]
    repeats, best = min(zip(shapes, tried, strict=True), key=lambda pair: round(pair[1].energy, 6))
    atoms = _filled(make_supercell(sites, repeats), kinds, best.words)
    stated = Counter[str]()
    for content in contents:
        stated.update(dict(content))
    built = {symbol: n / cells for symbol, n in atoms.symbols.formula.count().items()}
    shaped = f" in each of {len(shapes)} cells" if len(shapes) > 1 else ""
    said = (
        f"ordered in {cells} cell{'s' * (cells > 1)} of the file, each {_text(built)} for "
        f"{_text(stated)}: {best.how}{shaped}; one arrangement of a disordered crystal"
    )
    return Ordered(atoms, repeats, said)


def _filled(cell: Atoms, kinds: Sequence[Kind], words: Sequence[Sequence[str]]) -> Atoms:
    symbols = list(cell.symbols)
    for kind, new in zip(kinds, words, strict=True):
        for site, word in zip(kind.sites, new, strict=True):
            symbols[site] = word
    taken = [i for i, symbol in enumerate(symbols) if symbol != VACANT]
    atoms: Atoms = cell[taken]
    atoms.symbols = [symbols[i] for i in taken]
    return atoms


def _sites(disordered: Atoms, where: str) -> tuple[Atoms, list[Content]]:
    """Sites, each once, and what each holds."""
    if disordered.cell.rank < 3 or not disordered.pbc.any():
        raise StructureError("has no cell to order its sites in", where=where)
    if len(disordered) > 4 * MAX_SITES:
        raise StructureError(
            f"has {len(disordered)} partial atoms",
            where=where,
            allowed=f"up to {MAX_SITES} sites to order",
        )
    apart = get_distances(disordered.positions, cell=disordered.cell, pbc=disordered.pbc)[1]
    held: dict[int, Counter[str]] = {}
    for atom, site in enumerate((apart < SAME_PLACE_A).argmax(axis=1).tolist()):
        occupancy = float(disordered.arrays["occupancy"][atom])
        held.setdefault(site, Counter()).update({disordered.symbols[atom]: occupancy})
    for content in held.values():
        if sum(content.values()) > 1 + TOLERANCE:
            raise StructureError(
                f"a site holds {_text(content)}, more than one atom",
                where=where,
                allowed="occupancies of a site that add up to 1 at most",
            )
    sites = disordered[list(held)]
    for name in set(sites.arrays) - {"numbers", "positions"}:
        del sites.arrays[name]
    rounded = [sorted((symbol, round(x, 4)) for symbol, x in h.items()) for h in held.values()]
    return sites, [tuple(content) for content in rounded]


def _cells(sites: int, contents: Sequence[Content], where: str) -> int:
    """Fewest cells of the file that together have its composition."""
    partial = Counter(filter(_is_partial, contents))
    for cells in range(1, max(MAX_SITES // sites, 1) + 1):
        if all(_words(content, n * cells) for content, n in partial.items()):
            return cells
    parts = "; ".join(f"{_text(dict(content))} on {n} sites" for content, n in partial.items())
    raise StructureError(
        f"no cell of up to {MAX_SITES} sites has its composition within {TOLERANCE:g}: {parts}",
        where=where,
        allowed="occupancies near simple fractions: round them in the file",
    )


def _shapes(sites: Atoms, cells: int) -> list[np.ndarray]:
    """Supercells of so many cells whose images are farthest apart; vacuum is not repeated."""
    solid = np.array([gap(sites, axis)[0] < VACUUM_GAP_A for axis in range(3)])
    found: list[tuple[float, np.ndarray]] = []
    for a, b in product(_divisors(cells), repeat=2):
        c, rest = divmod(cells, a * b)
        if rest:
            continue
        for b_a, c_a, c_b in product(range(a), range(a), range(b)):
            shape = np.array([[a, 0, 0], [b_a, b, 0], [c_a, c_b, c]])
            if (shape != np.eye(3))[~solid].any() or (shape != np.eye(3))[:, ~solid].any():
                continue
            reduced, change = minkowski_reduce(shape @ sites.cell.array, pbc=solid)
            matrix = change @ shape
            matrix[0] *= np.sign(np.linalg.det(matrix)).astype(int)
            found.append((float(np.linalg.norm(reduced[solid], axis=1).min()), matrix))
    found.sort(key=lambda shape: -round(shape[0], 3))
    return [shape for _, shape in found[:SHAPES]]


def _divisors(number: int) -> list[int]:
    return [n for n in range(1, number + 1) if number % n == 0]


def _kinds(contents: Sequence[Content]) -> list[Kind]:
    partial = dict.fromkeys(filter(_is_partial, contents))
    sites = {key: np.array([i for i, c in enumerate(contents) if c == key]) for key in partial}
    return [Kind(here, _words(content, len(here)), {}) for content, here in sites.items()]


def _charged(
    kinds: Sequence[Kind], contents: Sequence[Content]
) -> tuple[list[Kind], Mapping[str, float]]:
    """Kinds with the charges of their species, and the charges of the elements elsewhere.

    Where several sets of oxidation states balance, the species of one kind share its mean charge:
    which of Ni, Mn and Co is the higher one is not told by the composition.
    """
    full = [content[0][0] for content in contents if not _is_partial(content)]
    mixed = [word for kind in kinds for word in kind.words if word != VACANT]
    guesses = oxidation_states([*full, *mixed])
    if not guesses:
        return list(kinds), {}
    charged = []
    for kind in kinds:
        here = [word for word in kind.words if word != VACANT]
        told = all(len({round(g[word], 3) for g in guesses}) == 1 for word in set(here))
        mean = float(np.mean([guesses[0][word] for word in here]))
        charges = {word: guesses[0][word] if told else mean for word in here}
        charged.append(replace(kind, charges=charges))
    return charged, guesses[0]


def _is_partial(content: Content) -> bool:
    return len(content) > 1 or abs(content[0][1] - 1.0) > OCCUPANCY_TOLERANCE


def _words(content: Content, sites: int) -> tuple[str, ...]:
    """Species of so many sites, vacancies last; none if whole numbers do not fit."""
    counts = {symbol: round(x * sites) for symbol, x in content}
    shares = {**dict(content), VACANT: 1 - sum(x for _, x in content)}
    counts[VACANT] = sites - sum(counts.values())
    fits = all(abs(n / sites - shares[name]) <= TOLERANCE for name, n in counts.items())
    if not fits or counts[VACANT] < 0 or not all(counts[symbol] for symbol, _ in content):
        return ()
    return tuple(Counter(counts).elements())


def _text(amounts: Mapping[str, float]) -> str:
    parts = sorted(amounts.items())
    return "".join(f"{symbol}{round(n, 3):g}" if n != 1 else symbol for symbol, n in parts)
