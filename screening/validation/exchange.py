"""Reference frames for other codes: inputs written to folders, energies read back from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write

from screening.calculators.gpaw_engine import kpoints
from screening.calculators.gpaw_settings import Settings
from screening.errors import StructureError
from screening.files import write_atomic

INDEX = "frames.extxyz"
STATEMENT = "level.json"
OUTPUTS = ("vasprun.xml", "OUTCAR", "espresso.pwo", "cp2k.out", "result.extxyz")
"""Files that an energy is read from, the first that is there; ASE knows their formats."""

README = """\
Single points of alkascreen, one folder each: structure.extxyz and POSCAR are the structure (do not
relax it), kpoints.txt the k-points that the reference level takes: fractional, half-step grids for
sheets and slabs, Γ-centred ones for bulk metals.

Put the finished calculation into its folder under one of these names: {outputs}. Then

    alkascreen anchor --db DATABASE --read {folder}

An energy may enter only if it is of the level in {statement}: {level}
Settings of that level: {settings}, dipole correction along z for sheets and slabs,
spin where V, Cr, Mn, Fe, Co or Ni is present or one electron is left above a gap. Energies of all
folders must be of one code and one set of settings. If they are of another level, say so in
{statement} and train a calibration of that level first ('alkascreen train --reference').
"""


def write_inputs(frames: Sequence[Atoms], folder: Path, level: str, settings: Settings) -> int:
    """Write a folder a frame, for codes that have no calculator here; count them.

    Parameters
    ----------
    level
        That the energies have to be of.
    settings
        Of the reference level: k-points and what the README says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / INDEX, list(frames), format="extxyz")
    for number, atoms in enumerate(frames):
        place = folder / _name(number, atoms)
        place.mkdir(exist_ok=True)
        write(place / "structure.extxyz", atoms, format="extxyz")
        full = atoms.copy()
        full.pbc = True
        write(place / "POSCAR", full, format="vasp")
        points = kpoints(atoms, settings.kpoint_density_a)
        np.savetxt(place / "kpoints.txt", points, fmt="%.8f", header="fractional, equal weights")
    write_atomic(folder / STATEMENT, json.dumps({"level": level}, indent=1) + "\n")
    said = settings.model_dump(exclude={"ranks"})
    text = README.format(
        outputs=", ".join(OUTPUTS),
        folder=folder,
        statement=STATEMENT,
        level=level,
        settings=", ".join(f"{key} {value:g}" for key, value in said.items()),
    )
    write_atomic(folder / "README.txt", text)
    return len(frames)


def read_results(folder: Path) -> tuple[list[Atoms], list[str]]:
    """Return the frames whose energies are there, labelled with their level; and what is missing.

    Atoms may be in another order than they were written, as VASP groups them: only the energy is
    taken.

    Raises
    ------
    StructureError
        If the folder was not written by `write_inputs`, or a result is of other atoms.
    """
    try:
        level = str(json.loads((folder / STATEMENT).read_text(encoding="utf-8"))["level"])
        frames = read(folder / INDEX, ":", format="extxyz")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StructureError(
            f"is not a folder of reference inputs: {type(error).__name__}: {error}",
            where=str(folder),
            allowed="one written by 'alkascreen anchor --write'",
        ) from None
    done, missing = [], []
    for number, atoms in enumerate(frames):
        place = folder / _name(number, atoms)
        found = next((place / name for name in OUTPUTS if (place / name).is_file()), None)
        if found is None:
            missing.append(place.name)
            continue
        frame = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
        frame.info = {**atoms.info, "level": level}
        frame.calc = SinglePointCalculator(frame, energy=_energy(found, atoms))
        done.append(frame)
    return done, missing


def _name(number: int, atoms: Atoms) -> str:
    info = atoms.info
    words = [str(info[key]) for key in ("bulk", "host", "ion") if info.get(key)]
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in "-".join(words))
    return f"{number:03d}-{safe}"


def _energy(path: Path, wanted: Atoms) -> float:
    try:
        found = read(path)
        last = found[-1] if isinstance(found, list) else found
        energy = float(last.get_potential_energy())
    except Exception as error:  # ASE's readers raise anything
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise StructureError(f"no energy could be read: {reason}", where=str(path)) from error
    if last.symbols.formula.count() != wanted.symbols.formula.count():
        raise StructureError(
            f"is of {last.symbols.formula}", where=str(path), allowed=str(wanted.symbols.formula)
        )
    if not np.isfinite(energy):
        raise StructureError("energy is not finite", where=str(path))
    return energy
