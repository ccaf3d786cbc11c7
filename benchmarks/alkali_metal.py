"""What the alkali term changes: relaxed surfaces, elastic constants, vacancies, hops on (100).

``python benchmarks/alkali_metal.py`` prints each for an engine and for the same with the term; some
minutes. Comparison with PBE structure by structure is in ``fit_alkali.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, bcc100, bulk
from ase.calculators.calculator import Calculator
from ase.constraints import FixAtoms, FixedPlane
from ase.optimize import BFGS
from scipy.optimize import minimize_scalar

from screening.calculators import resolve
from screening.descriptors.slabs import METAL_LAYERS, face_area, metal_slabs, surface_energy
from screening.units import IONS, Ion

GPA = 160.21766208


def lattice(ion: str, engine: Calculator) -> tuple[float, float]:
    """Lattice constant, Å, and energy, eV, of the bcc metal."""

    def energy(a: float) -> float:
        return float(engine.get_property("energy", bulk(ion, "bcc", a=a)))

    guess = {"Li": 3.43, "Na": 4.2, "K": 5.35}[ion]
    found = minimize_scalar(energy, bounds=(0.96 * guess, 1.04 * guess), options={"xatol": 1e-5})
    return float(found.x), float(found.fun)


def relaxed(atoms: Atoms, engine: Calculator, fmax: float = 0.01) -> float:
    work = atoms.copy()
    work.calc = engine
    BFGS(work, logfile=None).run(fmax=fmax, steps=150)
    return float(work.get_potential_energy())


def elastic(ion: str, a: float, engine: Calculator) -> Iterator[tuple[str, float]]:
    """Bulk modulus, (C11 - C12)/2 and C44, GPa, from stresses at strains of 0.4 %."""
    strain = 0.004

    def stress(deformation: np.ndarray) -> np.ndarray:
        atoms = bulk(ion, "bcc", a=a, cubic=True)
        atoms.set_cell(atoms.cell.array @ (np.eye(3) + deformation), scale_atoms=True)
        return np.array(engine.get_property("stress", atoms)) * GPA

    def slope(deformation: np.ndarray) -> np.ndarray:
        return (stress(strain * deformation) - stress(-strain * deformation)) / (2 * strain)

    yield "B", slope(np.eye(3))[:3].mean() / 3
    tetragonal = slope(np.diag([1.0, -1.0, 0.0]))
    yield "C'", (tetragonal[0] - tetragonal[1]) / 4
    shear = np.zeros((3, 3))
    shear[1, 2] = shear[2, 1] = 0.5
    yield "C44", slope(shear)[3]


def surfaces(ion: Ion, a: float, engine: Calculator) -> Iterator[tuple[str, float]]:
    metal = bulk(ion, "bcc", a=a)
    for plane in METAL_LAYERS:
        slabs = metal_slabs(ion, metal, plane)
        energies = [relaxed(slab, engine) for slab in slabs]
        fit = surface_energy(energies, [len(slab) for slab in slabs], face_area(slabs[0]))
        yield f"gamma {plane}", fit.gamma_j_m2


def vacancy(ion: str, a: float, e_bulk: float, engine: Calculator) -> float:
    atoms = bulk(ion, "bcc", a=a, cubic=True) * (3, 3, 3)
    del atoms[0]
    return relaxed(atoms, engine, 0.02) - len(atoms) * e_bulk


def hop(ion: str, a: float, e_bulk: float, engine: Calculator) -> Iterator[tuple[str, float]]:
    """Adsorption in a hollow of (100) 3x3, and the way over the bridge, which symmetry keeps."""
    clean = bcc100(ion, size=(3, 3, 5), a=a, vacuum=10)
    clean.pbc = (True, True, False)
    low = np.argsort(clean.positions[:, 2])[:18]
    clean.set_constraint(FixAtoms(low))
    e_clean = relaxed(clean, engine)
    found = []
    for site, height in (("hollow", 0.5), ("bridge", 0.68)):
        atoms = clean.copy()
        add_adsorbate(atoms, ion, height * a, site)
        top = len(atoms) - 1
        rails = [FixAtoms(low), FixedPlane(top, (0, 1, 0))] if site == "bridge" else FixAtoms(low)
        atoms.set_constraint(rails)
        found.append(relaxed(atoms, engine) - e_clean - e_bulk)
    yield "e_ads (100)", found[0]
    yield "hop (100)", found[1] - found[0]


def numbers(ion: Ion, engine: Calculator) -> dict[str, float]:
    a, e_bulk = lattice(ion, engine)
    atom = float(engine.get_property("energy", Atoms(ion, cell=[15.0] * 3)))
    found = {"a": a, "E_coh": atom - e_bulk}
    found |= dict(elastic(ion, a, engine)) | dict(surfaces(ion, a, engine))
    found["vacancy"] = vacancy(ion, a, e_bulk, engine)
    return found | dict(hop(ion, a, e_bulk, engine))


def main(*names: str) -> None:
    for ion in IONS:
        columns = [numbers(ion, resolve(name).make()) for name in names]
        print(f"\n{ion:12s} " + " ".join(f"{name:>24s}" for name in names))
        for key in columns[0]:
            print(f"{key:12s} " + " ".join(f"{column[key]:24.4f}" for column in columns))


if __name__ == "__main__":
    main(*(sys.argv[1:] or ("sevennet:7net-0", "sevennet:7net-0+alkali-1")))
