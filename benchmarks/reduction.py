"""Electron affinities of solvents and salts by extended tight binding: the shipped table, anew.

    python benchmarks/reduction.py            # writes screening/electrochemistry/reduction.yaml

Geometries in ``benchmarks/data/electrolyte.xyz`` (RDKit 2026.09, ETKDG and MMFF) are relaxed by
GFN2-xTB, neutral and with one electron more, in a dielectric; vertical affinities are those of
IPEA1-xTB, which was made for them, with its empirical shift, adiabatic ones larger by what the
anion gains on relaxing. A cation is put where it is lowest
around its anion. About five minutes on one core.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import yaml
from ase import Atom, Atoms
from ase.build import molecule
from ase.data import covalent_radii
from ase.io import read
from ase.optimize import BFGS
from tblite.ase import TBLite

from screening.geometry import motif_changed

HERE = Path(__file__).parent
GEOMETRIES = HERE / "data" / "electrolyte.xyz"
TABLE = HERE.parent / "screening" / "electrochemistry" / "reduction.yaml"
SHIFT_EV = 4.8455
"""Of IPEA1-xTB (Ásgeirsson, Bauer & Grimme, Chem. Sci. 8, 4879 (2017), doi:10.1039/C7SC00601B), as
in xtb's documentation; recalled."""
PERMITTIVITY = 30.0
DIELECTRIC = ("gbe", PERMITTIVITY, "p16")
SOLVENTS = ("EC", "PC", "FEC", "VC", "DMC", "EMC", "DEC", "DOL", "DME", "diglyme")
SALTS = {
    "LiPF6": ("Li", "PF6"), "LiFSI": ("Li", "FSI"), "LiTFSI": ("Li", "TFSI"),
    "NaPF6": ("Na", "PF6"), "NaFSI": ("Na", "FSI"), "NaTFSI": ("Na", "TFSI"),
    "KPF6": ("K", "PF6"), "KFSI": ("K", "FSI"), "KTFSI": ("K", "TFSI"),
}  # fmt: skip
MEASURED_EV = {
    "C6H6": -1.12, "C2H4": -1.78, "H2CO": -0.86, "C5H5N": -0.62, "C4H4S": -1.17, "C4H4O": -1.76,
    "SO2": 1.11, "CO2": -0.6,
}  # fmt: skip
"""Vertical or adiabatic affinities of molecules that ASE knows, by electron transmission and
photodetachment (Jordan & Burrow, Chem. Rev. 87, 557 (1987); NIST; recalled)."""
FMAX_EV_A = 0.03
DIRECTIONS, STEPS = 40, 300


def energy(atoms: Atoms, method: str, charge: int, *, wet: bool) -> float:
    copy = atoms.copy()
    copy.calc = calculator(method, charge, wet=wet)
    return float(copy.get_potential_energy())


def calculator(method: str, charge: int, *, wet: bool, multiplicity: int = 0) -> TBLite:
    return TBLite(
        method=method,
        charge=charge,
        multiplicity=multiplicity or 1 + charge % 2,
        max_iterations=500,
        verbosity=0,
        **({"solvation": DIELECTRIC} if wet else {}),
    )


def relaxed(atoms: Atoms, charge: int, *, wet: bool, multiplicity: int = 0) -> Atoms:
    copy = atoms.copy()
    copy.calc = calculator("GFN2-xTB", charge, wet=wet, multiplicity=multiplicity)
    BFGS(copy, logfile=None).run(fmax=FMAX_EV_A, steps=STEPS)
    return copy


def affinity(atoms: Atoms, *, wet: bool) -> float:
    """Vertical affinity, eV."""
    neutral, anion = (energy(atoms, "IPEA1-xTB", charge, wet=wet) for charge in (0, -1))
    return neutral - anion - SHIFT_EV


def pair(cation: str, anion: Atoms) -> Atoms:
    """Lowest place of a cation around its anion."""
    radii = covalent_radii[anion.numbers] + covalent_radii[Atom(cation).number]
    rng = np.random.default_rng(0)
    starts = []
    for vector in rng.normal(size=(DIRECTIONS, 3)):
        direction = vector / np.linalg.norm(vector)
        for reach in np.arange(0.5, 12.0, 0.1):
            place = anion.get_center_of_mass() + reach * direction
            if (np.linalg.norm(anion.positions - place, axis=1) > 0.95 * radii).all():
                starts.append(anion + Atoms(cation, [place]))
                break
    starts.sort(key=lambda atoms: energy(atoms, "GFN2-xTB", 0, wet=True))
    found = [relaxed(start, 0, wet=True) for start in starts[:3]]
    return min(found, key=lambda atoms: atoms.get_potential_energy())


def entry(name: str, neutral: Atoms) -> dict[str, object]:
    neutral = relaxed(neutral, 0, wet=True)
    anion = relaxed(neutral, -1, wet=True)
    vertical = affinity(neutral, wet=True)
    # What the molecule gains by giving way to the electron: of one method, so never negative.
    gain = energy(neutral, "GFN2-xTB", -1, wet=True) - energy(anion, "GFN2-xTB", -1, wet=True)
    found = {
        "name": name,
        "ea_gas_ev": round(affinity(neutral, wet=False), 2),
        "ea_vertical_ev": round(vertical, 2),
    }
    if change := motif_changed(neutral, anion):
        # Tight binding puts the electron of a stretched bond far too high: the gain is no number.
        found["change"] = change
    else:
        found["ea_adiabatic_ev"] = round(vertical + gain, 2)
    print(found, flush=True)
    return found


def error_ev() -> tuple[float, float]:
    """Mean and mean absolute error against measured affinities, eV."""
    errors = []
    for name, measured in MEASURED_EV.items():
        atoms = relaxed(molecule(name), 0, wet=False)
        errors.append(affinity(atoms, wet=False) - measured)
        print(name, measured, round(errors[-1] + measured, 2), flush=True)
    return float(np.mean(errors)), float(np.mean(np.abs(errors)))


def main() -> None:
    known = {atoms.info["name"]: atoms for atoms in read(GEOMETRIES, ":")}
    solvents = [entry(name, known[name]) for name in SOLVENTS]
    salts = [
        {
            "ion": cation,
            **entry(name, pair(cation, relaxed(known[anion], -1, wet=True, multiplicity=1))),
        }
        for name, (cation, anion) in SALTS.items()
    ]
    bias, error = error_ev()
    table = {
        "method": f"IPEA1-xTB//GFN2-xTB, dielectric {PERMITTIVITY:g}",
        "command": "python benchmarks/reduction.py",
        "mean_error_ev": round(bias, 2),
        "mean_absolute_error_ev": round(error, 2),
        "levels": [*solvents, *salts],
    }
    TABLE.write_text(yaml.safe_dump(table, sort_keys=False, allow_unicode=True, width=100))
    print(TABLE, file=sys.stderr)


if __name__ == "__main__":
    main()
