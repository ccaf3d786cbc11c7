"""The compiled network as an ASE calculator."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from screening.calculators.interface import Point
from screening.calculators.sevennet_cpu.library import Library, Result

REMEMBERED = 32
"""Results kept: the latent features of a structure whose energy was asked for cost nothing."""


class SevenNetCPU(Calculator):
    """An ASE calculator with ``compute_batch`` and ``latent``.

    Parameters
    ----------
    library
        From `open_library`.
    modal
        Modality that it was opened for, for the record.
    """

    def __init__(self, library: Library, modal: str | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.implemented_properties = ["energy", "free_energy", "energies", "forces", "stress"]
        self.library, self.modal = library, modal
        known = np.flatnonzero(library.species >= 0)
        self.type_map = {int(z): int(library.species[z]) for z in known}
        self.passes = 0
        self._remembered: OrderedDict[tuple[bytes, ...], Result] = OrderedDict()

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Fill ``results``; a structure whose cell has no volume gets no stress."""
        super().calculate(atoms, properties, system_changes)  # type: ignore[no-untyped-call]
        if self.atoms is None:
            raise ValueError("no atoms to evaluate")
        found = self.result(self.atoms)
        self.results = {
            "energy": found.energy_ev,
            "free_energy": found.energy_ev,
            "energies": found.energies.copy(),
            "forces": found.forces.copy(),
        }
        if self.atoms.cell.rank == 3:
            stress = found.virial / self.atoms.cell.volume
            self.results["stress"] = stress[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]

    def compute_batch(self, structures: Sequence[Atoms]) -> list[Point]:
        """Return one point a structure, in order; the inputs are left untouched."""
        found = [self.result(atoms) for atoms in structures]
        return [Point(result.energy_ev, result.forces.copy()) for result in found]

    def latent(self, structures: Sequence[Atoms]) -> np.ndarray:
        """Input of the readout in units of energy, summed over atoms, shape (n, n_features)."""
        return np.array([self.result(atoms).latent for atoms in structures])

    def result(self, atoms: Atoms) -> Result:
        """Everything about a structure; from memory if it is one of the last `REMEMBERED`."""
        parts = (atoms.numbers, atoms.positions, atoms.cell.array, atoms.pbc)
        key = tuple(part.tobytes() for part in parts)
        found = self._remembered.pop(key, None)
        if found is None:
            found = self.library.evaluate(atoms)
            self.passes += 1
        self._remembered[key] = found
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return found
