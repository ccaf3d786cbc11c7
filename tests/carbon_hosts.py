"""Doped sheets with Li, Na or K, for tests that need hosts of the class carbon."""

from __future__ import annotations

from functools import cache

import numpy as np
from ase import Atoms
from ase.build import graphene

SHEETS = {"pristine": "", "b": "B", "n": "N", "bb": "BB", "bn": "BN", "nn": "NN", "o": "O"}
"""Dopants of each, at sites that are no neighbours."""
PLACES = (0, 8)
HEIGHTS_A = {"Li": 1.8, "Na": 2.3, "K": 2.7}
ION = 18


@cache
def _sheet(name: str) -> Atoms:
    atoms = graphene(size=(3, 3, 1), vacuum=8.0)
    atoms.pbc = (True, True, False)
    for place, symbol in zip(PLACES, SHEETS[name], strict=False):
        atoms.symbols[place] = symbol
    return atoms


def sheet(name: str) -> Atoms:
    return _sheet(name).copy()


def with_ion(name: str, ion: str, lift_a: float = 0.0) -> Atoms:
    """The ion stands over the centre of a ring beside the first dopant."""
    atoms = sheet(name)
    ring = np.array([0.0, 1.42, HEIGHTS_A[ion] + lift_a])
    return atoms + Atoms(ion, [atoms.positions[PLACES[0]] + ring])
