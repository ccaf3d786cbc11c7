"""Small ideal hosts, made without our own builders."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.build import bcc110, fcc100, fcc110, fcc111, graphene, mx2, nanotube
from ase.constraints import FixAtoms


def sheet(size: int = 3) -> Atoms:
    """Graphene; pbc in the plane."""
    atoms = graphene(size=(size, size, 1), vacuum=8.0)
    atoms.pbc = (True, True, False)
    return atoms


def boron_doped(size: int = 3) -> Atoms:
    atoms = sheet(size)
    atoms.symbols[7] = "B"
    return atoms


def vacancy(size: int = 4) -> Atoms:
    atoms = sheet(size)
    del atoms[10]
    return atoms


def disulfide() -> Atoms:
    atoms = mx2("MoS2", size=(2, 2, 1), vacuum=8.0)
    atoms.pbc = (True, True, False)
    return atoms


def janus() -> Atoms:
    """MoSSe: the faces differ."""
    atoms = disulfide()
    low = atoms.positions[:, 2] < atoms.positions[:, 2].mean() - 1.0
    atoms.symbols[np.flatnonzero(low)] = "Se"
    return atoms


def mxene_oxide() -> Atoms:
    """Ti2CO2, 2 × 2: C, Ti and O at the three positions A, B, C of the triangular lattice."""
    a = 3.03
    fractions = [(0, 0), (1 / 3, 2 / 3), (2 / 3, 1 / 3), (2 / 3, 1 / 3), (1 / 3, 2 / 3)]
    heights = [0.0, 1.12, -1.12, 2.1, -2.1]
    cell = np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, 24.0]])
    points = [u * cell[0] + v * cell[1] for u, v in fractions]
    atoms = Atoms("CTi2O2", cell=cell, pbc=(True, True, False))
    atoms.positions = np.array(points) + np.outer(heights, (0, 0, 1)) + (0, 0, 12.0)
    return atoms.repeat((2, 2, 1))


def slab(kind: str, symbol: str = "Cu", **options: float) -> Atoms:
    """Four layers, the two lower ones fixed."""
    make = {"fcc111": fcc111, "fcc100": fcc100, "fcc110": fcc110, "bcc110": bcc110}[kind]
    atoms = make(symbol, (2, 2, 4), vacuum=8.0, **options)
    atoms.pbc = (True, True, False)
    atoms.set_constraint(FixAtoms(np.flatnonzero(atoms.get_tags() > 2)))
    return atoms


def tube(n: int = 4, m: int = 4, length: int = 2) -> Atoms:
    atoms = nanotube(n, m, length=length, vacuum=6.0)
    atoms.pbc = (False, False, True)
    return atoms
