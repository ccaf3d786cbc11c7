"""A world with known answers: an egg-box surface for one ion, a parabola for the bulk metal."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.constraints import FixAtoms

LATTICE_A = 3.0
CLOSE_A = 2.0
"""Between two layers of a host, where there are two."""
CORRUGATION_EV = 0.1
"""D of ``D (cos kx + cos ky)``: hollow −2D, bridge 0, top +2D; the hop over a bridge costs 2D."""
HEIGHT_A = 1.9
STIFFNESS_EV_A2 = 3.0
BINDING_EV = 2.0
HOST_EV = -3.0
METAL_EV = -1.5
METAL_LATTICE_A = {"Li": 3.5, "Na": 4.3, "K": 5.3}
E_ADS_EV = -BINDING_EV - 2 * CORRUGATION_EV - METAL_EV
BARRIER_EV = 2 * CORRUGATION_EV


class EggBox(Calculator):
    """Rigid host atoms, each worth `HOST_EV`; ions feel a periodic egg box over the top atom."""

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
            host = atoms.positions[~ions]
            origin = host[host[:, 2].argmax()]
            for index in np.flatnonzero(ions):
                part, force = _egg_box(atoms.positions[index] - origin)
                energy += part
                forces[index] = force
        self.results = {"energy": float(energy), "forces": forces}


def _egg_box(vector: np.ndarray) -> tuple[float, np.ndarray]:
    k = 2 * np.pi / LATTICE_A
    x, y, z = vector
    energy = -BINDING_EV + CORRUGATION_EV * (np.cos(k * x) + np.cos(k * y))
    energy += 0.5 * STIFFNESS_EV_A2 * (z - HEIGHT_A) ** 2
    force = CORRUGATION_EV * k * np.array([np.sin(k * x), np.sin(k * y), 0.0])
    force[2] = -STIFFNESS_EV_A2 * (z - HEIGHT_A)
    return float(energy), force


def make_egg_box() -> EggBox:
    """Factory for ``--calculator tests.toys:make_egg_box``."""
    return EggBox()


def square_host(repeat: int = 2) -> Atoms:
    """Fixed square lattice of copper atoms, one atom thick."""
    host = Atoms("Cu", positions=[(0, 0, 10)], cell=(LATTICE_A, LATTICE_A, 20))
    host.pbc = (True, True, False)
    host = host.repeat((repeat, repeat, 1))
    host.set_constraint(FixAtoms(range(len(host))))
    return host
