"""Embedding term for Li, Na and K among their own kind, added to an engine that lacks it.

Machine-learned potentials have seen alkali atoms in compounds and in bulk metal, hardly ever with
few neighbours of their own kind: free atoms, clusters and surfaces of K are as low as its bulk in
``7net-0``. The form is that of Finnis and Sinclair (Philos. Mag. A 50, 45 (1984),
doi:10.1080/01418618408244210), with a polynomial of the square root of the density:

    E = Σ_i w_i [F(s_i) + ½ Σ_j φ(x_ij)],     F(s) = Σ_k a_k s^k,
    s_i = (Σ_j f(x_ij) / ρ_bulk)^½,           f(x) = max(0, (x_f - x)/(x_f - 1))^p,
    φ(x) = Σ_m b_m max(0, 1 - x/x_φ)^m,       x_ij = r_ij / d,

over atoms of one element, with d the nearest distance in the bcc metal of the engine. Parameters
are such that this metal has neither energy nor pressure from the term, and keeps its lattice
constant.

Atoms of other elements that touch atom i switch its part off (w_i = 0) once they are many for its
neighbours of its own kind: an ion on a host is the host's and the calibration's business and keeps
its energy to the last digit, a metal atom beside one impurity stays a metal atom. There they count
like atoms of its own kind, never nearer than these are in the bulk, so that an impurity is no hole.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.data import covalent_radii
from ase.stress import full_3x3_to_voigt_6_stress

BCC_SHELLS = ((1.0, 8), (2 / np.sqrt(3), 6), (np.sqrt(8 / 3), 12), (np.sqrt(11 / 3), 24), (2.0, 8))
"""Distance, in nearest distances, and number of atoms of the shells of bcc."""

TOUCH = (1.25, 1.55)
"""Distances, in units of d scaled by covalent radii, at which a neighbour begins to touch less, and
does not touch any more: adsorbed ions have foreign ones at 0.8 to 1.1, ions of a second layer
beyond 1.7."""

CROWD = 0.2
"""How many foreign atoms one neighbour of the own kind makes up for, beside the first."""

SHARES = (0.35, 0.9)
"""Share of the foreign atoms made up for at which the term begins to fade, and is off: one atom on
a (100) face has 0.36, an ion on a host more than one."""

NEAREST = 0.95
"""Distance, in units of d, that foreign atoms count at if they are nearer than 0.9."""


_LISTS = frozenset({"embedding", "pair"})


@dataclass(frozen=True)
class Metal:
    """Parameters of one element.

    Attributes
    ----------
    lattice_a
        Lattice constant of the bcc metal of the engine, Å.
    embedding
        ``a_0, a_1, …``, eV; the first is what the free atom gains.
    pair
        ``b_3, b_4, …``, eV.
    reach, power
        ``x_f`` and ``p`` of the density. From a power of 4 on forces are continuous where a first
        neighbour comes into range.
    pair_reach
        ``x_φ``.
    """

    lattice_a: float
    embedding: tuple[float, ...]
    pair: tuple[float, ...]
    reach: float
    power: float
    pair_reach: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Metal:
        """Read the fields as the data file has them."""
        numbers: dict[str, Any] = {k: tuple(v) if k in _LISTS else v for k, v in values.items()}
        return cls(**numbers)

    @property
    def near_a(self) -> float:
        """Nearest distance in the bulk, Å."""
        return float(self.lattice_a * np.sqrt(3) / 2)

    @functools.cached_property
    def bulk_density(self) -> float:
        """Σ_j f(r_ij/d) of an atom of the bulk."""
        return float(sum(number * self.density(np.array(x))[0] for x, number in BCC_SHELLS))

    def density(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return f and its slope at distances in nearest distances of the bulk."""
        rest = np.clip((self.reach - x) / (self.reach - 1), 0, None)
        return rest**self.power, -self.power * rest ** (self.power - 1) / (self.reach - 1)

    def embed(self, density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Energy of atoms at a density, and its slope, eV.

        Denser than the bulk, the polynomial goes on as its parabola at the bulk.
        """
        shape = np.polynomial.Polynomial(self.embedding)
        slope, curvature = shape.deriv(1), shape.deriv(2)(1.0)
        root = np.sqrt(density / self.bulk_density)
        inside, beyond = np.minimum(root, 1), np.maximum(root - 1, 0)
        energy = shape(inside) + slope(1.0) * beyond + 0.5 * curvature * beyond**2
        by_root = slope(inside) + curvature * beyond
        # Without a neighbour in range the density has no slope: any number does.
        return energy, by_root / (2 * self.bulk_density * np.where(density > 0, root, 1))

    def pairwise(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pair energy and its slope at distances in nearest distances of the bulk, eV."""
        rest = np.clip(1 - x / self.pair_reach, 0, None)
        energy, slope = np.zeros_like(rest), np.zeros_like(rest)
        for m, b in enumerate(self.pair, start=3):
            energy += b * rest**m
            slope -= m * b * rest ** (m - 1) / self.pair_reach
        return energy, slope


class AlkaliMetal(Calculator):
    """The term alone: energy (eV), forces (eV/Å), and stress (eV/Å³) where the cell has a volume.

    Parameters
    ----------
    metals
        Parameters by element; atoms of other elements are foreign.
    """

    def __init__(self, metals: Mapping[str, Metal]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.implemented_properties = ["energy", "free_energy", "forces", "stress"]
        self.metals = dict(metals)

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Fill `results`."""
        super().calculate(atoms, properties, system_changes)  # type: ignore[no-untyped-call]
        if self.atoms is None:
            raise ValueError("no atoms to evaluate")
        energy, forces, virial = 0.0, np.zeros((len(self.atoms), 3)), np.zeros((3, 3))
        for symbol, metal in self.metals.items():
            if symbol in self.atoms.symbols:
                energy += _add(self.atoms, symbol, metal, forces, virial)
        self.results = {"energy": energy, "free_energy": energy, "forces": forces}
        if self.atoms.cell.rank == 3:
            self.results["stress"] = full_3x3_to_voigt_6_stress(virial / self.atoms.cell.volume)


def _add(atoms: Atoms, symbol: str, metal: Metal, forces: np.ndarray, virial: np.ndarray) -> float:
    """Energy of one element's atoms; adds to forces and virial."""
    own = atoms.symbols == symbol
    mine = np.flatnonzero(own)
    radii = covalent_radii[atoms.numbers]
    sizes = metal.near_a * (radii + radii[mine[0]]) / (2 * radii[mine[0]])
    ranges = np.where(own, max(metal.reach, metal.pair_reach, TOUCH[1]) * metal.near_a, 0)
    i, j, vectors, r = _pairs(atoms, mine, np.maximum(ranges, TOUCH[1] * sizes))
    same, x = own[j], r / metal.near_a

    touch, touch_slope = _fade(r / sizes[j], *TOUCH)
    touch_slope *= metal.near_a / sizes[j]
    nearest, nearest_slope = _not_nearer(x)
    place = np.where(same, x, nearest), np.where(same, 1, nearest_slope)
    counted = np.where(same, 1, touch), np.where(same, 0, touch_slope)
    f, f_slope = _product(counted, _chain(metal.density, place))
    v, v_slope = _product(counted, _chain(metal.pairwise, place))

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(i, values, len(atoms))

    embedded, by_density = metal.embed(total(f))
    site = embedded + 0.5 * total(v)
    weight, by_foreign, by_same = _weight(total(touch * ~same), total(touch * same))
    site, weight = np.where(own, site, 0), np.where(own, weight, 0)

    pull = weight[i] * (by_density[i] * f_slope + 0.5 * v_slope)
    pull += site[i] * np.where(same, by_same[i], by_foreign[i]) * touch_slope
    exerted = (pull / (metal.near_a * r))[:, None] * vectors
    np.add.at(forces, i, exerted)
    np.subtract.at(forces, j, exerted)
    virial += vectors.T @ exerted
    return float(weight @ site)


Curve = tuple[np.ndarray, np.ndarray]
"""Values and slopes."""


def _product(a: Curve, b: Curve) -> Curve:
    return a[0] * b[0], a[1] * b[0] + a[0] * b[1]


def _fade(x: np.ndarray, start: float, end: float) -> Curve:
    """Go from 1 to 0 with two continuous derivatives."""
    t = np.clip((x - start) / (end - start), 0, 1)
    return 1 - t**3 * (10 - 15 * t + 6 * t**2), -30 * t**2 * (1 - t) ** 2 / (end - start)


def _chain(curve: Callable[[np.ndarray], Curve], inner: Curve) -> Curve:
    values, slopes = curve(inner[0])
    return values, slopes * inner[1]


def _not_nearer(x: np.ndarray) -> Curve:
    """Distance of foreign atoms: as it is from 1 on, `NEAREST` below 0.9, a parabola between."""
    u = np.clip(x - 1, 2 * (NEAREST - 1), 0)
    return np.maximum(x, 1) + u + u**2 / (4 * (1 - NEAREST)), np.where(
        x >= 1, 1, 1 + u / (2 * (1 - NEAREST))
    )


def _weight(foreign: np.ndarray, same: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weight of atoms by the neighbours that touch them, and its slopes by foreign and same."""
    room = 1 + CROWD * same
    value, slope = _fade(foreign / room, *SHARES)
    return value, slope / room, -slope * CROWD * foreign / room**2


def _pairs(
    atoms: Atoms, mine: np.ndarray, ranges: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Neighbours of some atoms: indices i and j, vectors from i to j, distances, Å.

    Parameters
    ----------
    ranges
        How far an atom is seen, Å, shape (n_atoms,).
    """
    cell = atoms.cell.complete().array
    inverse, pbc = np.linalg.inv(cell), atoms.pbc
    positions = atoms.positions
    steps = (positions[None] - positions[mine, None]) @ inverse
    near = steps - np.where(pbc, np.round(steps), 0)
    # Height of the cell along each axis: as many images as the range needs, half a cell more.
    heights = 1 / np.linalg.norm(inverse, axis=0)
    counts = np.where(pbc, np.ceil(ranges.max() / heights + 0.5), 0).astype(int)
    images = np.array(list(np.ndindex(*(2 * counts + 1)))) - counts
    vectors = (near[:, :, None] + images) @ cell
    r = np.linalg.norm(vectors, axis=-1)
    a, j, k = np.nonzero((r < ranges[None, :, None]) & (r > 1e-8))
    return mine[a], j, vectors[a, j, k], r[a, j, k]
