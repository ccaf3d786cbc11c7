"""π electrons of an sp² network by Hückel's method: what it costs to take up electrons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.neighborlist import neighbor_list

BETA_EV = 2.7
"""Resonance integral |β| of graphene, eV (Castro Neto et al., Rev. Mod. Phys. 81, 109, 2009,
doi:10.1103/RevModPhys.81.109: 2.7–2.8)."""

SITES: Mapping[tuple[str, int], tuple[float, float]] = MappingProxyType(
    {
        ("B", 0): (-0.45, 0.73),
        ("C", 1): (0.0, 1.0),
        ("N", 1): (0.51, 1.02),
        ("N", 2): (1.37, 0.89),
        ("O", 1): (0.97, 1.06),
        ("O", 2): (2.09, 0.66),
        ("Si", 1): (0.0, 0.75),
        ("P", 1): (0.19, 0.77),
        ("P", 2): (0.75, 0.76),
        ("S", 1): (0.46, 0.81),
        ("S", 2): (1.11, 0.69),
    }
)
"""``h_X`` and ``k_CX`` by element and π electrons: ``α_X = α + h_X β``, ``β_CX = k_CX β``
(Van-Catledge, J. Org. Chem. 45, 4801, 1980, doi:10.1021/jo01311a060)."""

PLANAR_DEG = 345.0
"""Smallest sum of the three bond angles of an atom that keeps a π orbital: half-way between planar
and tetrahedral. Atoms of the third row that replace carbon stand out of the sheet, at 300 to 305°;
carbon of C60 has 348°."""

DONATED: Mapping[str, int] = MappingProxyType({"O": 1, "S": 1})
"""Electrons that a pyramidal atom with three neighbours leaves to the network: oxonium, sulphonium.
Nitrogen and phosphorus keep a lone pair, carbon and silicon an unpaired electron."""

BOND_SCALE = 1.25
LENGTH_A = 60.0
"""k-points times cell length along a periodic axis, Å; energies then change by < 0.01 eV."""


@dataclass(frozen=True)
class Network:
    """π sites of a host.

    Attributes
    ----------
    atoms
        Indices of the atoms that carry a π orbital.
    electrons
        π electrons in the cell.
    share
        Fraction of the host's atoms, hydrogen not counted, that belong to the network.
    """

    atoms: tuple[int, ...]
    electrons: int
    share: float
    levels: np.ndarray
    """Orbital energies over all k-points, sorted, in units of |β| above α."""
    n_kpoints: int

    def uptake_ev(self, count: float = 1.0) -> float:
        """Energy per electron to put `count` electrons into the cell's lowest empty levels, eV.

        Measured from a carbon π orbital, that is from graphene's Dirac point; rigid bands.
        """
        before = self._filled(self.electrons)
        return BETA_EV * (self._filled(self.electrons + count) - before) / count

    def _filled(self, electrons: float) -> float:
        """Energy of the lowest levels filled with that many electrons a cell, units of |β|."""
        levels = electrons * self.n_kpoints / 2
        whole = min(int(levels), len(self.levels))
        partly = self.levels[whole] * (levels - whole) if whole < len(self.levels) else 0.0
        return float(2 * (self.levels[:whole].sum() + partly) / self.n_kpoints)


def pi_network(host: Atoms) -> Network:
    """Find the π sites of a host and solve Hückel's equations over the Brillouin zone.

    Carbon with up to three neighbours gives one electron; boron none; nitrogen two with three
    neighbours (graphitic, pyrrolic), one with two (pyridinic); oxygen and sulphur two in a ring,
    one at an end. Atoms on top of the sheet, and the sp³ carbon under them, are left out, and so
    are pyramidal atoms (`PLANAR_DEG`).
    """
    symbols = host.get_chemical_symbols()
    first, second, shift, bond = neighbor_list(
        "ijSD", host, [BOND_SCALE * covalent_radii[n] for n in host.numbers]
    )
    degree = np.bincount(first, minlength=len(host))
    pyramidal = {
        i for i in np.flatnonzero(degree == 3).tolist() if _angles(bond[first == i]) < PLANAR_DEG
    }
    electrons = {
        i: count
        for i, symbol in enumerate(symbols)
        if i not in pyramidal and (count := _electrons(symbol, int(degree[i]))) is not None
    }
    # What is bonded to no other site (an epoxide's oxygen on two sp³ carbons) is no site.
    bonded = {int(i) for i, j in zip(first, second, strict=True) if j in electrons}
    sites = [i for i in electrons if i in bonded]
    heavy = sum(symbol != "H" for symbol in symbols)
    position = {atom: row for row, atom in enumerate(sites)}
    parameters = {i: SITES[symbols[i], electrons[i]] for i in sites}
    links = [
        (position[i], position[j], s, parameters[i][1] * parameters[j][1])
        for i, j, s in zip(first.tolist(), second.tolist(), shift, strict=True)
        if i in position and j in position
    ]
    diagonal = -np.array([parameters[i][0] for i in sites])
    kpoints = _kpoints(host)
    levels = _levels(diagonal, links, kpoints)
    count = sum(electrons[i] for i in sites)
    count += sum(DONATED.get(symbols[i], 0) for i in pyramidal & bonded)
    return Network(tuple(sites), count, len(sites) / max(heavy, 1), levels, len(kpoints))


def _angles(bonds: np.ndarray) -> float:
    """Sum of the angles between three bonds, degrees."""
    units = bonds / np.linalg.norm(bonds, axis=1)[:, None]
    cosines = [units[i] @ units[j] for i, j in ((0, 1), (0, 2), (1, 2))]
    return float(np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))).sum())


def _electrons(symbol: str, degree: int) -> int | None:
    """π electrons of an atom with that many neighbours; None if it has no π orbital."""
    if degree > 3 or degree == 0:
        return None
    if symbol == "B":
        return 0
    if symbol in {"C", "Si"}:
        return 1
    if symbol in {"N", "P"}:
        return 2 if degree == 3 else 1
    if symbol in {"O", "S"}:
        return 1 if degree == 1 else 2
    return None


def _kpoints(host: Atoms) -> np.ndarray:
    """Γ-centred grid in units of the reciprocal vectors, shape (n_kpoints, 3)."""
    lengths = host.cell.lengths()
    counts = [
        int(np.ceil(LENGTH_A / length)) if periodic and length > 0 else 1
        for length, periodic in zip(lengths, host.pbc, strict=True)
    ]
    axes = [np.arange(n) / n for n in counts]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


def _levels(
    diagonal: np.ndarray, links: list[tuple[int, int, np.ndarray, float]], kpoints: np.ndarray
) -> np.ndarray:
    if not len(diagonal):
        return np.empty(0)
    base = np.diag(diagonal.astype(complex))
    rows = np.array([link[0] for link in links], dtype=int)
    columns = np.array([link[1] for link in links], dtype=int)
    shifts = np.array([link[2] for link in links], dtype=float).reshape(-1, 3)
    strength = np.array([link[3] for link in links])
    found = []
    for k in kpoints:
        matrix = base.copy()
        np.add.at(matrix, (rows, columns), -strength * np.exp(2j * np.pi * shifts @ k))
        found.append(np.linalg.eigvalsh(matrix))
    return np.sort(np.concatenate(found))
