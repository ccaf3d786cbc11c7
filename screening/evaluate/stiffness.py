"""A guess of the Hessian: springs between neighbours, the stiffer the smaller the two atoms are.

The idea is Lindh's (Lindh, Bernhardsson, Karlström & Malmqvist, Chem. Phys. Lett. 241, 423 (1995),
doi:10.1016/0009-2614(95)00646-L); here one formula in covalent radii serves all elements and cells.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from screening.structure.neighbours import close_pairs
from screening.structure.radii import radius

BOND_EV_A2 = 30.0
"""Spring along a bond as long as its radii sum, `BOND_A`: an atom of graphene is then held by
60 eV/Å² in the plane, as its phonons say."""
BOND_A = 1.52
POWER = 5.0
"""By which springs fall with the radii sum: 1.9 eV/Å² between copper atoms, which holds one by 7
(phonons of 5 THz say 6.5), 0.6 between potassium and copper."""
DECAY = 3.0
"""Per radii sum that a bond is longer than the radii sum."""
ACROSS = 0.1
"""Spring across a bond over that along it: the stiffness of angles."""
REACH = 1.5
"""Multiple of the radii sum beyond which there is no spring."""
STIFFEST_EV_A2 = 100.0
"""However short a bond is."""
LOOSE = 0.3
"""Springs of an ion over those of a bonded atom: its bonds are not covalent."""
SAME_PLACE_A = 1e-3
"""Closer atoms have no direction between them; the engine will refuse them."""
HELD_EV_A2 = 1.0
"""Added on the diagonal: no direction is free, nor is a cell as a whole."""
HELD_EV = 1.0
"""The same for strain."""


def stiffness(atoms: Atoms, soft: Sequence[int] = ()) -> np.ndarray:
    """Guess the Hessian of a structure.

    It only decides how fast a relaxation gets to its minimum, not which one: counts of force calls
    are in benchmarks/README.md.

    Parameters
    ----------
    soft
        Indices of loosely bound atoms, as adsorbed ions are.

    Returns
    -------
    np.ndarray
        eV/Å², shape (3 n, 3 n), symmetric, no eigenvalue below `HELD_EV_A2`.
    """
    n = len(atoms)
    first, second, _, blocks = _springs(atoms, soft)
    hessian = np.zeros((n, n, 3, 3))
    np.add.at(hessian, (first, second), -blocks)
    np.add.at(hessian, (first, first), blocks)
    flat: np.ndarray = hessian.transpose(0, 2, 1, 3).reshape(3 * n, 3 * n)
    return flat + HELD_EV_A2 * np.eye(3 * n)


def uncoupled(hessian: np.ndarray) -> np.ndarray:
    """Leave each atom its own block, shape (3, 3): a step then moves those alone that feel a force.

    For engines whose forces do not add up to zero, which hold atoms in space and not to each other.
    """
    own: np.ndarray = hessian * np.kron(np.eye(len(hessian) // 3), np.ones((3, 3)))
    return own


def strain_stiffness(atoms: Atoms) -> np.ndarray:
    """Guess the second derivative of the energy by strain, all atoms moving with the cell.

    Returns
    -------
    np.ndarray
        eV, shape (9, 9), the strain's components in the order of its rows; positive definite.
    """
    _, _, vectors, blocks = _springs(atoms, ())
    # Each pair is there in both directions, and counts half.
    found: np.ndarray = np.einsum("nac,nb,nd->abcd", blocks, vectors, vectors).reshape(9, 9) / 2
    return found + HELD_EV * np.eye(9)


def _springs(
    atoms: Atoms, soft: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Springs between neighbours: both atoms, vector, Å, and its matrix (n, 3, 3), eV/Å²."""
    radii = radius(atoms.numbers)
    first, second, vectors, lengths = close_pairs(atoms, 2 * REACH * float(radii.max()))
    sums = radii[first] + radii[second]
    springs = BOND_EV_A2 * (BOND_A / sums) ** POWER * np.exp(-DECAY * (lengths / sums - 1))
    springs = np.minimum(springs, STIFFEST_EV_A2) * (lengths < REACH * sums)
    springs[np.isin(first, list(soft)) | np.isin(second, list(soft))] *= LOOSE
    along = vectors / np.maximum(lengths, SAME_PLACE_A)[:, None]
    blocks = (1 - ACROSS) * along[:, :, None] * along[:, None, :] + ACROSS * np.eye(3)
    return first, second, vectors, blocks * springs[:, None, None]
