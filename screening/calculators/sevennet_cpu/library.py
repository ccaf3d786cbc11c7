"""The compiled network, called through ctypes."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.geometry import complete_cell

from screening.calculators.sevennet_cpu.network import UnsuitableError

ALIGNMENT = 64
ROOM = 64
"""Pairs an atom that the first search has room for; a second one gets what the first counted."""


@dataclass(frozen=True)
class Result:
    """What one pass of the network gives.

    Attributes
    ----------
    energies
        Of every atom, eV, shape (n_atoms,).
    forces
        eV/Å, shape (n_atoms, 3).
    virial
        Derivative of the energy with respect to strain, eV, shape (3, 3).
    latent
        Input of the readout in units of energy, summed over atoms, shape (n_features,).
    """

    energies: np.ndarray
    forces: np.ndarray
    virial: np.ndarray
    latent: np.ndarray

    @property
    def energy_ev(self) -> float:
        """Sum over atoms."""
        return float(self.energies.sum())


class Library:
    """A shared library and the numbers of its network.

    Parameters
    ----------
    path
        Shared library built from `source`.
    numbers
        ``weights``, ``tables``, ``scale_shift``, ``numbers``, ``cutoff`` and ``n_latent``.

    Raises
    ------
    UnsuitableError
        If the processor lacks instructions.
    """

    def __init__(self, path: Path, numbers: dict[str, np.ndarray]) -> None:
        code = ctypes.CDLL(str(path))
        if not code.runs_here():
            raise UnsuitableError("the processor lacks AVX2")
        self._neighbours, self._workspace, self._evaluate = (
            code.neighbours,
            code.workspace,
            code.evaluate,
        )
        self._neighbours.restype = self._workspace.restype = ctypes.c_int64
        self._evaluate.restype = None
        self._weights = np.ascontiguousarray(numbers["weights"], dtype=np.float32)
        self._tables = np.ascontiguousarray(numbers["tables"], dtype=np.float32)
        self._scale_shift = np.ascontiguousarray(numbers["scale_shift"], dtype=float)
        self._n_latent = int(numbers["n_latent"])
        self.cutoff = float(numbers["cutoff"])
        self.species = np.full(120, -1, dtype=np.int32)
        self.species[numbers["numbers"]] = np.arange(len(numbers["numbers"]), dtype=np.int32)
        self._block = np.empty(0, dtype=np.uint8)

    def evaluate(self, atoms: Atoms) -> Result:
        """Compute one structure.

        Raises
        ------
        ValueError
            If the network does not know an element, or the cell is not one.
        """
        n = len(atoms)
        species = self.species[atoms.numbers]
        if n and species.min() < 0:
            unknown = sorted({s for s, k in zip(atoms.symbols, species, strict=True) if k < 0})
            raise ValueError(f"the model does not know {', '.join(unknown)}")
        first, second, vectors = self.pairs(atoms)
        pairs = len(first)
        energies, forces = np.empty(n), np.empty((n, 3))
        virial, latent = np.empty((3, 3)), np.empty(self._n_latent)
        self._evaluate(
            ctypes.c_int64(n),
            ctypes.c_int64(pairs),
            *map(_at, (species, first, second, vectors)),
            *map(_at, (self._weights, self._tables, self._scale_shift)),
            self._memory(n, pairs),
            *map(_at, (energies, forces, virial, latent)),
        )
        return Result(energies, forces, virial, latent)

    def pairs(self, atoms: Atoms) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Atoms, or an atom and its image, within the cut-off: first, second, vector (Å).

        Raises
        ------
        ValueError
            If the structure is periodic along a cell vector of length zero.
        """
        n = len(atoms)
        positions = np.ascontiguousarray(atoms.positions, dtype=float)
        periodic = np.ascontiguousarray(atoms.pbc, dtype=np.int32)
        lengths = atoms.cell.lengths()
        if (lengths[periodic.astype(bool)] == 0).any():
            raise ValueError("the structure is periodic along a cell vector of length zero")
        cell = np.ascontiguousarray(complete_cell(atoms.cell.array))
        inverse = np.ascontiguousarray(np.linalg.inv(cell))
        room = ROOM * n
        while True:
            first, second = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
            vectors = np.empty((room, 3))
            found = self._neighbours(
                ctypes.c_int64(n),
                *map(_at, (positions, cell, inverse, periodic)),
                ctypes.c_double(self.cutoff),
                ctypes.c_int64(room),
                *map(_at, (first, second, vectors)),
            )
            if found <= room:
                return first[:found], second[:found], vectors[:found]
            room = found

    def _memory(self, n: int, pairs: int) -> ctypes.c_void_p:
        """Aligned memory for a call, kept for the next one."""
        needed = self._workspace(ctypes.c_int64(n), ctypes.c_int64(pairs)) + ALIGNMENT
        if needed > self._block.size:
            self._block = np.empty(needed, dtype=np.uint8)
        start = self._block.ctypes.data
        return ctypes.c_void_p(start + -start % ALIGNMENT)


def _at(array: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
