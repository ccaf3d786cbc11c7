"""What the instant model sees of a host as built: its open face, its chemistry, no relaxation."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from scipy.spatial.distance import cdist

from screening.structure import Lattice
from screening.structure.radii import BOND_SCALE, CLASH_SCALE, NEIGHBOUR_SCALE
from screening.surrogate.features import (
    IONISATION_EV,
    SP2_SHARE,
    electronegativity,
    network_of,
)

SHELL, SHELL_WIDTH = 1.35, 0.05
"""A neighbour counts half at this multiple of the sum of covalent radii."""

FARTHEST_A = 15.0
"""Ions farther apart than this count as isolated."""

DIRECTIONS = 30
"""Places around each atom where an ion is tried in touch with it."""

SHADOW = 0.8
"""An atom hides what lies below it within this multiple of the sum of covalent radii."""

DOWN = 0.2
"""On a layer, an ion touches an atom from above or from the side, down to this sine."""

SIGHT = 1.5
"""Atoms beyond this multiple of the largest sum of covalent radii do not touch the ion."""

ANION_CHI = 2.2
"""Atoms more electronegative than hydrogen attract a cation in proportion to the difference."""

ANION_CHARGE: Mapping[str, int] = MappingProxyType(
    {"C": 4, "N": 3, "O": 2, "S": 2, "Se": 2, "F": 1, "Cl": 1}
)
"""Electrons that an anion takes from the metals of a compound."""

INSTANT_FEATURES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "ion_ionisation_ev": (5.0, 0.5),
        "sp2": (0.5, 0.5),
        "uptake_ev": (1.0, 1.0),
        "anions": (1.0, 1.0),
        "coordination": (4.0, 2.0),
        "metal_share": (0.5, 0.5),
        "hydrogen_share": (0.0, 0.5),
        "chi_metal": (1.6, 0.3),
        "oxidation": (0.0, 2.0),
        "dangling": (0.0, 1.0),
        "log_spacing": (2.0, 0.3),
    }
)
"""Name, centre and scale; fixed, as those of the calibration."""


@dataclass(frozen=True)
class _Host:
    """A host with the copies of its atoms that an ion over its home cell can touch."""

    atoms: Atoms
    lattice: Lattice
    copies: np.ndarray
    owner: np.ndarray

    @classmethod
    def of(cls, atoms: Atoms) -> _Host:
        """Collect the copies; potassium, the largest ion, says how far to look."""
        lattice = Lattice.of(atoms)
        widest = float(covalent_radii[atoms.numbers].max() + covalent_radii[atomic_numbers["K"]])
        copies, owner, _ = lattice.images(atoms.positions, SIGHT * widest)
        fractional = copies @ np.linalg.pinv(lattice.vectors)
        margin = SIGHT * widest * np.linalg.norm(np.linalg.pinv(lattice.vectors), axis=0)
        near = ((fractional > -margin) & (fractional < 1 + margin)).all(axis=1)
        return cls(atoms, lattice, copies[near], owner[near])


def describe_instant(host: Atoms, ions: tuple[str, ...]) -> np.ndarray:
    """Features of a host with each ion, scaled, in the order of `INSTANT_FEATURES`.

    Parameters
    ----------
    host
        Built or relaxed host; a layer with two periodic axes is seen from +z, tubes and clusters
        from all sides.
    ions
        Li, Na or K.

    Returns
    -------
    ndarray
        Shape (n_ions, n_features); not finite for elements without an electronegativity.
    """
    seen = _Host.of(host)
    network = network_of(host)
    sp2 = network.share >= SP2_SHARE
    metals = _is_metal(host.numbers)
    shared = {
        "sp2": float(sp2),
        "uptake_ev": network.uptake_ev() if sp2 else INSTANT_FEATURES["uptake_ev"][0],
        "chi_metal": _chi(host.numbers[metals]).mean()
        if metals.any()
        else INSTANT_FEATURES["chi_metal"][0],
        "oxidation": 0.0 if sp2 else _oxidation(host, metals),
        "dangling": 0.0 if metals.all() else float(np.log1p(_dangling(seen))),
        "log_spacing": float(np.log(_spacing(seen.lattice))),
    }
    rows = [
        {**shared, "ion_ionisation_ev": IONISATION_EV[ion], **_open_face(seen, ion)} for ion in ions
    ]
    centres, scales = np.array(list(INSTANT_FEATURES.values())).T
    values = np.array([[row[name] for name in INSTANT_FEATURES] for row in rows])
    scaled: np.ndarray = (values - centres) / scales
    return scaled


def _open_face(host: _Host, ion: str) -> dict[str, float]:
    """Say what an ion in touch with the host finds: most anions, most neighbours, the mix."""
    numbers = host.atoms.numbers[host.owner]
    reach = covalent_radii[numbers] + covalent_radii[atomic_numbers[ion]]
    scaled = _places(host, ion, reach)
    if not len(scaled):
        return {"anions": 0.0, "coordination": 0.0, "metal_share": 0.5, "hydrogen_share": 0.0}
    touching = 1 / (1 + np.exp((scaled - SHELL) / SHELL_WIDTH))
    nearest = numbers[scaled.argmin(axis=1)]
    return {
        "anions": float((touching @ np.maximum(_chi(numbers) - ANION_CHI, 0.0)).max()),
        "coordination": float(touching.sum(axis=1).max()),
        "metal_share": float(_is_metal(nearest).mean()),
        "hydrogen_share": float((nearest == 1).mean()),
    }


def _places(host: _Host, ion: str, reach: np.ndarray) -> np.ndarray:
    """Distances from open places to all atoms, in sums of radii, shape (n_places, n_copies)."""
    directions, layer = _sphere(DIRECTIONS), bool(host.atoms.pbc[:2].all())
    if layer:
        directions = directions[directions[:, 2] > -DOWN]
    radii = BOND_SCALE * (covalent_radii[host.atoms.numbers] + covalent_radii[atomic_numbers[ion]])
    places = (host.atoms.positions[:, None] + radii[:, None, None] * directions).reshape(-1, 3)
    places = host.lattice.wrap(places)
    scaled: np.ndarray = cdist(places, host.copies) / reach
    is_open = scaled.min(axis=1) >= CLASH_SCALE * BOND_SCALE
    places, scaled = places[is_open], scaled[is_open]
    if layer:
        aside = cdist(places[:, :2], host.copies[:, :2]) / reach
        below = places[:, 2:] < host.copies[:, 2]
        scaled = scaled[~(below & (aside < SHADOW)).any(axis=1)]
    return scaled


def _dangling(host: _Host) -> int:
    """Carbon and nitrogen atoms with fewer than three neighbours."""
    numbers = host.atoms.numbers
    wanting = np.flatnonzero(np.isin(numbers, (6, 7)))
    distance = cdist(host.lattice.wrap(host.atoms.positions[wanting]), host.copies)
    limit = NEIGHBOUR_SCALE * np.add.outer(
        covalent_radii[numbers[wanting]], covalent_radii[numbers[host.owner]]
    )
    neighbours = (distance < limit).sum(axis=1) - 1
    return int((neighbours < 3).sum())


def _oxidation(host: Atoms, metals: np.ndarray) -> float:
    """Electrons that the anions take from each metal atom."""
    taken = sum(ANION_CHARGE.get(symbol, 0) for symbol in host.get_chemical_symbols())
    return float(taken / metals.sum()) if metals.any() else 0.0


def _spacing(lattice: Lattice) -> float:
    """Shortest lattice vector, Å: the distance between an ion and its images."""
    copies, _, _ = lattice.images(np.zeros((1, 3)), FARTHEST_A)
    lengths = np.linalg.norm(copies, axis=1)
    return float(lengths[lengths > 0].min(initial=FARTHEST_A))


@functools.cache
def _sphere(count: int) -> np.ndarray:
    """Return unit vectors spread evenly on a spiral, shape (count, 3)."""
    index = np.arange(count) + 0.5
    height = 1 - 2 * index / count
    angle = np.pi * (1 + 5**0.5) * index
    width = np.sqrt(1 - height**2)
    return np.column_stack([width * np.cos(angle), width * np.sin(angle), height])


def _chi(numbers: np.ndarray) -> np.ndarray:
    return np.array([electronegativity(int(number)) for number in numbers])


def _is_metal(numbers: np.ndarray) -> np.ndarray:
    return np.array([_metallic(int(number)) for number in numbers], dtype=bool)


@functools.cache
def _metallic(number: int) -> bool:
    from pymatgen.core.periodic_table import Element  # noqa: PLC0415 (a second to import)

    return bool(Element.from_Z(number).is_metal)
