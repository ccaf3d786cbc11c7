"""Worlds whose monolayers have known energies: a flat wall, with and without a pair potential."""

from __future__ import annotations

import itertools

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.constraints import FixAtoms

from screening.structure import Candidate

HOST_A = 3.0
HEIGHT_A = 1.9
STIFFNESS_EV_A2 = 3.0
BINDING_EV = 1.2
METAL_EV = -1.5
METAL_A = {"Li": 3.3, "Na": 4.2, "K": 5.2}
WELL_EV, WIDTH_A, REACH_A = 0.05, 2.8, 6.5
LIFT_EV = 2.5


def pair_ev(distance: np.ndarray) -> np.ndarray:
    """Lennard-Jones with its minimum −WELL_EV at WIDTH_A, cut and shifted at REACH_A."""
    shape = lambda r: (WIDTH_A / r) ** 12 - 2 * (WIDTH_A / r) ** 6  # noqa: E731
    return np.where(distance < REACH_A, WELL_EV * (shape(distance) - shape(REACH_A)), 0.0)


def _pair_slope(distance: np.ndarray) -> np.ndarray:
    ratio = WIDTH_A / distance
    slope = -12 * WELL_EV * (ratio**12 - ratio**6) / distance
    return np.where(distance < REACH_A, slope, 0.0)


class Wall(Calculator):
    """Rigid host without energy; ions feel a flat wall, and each other by `pair_ev`."""

    implemented_properties = ("energy", "forces")

    def calculate(
        self, atoms: Atoms | None = None, properties=("energy",), system_changes=all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = np.flatnonzero(np.isin(atoms.symbols, list(METAL_A)))
        forces, energy = np.zeros((len(atoms), 3)), 0.0
        if len(ions) == len(atoms):
            lattice = (2 * atoms.get_volume() / len(atoms)) ** (1 / 3)
            energy = len(atoms) * (METAL_EV + 0.5 * (lattice - METAL_A[atoms.symbols[0]]) ** 2)
        elif len(ions):
            rise = atoms.positions[ions, 2] - atoms.positions[:, 2].min() - HEIGHT_A
            energy = self.wall(len(ions)) * len(ions) + 0.5 * STIFFNESS_EV_A2 * (rise**2).sum()
            forces[ions, 2] = -STIFFNESS_EV_A2 * rise
            pairs, push = _pairs(atoms, ions)
            energy += pairs
            forces[ions] += push
        self.results = {"energy": float(energy), "forces": forces}

    def wall(self, count: int) -> float:
        return -BINDING_EV


def _pairs(atoms: Atoms, ions: np.ndarray) -> tuple[float, np.ndarray]:
    cells = np.array(list(itertools.product(range(-3, 4), range(-3, 4), [0]))) @ atoms.cell.array
    points = atoms.positions[ions]
    vectors = (points[:, None] - points[None])[:, :, None] + cells
    distances = np.linalg.norm(vectors, axis=3)
    distances[distances < 1e-9] = np.inf
    push = -(_pair_slope(distances) / distances)[..., None] * vectors
    return float(pair_ev(distances).sum() / 2), push.sum(axis=(1, 2))


class Broken(Wall):
    """Fails as soon as two ions are on the host."""

    def wall(self, count: int) -> float:
        if count > 1:
            raise RuntimeError("no second ion")
        return super().wall(count)


class Lifting(Wall):
    """Every ion beyond the first floats 8 Å over the host."""

    def calculate(
        self, atoms: Atoms | None = None, properties=("energy",), system_changes=all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = np.flatnonzero(np.isin(atoms.symbols, list(METAL_A)))
        if 1 < len(ions) < len(atoms):
            rise = atoms.positions[ions, 2] - atoms.positions[:, 2].min()
            self.results["forces"] = np.zeros((len(atoms), 3))
            self.results["forces"][ions, 2] = -(rise - 8.0)
            self.results["energy"] = float(((rise - 8.0) ** 2).sum() / 2)


def make_wall() -> Wall:
    return Wall()


def make_broken() -> Broken:
    return Broken()


def make_lifting() -> Lifting:
    return Lifting()


def triangular(repeat: int = 3, geometry: str = "slab", name: str = "wall") -> Candidate:
    """One fixed triangular layer of copper, `HOST_A` apart."""
    host = Atoms("Cu", positions=[(0.3, 0.2, 10)], pbc=(True, True, False))
    host.cell = [(HOST_A, 0, 0), (-HOST_A / 2, HOST_A * np.sqrt(3) / 2, 0), (0, 0, 22)]
    host = host.repeat((repeat, repeat, 1))
    host.set_constraint(FixAtoms(range(len(host))))
    return Candidate(name, "metal", geometry, host, {"id": name})


def lattice_sum(spacing_a: float) -> float:
    """Pair energy an ion of a triangular lattice, eV."""
    steps = np.array(list(itertools.product(range(-6, 7), repeat=2)))
    points = steps @ np.array([(1, 0), (0.5, np.sqrt(3) / 2)]) * spacing_a
    distances = np.linalg.norm(points, axis=1)
    return float(pair_ev(distances[distances > 1e-9]).sum() / 2)
