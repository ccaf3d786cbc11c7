"""Contact and bond distances from atomic radii: no absolute cut-off anywhere."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii

from screening.structure.lattice import Lattice

PROBE = "Li"
"""The smallest of the ions decides which places are open, so that all three share their sites."""

BOND_SCALE = 1.1
"""An ion touches an atom at this multiple of the sum of covalent radii (Cordero et al., Dalton
Trans. 2008, 2832, DOI 10.1039/b801115j, as tabulated in ASE). It puts Li, Na, K at 1.74, 2.25 and
2.72 Å over the hollow of graphene; relaxed PBE heights are 1.71, 2.28, 2.60 (Chan, Neaton, Cohen,
Phys. Rev. B 77, 235430, 2008, DOI 10.1103/PhysRevB.77.235430)."""

CLASH_SCALE = 0.85
"""Atoms that do not carry the ion only have to stay clear of it: covalent radii of buried cations
(Ti under O) overstate their size by far."""

NEIGHBOUR_SCALE = 1.25
"""Two host atoms are bonded below this multiple of the sum of their covalent radii."""


def radius(numbers: np.ndarray | int) -> np.ndarray:
    """Covalent radius (Cordero 2008), Å; same shape as the atomic numbers."""
    return np.asarray(covalent_radii[numbers])


def ion_contact(atoms: Atoms, ion: str, support: tuple[int, ...]) -> np.ndarray:
    """Distance at which the ion touches each host atom, Å, shape (n_atoms,)."""
    scale = np.full(len(atoms), CLASH_SCALE)
    scale[list(support)] = BOND_SCALE
    contact: np.ndarray = scale * (radius(atoms.numbers) + radius(atomic_numbers[ion]))
    return contact


def contact_ratios(atoms: Atoms, position: np.ndarray, ion: str, lattice: Lattice) -> np.ndarray:
    """Distance from a place to the nearest copy of each atom over the radii sum, (n_atoms,)."""
    offsets = lattice.minimum_image(atoms.positions - position)
    sums = radius(atoms.numbers) + radius(atomic_numbers[ion])
    ratios: np.ndarray = np.linalg.norm(offsets, axis=1) / sums
    return ratios
