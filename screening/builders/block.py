"""A thick block of a crystal, turned so that the wanted plane is level, and its slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import numpy as np
import spglib
from ase import Atoms
from ase.build import surface
from ase.formula import Formula

from screening.builders.bonding import Bonds, formal_charges, molecules
from screening.errors import RecipeError

PLANE_TOLERANCE_A = 0.1
"""Atoms whose heights differ by less belong to one atomic plane, Å."""

_MARGIN_A = 5.0
"""Molecules nearer than this to an end of the block may be torn there, Å."""

_SYMMETRY_TOLERANCE_A = 0.01

_Rows = tuple[tuple[float, ...], ...]


def atomic_planes(atoms: Atoms, tolerance: float = PLANE_TOLERANCE_A) -> list[np.ndarray]:
    """List the atoms of each plane of constant z, from the lowest to the highest."""
    return _planes(atoms.positions[:, 2], tolerance)


def _planes(heights: np.ndarray, tolerance: float = PLANE_TOLERANCE_A) -> list[np.ndarray]:
    order = np.argsort(heights, kind="stable")
    return list(np.split(order, np.flatnonzero(np.diff(heights[order]) > tolerance) + 1))


@dataclass(frozen=True)
class Block:
    """A block, periodic in the plane, with the plane's outward normal along +z.

    Attributes
    ----------
    planes
        Atoms of each plane, from the lowest; a molecule lies in the plane of its centre.
    heights
        Of the planes, Å.
    period
        Distance between neighbouring lattice planes, Å.
    charges
        Formal charges of the atoms, e; None for metals and elements.
    bonds
        Of each atom in the crystal.
    n_molecules
        Molecular ions in the primitive cell.
    """

    atoms: Atoms
    planes: list[np.ndarray]
    heights: np.ndarray
    period: float
    charges: np.ndarray | None
    bonds: Bonds
    n_molecules: int

    @classmethod
    def of(cls, bulk: Atoms, miller: Sequence[int], thickness: float, layers: int | None) -> Block:
        """Block of a crystal, thick enough for every slice of so many planes or so thick.

        Raises
        ------
        RecipeError
            If the planes lie too close to tell apart.
        """
        primitive, indices, period = oriented(bulk, miller)
        whole = molecules(primitive)
        n_molecules = len(set(whole[whole >= 0].tolist()))
        repeats = (layers or int(np.ceil(thickness / period))) + 4
        if n_molecules:
            repeats += 2 * int(np.ceil(_MARGIN_A / period))
        atoms = surface(primitive, tuple(indices), repeats, periodic=False)
        heights = atoms.positions[:, 2].copy()
        if n_molecules:
            names = np.where(np.tile(whole >= 0, repeats), molecules(atoms), -1)
            for name in set(names[names >= 0].tolist()):
                heights[names == name] = heights[names == name].mean()
        planes = _planes(heights)
        levels = np.array([heights[plane].mean() for plane in planes])
        if levels[-1] - levels[0] < 3 * period:
            raise RecipeError(
                f"planes {list(miller)} lie closer than {PLANE_TOLERANCE_A} Å",
                where="miller",
                allowed="lower indices",
            )
        charges = formal_charges(primitive)
        bonds = Bonds.of(primitive, charges)
        return cls(
            atoms,
            planes,
            levels,
            period,
            None if charges is None else np.tile(charges, repeats),
            Bonds(np.tile(bonds.count, repeats), np.tile(bonds.strength, repeats)),
            n_molecules,
        )

    def slices(
        self, thickness: float, layers: int | None, termination: str | None
    ) -> Iterator[np.ndarray]:
        """Atoms of every distinct run of planes that is thick enough and has the wanted top."""
        heights, period = self.heights, self.period
        margin = _MARGIN_A if self.n_molecules else period / 2
        first = int(np.searchsorted(heights, heights[0] + max(margin, period / 2)))
        end = int(np.searchsorted(heights, heights[first] + period - PLANE_TOLERANCE_A / 2))
        for bottom in range(first, end):
            thick = heights - heights[bottom]
            enough = (thick > thickness - 0.05) & (thick < thickness + 1.5 * period)
            tops: Iterable[int] = [bottom + layers - 1] if layers else np.flatnonzero(enough)
            for top in tops:
                if not termination or _same(self.atoms.symbols[self.planes[top]], termination):
                    yield np.concatenate(self.planes[bottom : top + 1])

    def dipole(self, inside: np.ndarray) -> float | None:
        """Dipole of a neutral slice along its normal per area, e/Å, by formal charges."""
        if self.charges is None:
            return None
        heights, charges = self.atoms.positions[inside, 2], self.charges[inside]
        return float(charges @ (heights - heights.mean())) / self.area

    def broken(self, inside: np.ndarray) -> tuple[float, float]:
        """Bonds that a slice breaks per area, both faces together, and their strength, 1/Å²."""
        charges = None if self.charges is None else self.charges[inside]
        left = Bonds.of(self.atoms[inside], charges)
        count = self.bonds.count[inside].sum() - left.count.sum()
        strength = self.bonds.strength[inside].sum() - left.strength.sum()
        return float(count) / self.area, float(strength) / self.area

    @property
    def area(self) -> float:
        """Area of the surface cell, Å²."""
        return float(np.linalg.norm(np.cross(*self.atoms.cell[:2])))

    def ends(self) -> list[str]:
        """Elements of each plane, as a formula."""
        symbols = (self.atoms.symbols[plane] for plane in self.planes[1:-1])
        return sorted({str(Formula.from_list(s).reduce()[0]) for s in symbols})


def oriented(bulk: Atoms, miller: Sequence[int]) -> tuple[Atoms, list[int], float]:
    """Primitive cell, Miller indices in it, and the distance of their planes, Å."""
    key = (bulk.cell[:], bulk.get_scaled_positions(), bulk.numbers.astype(float)[:, None])
    primitive = _primitive(*(tuple(map(tuple, np.round(part, 9).tolist())) for part in key))
    lattice = np.asarray(primitive.cell)
    indices = _integers(lattice @ (np.asarray(miller) @ bulk.cell.reciprocal()))
    if not _has_inversion(primitive):
        primitive, indices = _turned(primitive, indices)
    return primitive, indices, 1.0 / float(np.linalg.norm(indices @ primitive.cell.reciprocal()))


def _turned(primitive: Atoms, indices: list[int]) -> tuple[Atoms, list[int]]:
    """Choose right-handed axes in which no index is negative.

    `ase.build.surface` loses the sign of some negative indices and mirrors the crystal in a
    left-handed cell, which matters without a centre of inversion.
    """
    signs = np.where(np.array(indices) < 0, -1, 1)
    cell = np.asarray(primitive.cell) * signs[:, None]
    order = [0, 1, 2] if np.linalg.det(cell) > 0 else [1, 0, 2]
    turned: Atoms = primitive.copy()
    turned.set_cell(cell[order])
    return turned, (np.abs(indices)[order]).tolist()


def _has_inversion(crystal: Atoms) -> bool:
    cell = (crystal.cell[:], crystal.get_scaled_positions(), crystal.numbers)
    found = spglib.get_symmetry(cell, symprec=_SYMMETRY_TOLERANCE_A)
    return found is not None and bool((found["rotations"] == -np.eye(3)).all(axis=(1, 2)).any())


@lru_cache(maxsize=256)
def _primitive(lattice: _Rows, scaled: _Rows, numbers: _Rows) -> Atoms:
    """Primitive cell of a crystal, not turned; the crystal comes as rows of numbers."""
    kinds = [int(number) for (number,) in numbers]
    found = spglib.standardize_cell(
        (lattice, scaled, kinds), to_primitive=True, no_idealize=True, symprec=1e-3
    )
    if found is None:
        raise RecipeError("the crystal has no lattice that spglib recognises", where="bulk")
    return Atoms(found[2], cell=found[0], scaled_positions=found[1], pbc=True)


def _integers(vector: np.ndarray) -> list[int]:
    """Smallest integer vector along a vector with rational components."""
    for factor in range(1, 25):
        scaled = vector * factor
        if np.allclose(scaled, np.rint(scaled), atol=1e-4):
            whole = [int(x) for x in np.rint(scaled)]
            return [x // gcd(*whole) for x in whole]
    raise RecipeError(f"{vector} are no Miller indices of the primitive lattice", where="miller")


def _same(symbols: Iterable[str], termination: str) -> bool:
    try:
        wanted = Formula(termination).count()
    except ValueError:
        raise RecipeError(
            f"{termination!r} is no formula", where="termination", allowed="such as O or LiAg"
        ) from None
    return ratios(symbols) == _ratios(Counter(wanted))


def ratios(symbols: Iterable[str]) -> frozenset[tuple[str, int]]:
    """Composition in smallest whole numbers."""
    return _ratios(Counter(symbols))


def _ratios(counts: Counter[str]) -> frozenset[tuple[str, int]]:
    divisor = gcd(*counts.values())
    return frozenset((symbol, count // divisor) for symbol, count in counts.items())
