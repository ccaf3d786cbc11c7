"""Small reference sets with a known answer: the demonstration potential plus a stated error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from ase import Atom, Atoms
from ase.build import bulk, fcc111
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from screening.calculators import resolve
from screening.evaluate.potential import Potential
from screening.units import BCC_LATTICE_A, IONS

METALS = ("Al", "Cu", "Ag", "Au", "Ni", "Pd", "Pt")
HEIGHTS = {"Li": 2.0, "Na": 2.4, "K": 2.8}
LEVEL = "toy:exact (PBE, dispersion none)"

Correction = Callable[[float], float]


@cache
def energy(index: int, ion: str | None) -> float:
    return float(Potential(resolve("emt").make()).compute([structure(index, ion)])[0].energy_ev)


@cache
def metal_energy(ion: str) -> float:
    return float(Potential(resolve("emt").make()).compute([metal(ion)])[0].energy_ev)


def metal(ion: str) -> Atoms:
    return bulk(ion, "bcc", a=BCC_LATTICE_A[ion])


def structure(index: int, ion: str | None = None) -> Atoms:
    """A slab of two layers, with an ion over its hollow."""
    slab = fcc111(METALS[index], (2, 2, 2), vacuum=8.0)
    slab.pbc = (True, True, False)
    if ion:
        hollow = slab.positions[slab.get_tags() == 1][:3].mean(axis=0)
        slab.append(Atom(ion, hollow + np.array([0.0, 0.0, HEIGHTS[ion]])))
    return slab


def raw(index: int, ion: str) -> float:
    """Adsorption energy by the demonstration potential, eV."""
    return energy(index, ion) - energy(index, None) - metal_energy(ion)


def labelled(atoms: Atoms, value: float, **info: object) -> Atoms:
    frame = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    frame.info = {"level": LEVEL, **info}
    frame.calc = SinglePointCalculator(frame, energy=value, forces=np.zeros((len(frame), 3)))
    return frame


def frames(correction: Correction, hosts: Sequence[int] = range(len(METALS))) -> list[Atoms]:
    """Frames whose adsorption energies are the potential's plus ``correction(raw)``."""
    found = [labelled(metal(ion), metal_energy(ion), bulk=ion) for ion in IONS]
    for index in hosts:
        name = f"{METALS[index]}-111".lower()
        found.append(labelled(structure(index), energy(index, None), host=name))
        for ion in IONS:
            exact = energy(index, ion) + correction(raw(index, ion))
            found.append(labelled(structure(index, ion), exact, host=name, ion=ion, n_ions=1))
    return found


def write_set(path: Path, structures: Sequence[Atoms]) -> Path:
    write(path, list(structures), format="extxyz")
    return path
