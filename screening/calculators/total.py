"""An engine with a correction added: one calculator, with whatever the engine offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from screening.calculators.interface import BatchCalculator, LatentCalculator, Point


def add(engine: Calculator, correction: Calculator) -> Calculator:
    """Return the sum of both; it evaluates batches and tells latent features if the engine does.

    Latent features are the engine's own: a correction has none.
    """
    if not isinstance(engine, BatchCalculator):
        return _Total(engine, correction)
    kind = _LatentTotal if isinstance(engine, LatentCalculator) else _BatchTotal
    return kind(engine, correction)


class _Total(Calculator):
    """Energy, forces and stress of an engine plus those of a correction."""

    def __init__(self, engine: Calculator, correction: Calculator) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.implemented_properties = ["energy", "free_energy", "forces", "stress"]
        self.engine, self.correction = engine, correction

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        super().calculate(atoms, properties, system_changes)  # type: ignore[no-untyped-call]
        for name in properties:
            known = name in self.engine.implemented_properties
            plain = name.removeprefix("free_")
            own = self.engine.get_property(name if known else plain, atoms)
            self.results[name] = own + np.array(self.correction.get_property(plain, atoms))


class _BatchTotal(_Total):
    """The sum for an engine that evaluates whole batches."""

    def compute_batch(self, structures: Sequence[Atoms]) -> list[Point]:
        """Return one point a structure, in order."""
        points = cast("BatchCalculator", self.engine).compute_batch(structures)
        return [
            Point(
                point.energy_ev + float(self.correction.get_property("energy", atoms)),
                point.forces + np.array(self.correction.get_property("forces", atoms)),
            )
            for atoms, point in zip(structures, points, strict=True)
        ]


class _LatentTotal(_BatchTotal):
    """The sum for an engine that also tells what it sees."""

    def latent(self, structures: Sequence[Atoms]) -> np.ndarray:
        """Features of the engine, shape (n, n_features)."""
        return cast("LatentCalculator", self.engine).latent(structures)
