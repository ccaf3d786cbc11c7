"""Dispersion as one switch for all engines: D3 with Becke–Johnson damping (s-dftd3).

Grimme, Antony, Ehrlich, Krieg, J. Chem. Phys. 132, 154104 (2010), doi:10.1063/1.3382344;
Grimme, Ehrlich, Goerigk, J. Comput. Chem. 32, 1456 (2011), doi:10.1002/jcc.21759.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from screening.calculators.base import CalculatorSpec
from screening.calculators.models import package_version
from screening.calculators.total import add
from screening.errors import CalculatorError
from screening.structure.level import Level

PARAMETERS = {"PBE": "pbe", "r2SCAN": "r2scan"}
"""Functionals that D3(BJ) has published parameters for, by their name in s-dftd3."""


def add_d3bj(spec: CalculatorSpec, where: str) -> CalculatorSpec:
    """Return the spec of the same engine with D3(BJ) of its functional added.

    Raises
    ------
    CalculatorError
        If the functional has no parameters, or dispersion is already part of it.
    """
    method = PARAMETERS.get(spec.functional)
    if method is None:
        raise CalculatorError(
            f"calculator {spec.name!r} ({spec.functional}) cannot take dispersion d3bj: "
            f"its functional has no D3(BJ) parameters or contains dispersion already",
            where=where,
            allowed=f"none; or an engine of {', '.join(PARAMETERS)}",
        )
    return replace(
        spec,
        level=functools.partial(_level, spec.level),
        make=functools.partial(_make, spec.make, method),
        modules=(*spec.modules, "dftd3"),
        extra=",".join(filter(None, (spec.extra, "d3"))),
    )


def _level(engine: Callable[[], Level]) -> Level:
    level = engine()
    settings = dict(level.settings) | {"s-dftd3": package_version("dftd3")}
    return replace(level, dispersion="d3bj", settings=tuple(sorted(settings.items())))


def _make(engine: Callable[[], Calculator], method: str) -> Calculator:
    from dftd3.ase import DFTD3  # noqa: PLC0415 (an optional engine)

    return add(engine(), _Turned(DFTD3(method=method, damping="d3bj")))


class _Turned(Calculator):
    """D3, but that sheets and tubes are turned before it sees them.

    Their first vector comes to lie along x and their second in the xy plane: elsewhere s-dftd3 sums
    over other images, and a slab differs by some 1e-5 eV/atom.
    """

    def __init__(self, d3: Calculator) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.implemented_properties = ["energy", "forces", "stress"]
        self.d3 = d3

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        super().calculate(atoms, properties, system_changes)  # type: ignore[no-untyped-call]
        for name in properties:
            self.results[name] = self._value(name, atoms)

    def _value(self, name: str, atoms: Atoms | None) -> np.ndarray:
        if atoms is None or atoms.pbc.all() or not atoms.pbc.any() or name == "stress":
            return np.array(self.d3.get_property(name, atoms))
        cell, turn = atoms.cell.standard_form()
        turned = Atoms(atoms.numbers, atoms.positions @ turn.T, cell=cell, pbc=atoms.pbc)
        value = np.array(self.d3.get_property(name, turned))
        return value @ turn if name == "forces" else value
