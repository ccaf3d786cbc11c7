"""Energies of an engine that were computed before, in a file, by content of the structure."""

from __future__ import annotations

import json
import math
from pathlib import Path

from ase import Atoms

from screening.errors import StoreError
from screening.files import write_atomic
from screening.structure.level import Level
from screening.validation.compute import frame_key


class KnownEnergies:
    """Energies in eV by structure and level; kept in a JSON file if one is given.

    Parameters
    ----------
    path
        File to start from and to keep up to date; a new one is made when there is something in it.

    Raises
    ------
    StoreError
        If the file is there and not one of ours.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._energies: dict[str, float] = _load(path) if path and path.exists() else {}

    def find(self, atoms: Atoms, level: Level, *, relaxed: bool) -> float | None:
        """Return the energy of a structure, or of what it relaxes to; None if not known."""
        return self._energies.get(_key(atoms, level, relaxed=relaxed))

    def add(self, atoms: Atoms, level: Level, energy_ev: float, *, relaxed: bool) -> None:
        """Keep an energy; it is in the file before this returns."""
        self._energies[_key(atoms, level, relaxed=relaxed)] = energy_ev
        if self.path:
            write_atomic(self.path, json.dumps(self._energies, indent=0, allow_nan=False) + "\n")


def _key(atoms: Atoms, level: Level, *, relaxed: bool) -> str:
    key = frame_key(atoms, level)
    if not relaxed:
        return key
    fixed = sorted({int(i) for constraint in atoms.constraints for i in constraint.get_indices()})
    return f"{key} relaxed {' '.join(map(str, fixed))}".strip()


def _load(path: Path) -> dict[str, float]:
    try:
        found = {str(key): float(energy) for key, energy in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        found = {"": math.nan}
    if not all(map(math.isfinite, found.values())):
        raise StoreError("is not a file of known energies", where=str(path))
    return found
