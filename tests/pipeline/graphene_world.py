"""Graphene with a known landscape for one ion, and a network that sees where the ion is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.build import graphene
from ase.calculators.calculator import Calculator, all_changes
from ase.constraints import FixAtoms

from screening.structure import Candidate
from tests.toys import HEIGHT_A, HOST_EV, METAL_EV, METAL_LATTICE_A, STIFFNESS_EV_A2

LATTICE_A = 2.46
SHEET_Z_A = 10.0
HOLLOW_A = np.array([0.0, LATTICE_A / np.sqrt(3)])
BINDING_EV = 2.0
CORRUGATION_EV = 0.05
"""D of ``−D c`` with `place` c: hollow −3D, bridge +D, top +1.5D; a hop over a bridge costs 4D."""
HOLLOW, BRIDGE, TOP = 3.0, -1.0, -1.5
BARRIER_EV = CORRUGATION_EV * (HOLLOW - BRIDGE)
E_HOLLOW_EV = -BINDING_EV - CORRUGATION_EV * HOLLOW - METAL_EV
METAL_LATENT = np.array([1.0, 7.0, -5.0])

WAVES = 2 * np.pi / LATTICE_A * np.array([[1, 1 / 3**0.5], [-1, 1 / 3**0.5], [0, 2 / 3**0.5]])
"""Shortest reciprocal vectors, 1/Å."""


def place(ion: np.ndarray) -> float:
    """Sum of the three cosines: 3 over a hollow, −1 over a bridge, −1.5 over an atom."""
    return float(np.cos(WAVES @ (ion[:2] - HOLLOW_A)).sum())


def between(c: float) -> float:
    """Return what vanishes at hollow, bridge and top; negative from hollow to bridge."""
    return (c - HOLLOW) * (c - BRIDGE) * (c - TOP)


class Graphene(Calculator):
    """Rigid sheet; the ion feels three cosine waves and a spring to its height."""

    implemented_properties = ("energy", "forces")

    def calculate(
        self, atoms: Atoms | None = None, properties=("energy",), system_changes=all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = np.isin(atoms.symbols, list(METAL_LATTICE_A))
        forces = np.zeros((len(atoms), 3))
        if ions.all():
            lattice = (2 * atoms.get_volume() / len(atoms)) ** (1 / 3)
            ideal = METAL_LATTICE_A[atoms.symbols[0]]
            energy = len(atoms) * (METAL_EV + 0.5 * (lattice - ideal) ** 2)
        else:
            energy = HOST_EV * (~ions).sum()
            for index in np.flatnonzero(ions):
                ion = atoms.positions[index]
                rise = ion[2] - SHEET_Z_A - HEIGHT_A
                energy += -BINDING_EV - CORRUGATION_EV * place(ion)
                energy += 0.5 * STIFFNESS_EV_A2 * rise**2
                slope = WAVES.T @ np.sin(WAVES @ (ion[:2] - HOLLOW_A))
                forces[index] = [*(-CORRUGATION_EV * slope), -STIFFNESS_EV_A2 * rise]
        self.results = {"energy": float(energy), "forces": forces}


class Seeing(Graphene):
    """Sees, beside the number of atoms, `place` and `between` of the ion."""

    def latent(self, structures: Sequence[Atoms]) -> np.ndarray:
        return np.array([self.see(atoms) for atoms in structures])

    def see(self, atoms: Atoms) -> np.ndarray:
        ions = np.isin(atoms.symbols, list(METAL_LATTICE_A))
        if ions.all():
            return len(atoms) * METAL_LATENT
        seen = np.array([float((~ions).sum()), 0.0, 0.0])
        for ion in atoms.positions[ions]:
            c = place(ion)
            seen += METAL_LATENT + np.array([0.0, c, between(c)])
        return seen


class Trembling(Seeing):
    """A network in single precision: copies of one structure differ by rounding."""

    def see(self, atoms: Atoms) -> np.ndarray:
        return super().see(atoms) + 1e-5 * np.sin(1e3 * atoms.positions[-1, 0])


class Blind(Seeing):
    """Sees nothing that is finite."""

    def see(self, atoms: Atoms) -> np.ndarray:
        return np.full(3, np.nan)


class BlindOnTheWay(Seeing):
    """Sees the sites, and nothing between hollow and bridge."""

    def see(self, atoms: Atoms) -> np.ndarray:
        seen = super().see(atoms)
        if atoms.symbols[-1] in METAL_LATTICE_A and BRIDGE + 0.1 < place(atoms.positions[-1]) < 2.9:
            seen[:] = np.nan
        return seen


def make_graphene() -> Graphene:
    return Graphene()


def make_seeing() -> Seeing:
    return Seeing()


def make_trembling() -> Trembling:
    return Trembling()


def make_blind() -> Blind:
    return Blind()


def make_blind_on_the_way() -> BlindOnTheWay:
    return BlindOnTheWay()


def sheet() -> Candidate:
    """Fixed 3 × 3 cells."""
    host = graphene(a=LATTICE_A, size=(3, 3, 1))
    host.set_cell([*host.cell[:2], [0.0, 0.0, 2 * SHEET_Z_A]])
    host.positions[:, 2] = SHEET_Z_A
    host.pbc = (True, True, False)
    host.set_constraint(FixAtoms(range(len(host))))
    return Candidate("graphene", "carbon", "sheet", host, {"id": "graphene"})
