"""Dopants of a carbon host: how polar their bonds are, and how lopsided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.data import covalent_radii

from screening.errors import TaskError
from screening.structure.neighbours import close_pairs

MATRIX = "C"
BOND_SCALE = 1.25
"""Atoms are bonded below this multiple of the sum of their covalent radii."""


@dataclass(frozen=True)
class Dopant:
    """One dopant and its bonds.

    Attributes
    ----------
    index
        Of the atom in the host.
    delta_chi
        Its Pauling electronegativity minus the mean of its neighbours'; positive attracts
        electrons.
    dipole_e_a
        Length of the sum of its bond dipoles, e Å; 0 where its bonds balance, as those of
        graphitic nitrogen do.
    """

    index: int
    symbol: str
    delta_chi: float
    dipole_e_a: float


@dataclass(frozen=True)
class Doping:
    """All dopants of a host, the most polar first.

    Attributes
    ----------
    delta_chi
        Electronegativity difference of the dopant where it is largest, with its sign.
    local_dipole_e_a
        Largest local dipole, e Å.
    """

    dopants: tuple[Dopant, ...]

    @property
    def delta_chi(self) -> float:
        """Largest electronegativity difference of a dopant and its neighbours, with its sign."""
        return max((dopant.delta_chi for dopant in self.dopants), key=abs)

    @property
    def local_dipole_e_a(self) -> float:
        """Largest local dipole, e Å."""
        return max(dopant.dipole_e_a for dopant in self.dopants)


def doping(host: Atoms) -> Doping:
    """Electronegativity difference and local dipole of each dopant in a carbon host.

    A dopant is any atom but carbon and hydrogen with a bond. A bond i–j has the charge
    ``q = 1 - exp(-(chi_i - chi_j)^2 / 4)`` at its more electronegative end (Pauling's ionic
    character), and the local dipole of dopant i is ``|sum_j ±q_ij (r_j - r_i)|`` over its
    neighbours. That electronegativity and local dipole of the doping site tell how lithiophilic
    it is was found by Chen et al. from DFT; this estimate needs the geometry alone.

    Raises
    ------
    TaskError
        If less than half of the host (hydrogen apart) is carbon, or it has no bonded dopant.

    References
    ----------
    Chen et al., Sci. Adv. 5, eaau7728 (2019), doi:10.1126/sciadv.aau7728. Pauling, The Nature of
    the Chemical Bond, 3rd ed. (1960), ch. 3, for ionic character; electronegativities as in
    pymatgen.
    """
    symbols = np.array(host.get_chemical_symbols())
    heavy = symbols != "H"
    if 2 * np.count_nonzero(symbols == MATRIX) < np.count_nonzero(heavy) or not heavy.any():
        raise TaskError("doping is defined for hosts of carbon only")
    from pymatgen.core.periodic_table import Element  # noqa: PLC0415 (half a second to import)

    chi = np.array([Element(symbol).X for symbol in symbols])
    first, second, vectors = _bonds(host)
    step = chi[first] - chi[second]
    charge = np.sign(step) * (1 - np.exp(-(step**2) / 4))
    found = []
    for index in np.flatnonzero(heavy & (symbols != MATRIX)):
        bonds = first == index
        if bonds.any():
            dipole = charge[bonds] @ vectors[bonds]
            found.append(
                Dopant(
                    int(index),
                    str(symbols[index]),
                    float(step[bonds].mean()),
                    float(np.linalg.norm(dipole)),
                )
            )
    if not found:
        raise TaskError("the host has no dopant")
    return Doping(tuple(sorted(found, key=lambda dopant: -dopant.dipole_e_a)))


def _bonds(atoms: Atoms) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and second atom, shape (n,), and vector, shape (n, 3), of each bond, both ways."""
    radii = covalent_radii[atoms.numbers]
    first, second, vectors, lengths = close_pairs(atoms, 2 * BOND_SCALE * float(radii.max()))
    bonded = lengths < BOND_SCALE * (radii[first] + radii[second])
    return first[bonded], second[bonded], vectors[bonded]
