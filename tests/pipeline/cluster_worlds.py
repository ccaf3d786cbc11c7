"""Worlds in which clusters are filled in, fall apart, sink or evaporate, as they are known to."""

from __future__ import annotations

import numpy as np
from ase import Atoms

from screening.structure import Candidate
from tests.pipeline.layers_world import METAL_A, Wall, triangular
from tests.toys import LATTICE_A, EggBox

DEPTH_EV, REACH_A = 2.0, 1.0
WIDE = 4
"""Cells of the square host along each edge."""
REPULSION_EV = 1.0


class Trapped(Wall):
    """A flat wall that holds an ion `DEPTH_EV` deeper over its gold atoms, one ion each."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = np.flatnonzero(np.isin(atoms.symbols, list(METAL_A)))
        if not 0 < len(ions) < len(atoms):
            return
        forces = self.results["forces"]
        for trap in np.flatnonzero(atoms.symbols == "Au"):
            vectors = atoms.get_distances(trap, ions, mic=True, vector=True)
            vectors[:, 2] = 0.0
            wells = DEPTH_EV * np.exp(-(vectors**2).sum(axis=1) / (2 * REACH_A**2))
            self.results["energy"] -= float(wells.sum())
            forces[ions] -= wells[:, None] * vectors / REACH_A**2


def golden(*places: int, repeat: int = 5) -> Candidate:
    """The triangular layer with gold at some of its atoms."""
    host = triangular(repeat)
    atoms = host.atoms.copy()
    for place in places:
        atoms.symbols[place] = "Au"
    return Candidate("golden", "metal", "slab", atoms, {"id": "golden"})


class Repelling(EggBox):
    """Two ions push each other to opposite ends of the cell."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = np.flatnonzero(np.isin(atoms.symbols, list(METAL_A)))
        if len(ions) == len(atoms):
            return
        k = 2 * np.pi / (WIDE * LATTICE_A)
        for i, one in enumerate(ions):
            for two in ions[i + 1 :]:
                apart = k * (atoms.positions[one] - atoms.positions[two])[:2]
                self.results["energy"] += REPULSION_EV * float(np.cos(apart).sum())
                push = REPULSION_EV * k * np.sin(apart)
                self.results["forces"][one, :2] += push
                self.results["forces"][two, :2] -= push


class Swallowing(Wall):
    """Two ions and more are pulled to under the wall."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = np.flatnonzero(np.isin(atoms.symbols, list(METAL_A)))
        if 1 < len(ions) < len(atoms):
            rise = atoms.positions[ions, 2] - atoms.positions[:, 2].max(
                initial=0.0, where=_host(atoms)
            )
            self.results["forces"] = np.zeros((len(atoms), 3))
            self.results["forces"][ions, 2] = -(rise + 2.5)
            self.results["energy"] = float(((rise + 2.5) ** 2).sum() / 2)


def _host(atoms: Atoms) -> np.ndarray:
    return ~np.isin(atoms.symbols, list(METAL_A))


def make_trapped() -> Trapped:
    return Trapped()


def make_repelling() -> Repelling:
    return Repelling()


def make_swallowing() -> Swallowing:
    return Swallowing()
