"""Frames of a reference set: what each says of itself, checked one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from screening.errors import InputError, StructureError
from screening.units import IONS, Ion


@dataclass(frozen=True)
class Frame:
    """A frame of a reference set, and what it says of itself.

    Attributes
    ----------
    grid_ev
        What a denser grid of k-points adds to the adsorption energy, an ion.
    """

    where: str
    atoms: Atoms
    energy_ev: float
    forces: np.ndarray | None
    host: str
    ion: Ion | None
    n_ions: int
    bulk: Ion | None
    family: str
    note: str
    grid_ev: float


def numbered(
    frames: Sequence[Atoms], path: Path, energy: Callable[[Atoms, str], float]
) -> list[Frame]:
    """Check frames; in messages they have the numbers of their lines in the file's list."""
    return [
        _frame(atoms, f"{path}: frame {number}", energy)
        for number, atoms in enumerate(frames, start=1)
    ]


def _frame(atoms: Atoms, where: str, energy: Callable[[Atoms, str], float]) -> Frame:
    if not len(atoms) or not atoms.numbers.all():
        raise StructureError("frame has no atoms or unknown ones", where=where)
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise StructureError("position or cell is not finite", where=where)
    bulk, ion, host = _ion(atoms, "bulk", where), _ion(atoms, "ion", where), text_of(atoms, "host")
    if bulk and (ion or host):
        raise InputError("is both bulk metal and host", where=where, allowed="info bulk or host")
    if bulk and set(atoms.symbols) != {bulk}:
        raise InputError(f"bulk {bulk} holds {atoms.symbols}", where=where)
    if not bulk and not host:
        raise InputError("has no host", where=where, allowed='info["host"] or info["bulk"]')
    return Frame(
        where=where,
        atoms=Atoms(
            atoms.symbols,
            atoms.positions,
            cell=atoms.cell,
            pbc=atoms.pbc,
            constraint=atoms.constraints,
        ),
        energy_ev=energy(atoms, where),
        forces=_forces_of(atoms, where),
        host=host,
        ion=ion,
        n_ions=_count(atoms, ion, where),
        bulk=bulk,
        family=text_of(atoms, "family"),
        note=text_of(atoms, "note"),
        grid_ev=_grid_of(atoms, where),
    )


def energy_of(atoms: Atoms, where: str) -> float:
    """Energy of a frame, eV.

    Raises
    ------
    StructureError
        If it has none, or one that is not finite.
    """
    try:
        energy = float(atoms.get_potential_energy())
    except Exception:  # noqa: BLE001 (ASE raises several types for what is one mistake)
        energy = math.nan
    if not math.isfinite(energy):
        raise StructureError("energy is missing or not finite", where=where, allowed="energy, eV")
    return energy


def _grid_of(atoms: Atoms, where: str) -> float:
    try:
        value = float(atoms.info.get("grid_ev", 0.0))
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise StructureError("grid_ev is not a number", where=where, allowed="eV an ion")
    return value


def _forces_of(atoms: Atoms, where: str) -> np.ndarray | None:
    forces = None if atoms.calc is None else atoms.calc.results.get("forces")
    if forces is not None and not np.isfinite(forces).all():
        raise StructureError("a force is not finite", where=where, allowed="forces, eV/Å, or none")
    return forces


def text_of(atoms: Atoms, name: str) -> str:
    """Value of a key as text, empty if there is none.

    extxyz turns text into whatever it looks like: a key written with None into True, an empty text
    into an empty list, "1 2" into a list of integers.
    """
    value: Any = atoms.info.get(name)
    if str(value) in {"None", "True", "nan"}:
        return ""
    return " ".join(str(part) for part in np.atleast_1d(value)).strip()


def _ion(atoms: Atoms, name: str, where: str) -> Ion | None:
    value = text_of(atoms, name)
    if not value:
        return None
    for ion in IONS:
        if ion == value:
            return ion
    raise InputError(f"{name} {value!r} is not an ion", where=where, allowed=", ".join(IONS))


def _count(atoms: Atoms, ion: Ion | None, where: str) -> int:
    if ion is None:
        return 0
    value: Any = atoms.info.get("n_ions", 1)
    try:
        count = float(value)
    except (TypeError, ValueError):
        count = 0.0
    if not (count >= 1 and count.is_integer()):
        raise InputError(f"n_ions {value!r} is not valid", where=where, allowed="1, 2, 3 …")
    return int(count)
