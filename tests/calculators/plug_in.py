"""Calculators that stand in for a user's own, imported by name."""

from __future__ import annotations

from typing import Any

from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.lj import LennardJones


def argon(epsilon: float = 0.01) -> Calculator:
    return LennardJones(epsilon=epsilon, sigma=3.0, rc=9.0, smooth=True)


argon.elements = ("Ar", "Li")
argon.functional = "LJ"


def not_a_calculator() -> int:
    return 1


def broken() -> Calculator:
    raise ValueError("no\nluck")


constant = 3


class Liar(Calculator):
    """Forces that do not belong to its energy, which depends on where the origin is."""

    implemented_properties = ("energy", "forces")

    def calculate(
        self, atoms: Any = None, properties: Any = None, changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, properties, changes)
        self.results = {"energy": float((atoms.positions**2).sum()), "forces": atoms.positions}


class Vandal(Calculator):
    """Moves the atoms that it is asked about."""

    implemented_properties = ("energy", "forces")

    def calculate(
        self, atoms: Any = None, properties: Any = None, changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, properties, changes)
        atoms.positions += 1.0
        self.results = {"energy": 0.0, "forces": 0.0 * atoms.positions}


class Folder(Calculator):
    """Right for cells that are periodic in all directions; elsewhere it takes vacuum for bulk."""

    implemented_properties = ("energy", "forces")

    def calculate(
        self, atoms: Any = None, properties: Any = None, changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, properties, changes)
        work = atoms.copy()
        work.calc = argon()
        wrong = 0.0 if atoms.pbc.all() or not atoms.pbc.any() else 100.0
        self.results = {
            "energy": work.get_potential_energy() + wrong,
            "forces": work.get_forces(),
        }


class Outsider(Calculator):
    """Does not see that an atom outside the cell is the same as its image inside."""

    implemented_properties = ("energy", "forces")

    def calculate(
        self, atoms: Any = None, properties: Any = None, changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, properties, changes)
        scaled = atoms.cell.scaled_positions(atoms.positions)
        outside = ((scaled < -0.5) | (scaled > 1.5)).any()
        self.results = {"energy": float(outside), "forces": 0.0 * atoms.positions}


class Upright(Calculator):
    """Takes the first lattice vector to lie in the xy plane."""

    implemented_properties = ("energy", "forces")

    def calculate(
        self, atoms: Any = None, properties: Any = None, changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, properties, changes)
        self.results = {"energy": float(atoms.cell[0, 2]), "forces": 0.0 * atoms.positions}
