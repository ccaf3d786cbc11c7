"""Crystals held together by nearest neighbours alone: surface energies by counting bonds."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.neighborlist import neighbor_list

from screening.units import BCC_LATTICE_A, EV_PER_A2_IN_J_PER_M2

BOND_EV = 0.2
WIDTH_A = 0.1
"""So narrow that the second neighbours, 15 % farther away, feel 1e-9 of it or less."""
LATTICE_A = dict(BCC_LATTICE_A)
BROKEN = {"110": np.sqrt(2), "100": 2.0, "111": np.sqrt(3)}
"""Half the bonds cut by a plane of area a², as two faces share them: ``a² rho sum(n.r) / 2``
over the neighbours r above the plane (n.r > 0), with ``rho = 2/a³`` atoms in a volume."""


class Wells(Calculator):
    """Every pair of like atoms sits in a Gaussian well at the neighbour distance of bcc."""

    implemented_properties = ("energy", "forces")

    def calculate(
        self, atoms: Atoms | None = None, properties=("energy",), system_changes=all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        ideal = np.sqrt(3) / 2 * LATTICE_A[atoms.symbols[0]]
        i, lengths, vectors = neighbor_list("idD", atoms, ideal + 0.8)
        wells = -BOND_EV * np.exp(-(((lengths - ideal) / WIDTH_A) ** 2))
        slopes = -2 * (lengths - ideal) / WIDTH_A**2 * wells
        forces = np.zeros((len(atoms), 3))
        np.add.at(forces, i, (slopes / lengths)[:, None] * vectors)
        self.results = {"energy": float(wells.sum() / 2), "forces": forces}


def make_wells() -> Wells:
    """Factory for ``--calculator tests.wells:make_wells``."""
    return Wells()


def gamma_j_m2(metal: str, plane: str) -> float:
    """Surface energy from the bonds that a cut breaks."""
    return float(BROKEN[plane] * BOND_EV / LATTICE_A[metal] ** 2 * EV_PER_A2_IN_J_PER_M2)
