from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk, fcc111
from ase.calculators import emt as ase_emt
from ase.units import GPa

from screening.calculators import resolve
from screening.calculators.contract import check_calculator

MEASURED = {"Li": (3.491, 1.63, 11.6), "Na": (4.225, 1.113, 6.8), "K": (5.225, 0.934, 3.2)}
"""Lattice constant (Å), cohesive energy (eV/atom), bulk modulus (GPa); Kittel, 8th ed."""


@pytest.mark.parametrize("symbol", MEASURED)
def test_alkali_metals_have_the_measured_bulk_properties(symbol: str) -> None:
    length, cohesive, modulus = MEASURED[symbol]
    calculator = resolve("emt").make()
    atom = bulk(symbol, "bcc", a=50.0)
    scales = np.linspace(0.98, 1.02, 5)
    cells = [bulk(symbol, "bcc", a=length * scale) for scale in scales]
    energies = [calculator.get_potential_energy(cell) for cell in cells]
    volumes = np.array([cell.get_volume() for cell in cells])
    curve = np.poly1d(np.polyfit(volumes, energies, 3))
    volume = max(root.real for root in curve.deriv().roots if curve.deriv(2)(root.real) > 0)
    assert (2 * volume) ** (1 / 3) == pytest.approx(length, rel=2e-3)
    isolated = calculator.get_potential_energy(atom)
    assert isolated - curve(volume) == pytest.approx(cohesive, rel=2e-3)
    assert volume * curve.deriv(2)(volume) / GPa == pytest.approx(modulus, rel=0.03)


def test_noble_metals_keep_the_lattice_constants_of_ase() -> None:
    ours, theirs = resolve("emt").make(), ase_emt.EMT()
    for symbol in ("Cu", "Ag", "Pt"):
        cell = bulk(symbol)
        assert ours.get_potential_energy(cell) == pytest.approx(
            theirs.get_potential_energy(cell), abs=0.02
        )


def test_the_table_of_ase_is_untouched() -> None:
    resolve("emt").make().get_potential_energy(bulk("Li"))
    assert "Li" not in ase_emt.parameters


def test_a_larger_ion_sits_higher_above_a_metal() -> None:
    heights = []
    for symbol in ("Li", "Na", "K"):
        slab = fcc111("Cu", (3, 3, 3), vacuum=8.0)
        hollow = slab.positions[-1] + (slab.cell[0] + slab.cell[1]) / 9
        calculator = resolve("emt").make()
        energies = {}
        for height in np.arange(1.6, 4.2, 0.1):
            work = slab.copy()
            work.append(symbol)
            work.positions[-1] = hollow + np.array([0, 0, height])
            energies[height] = calculator.get_potential_energy(work)
        heights.append(min(energies, key=energies.__getitem__))
    assert heights == sorted(heights)
    assert heights[0] < heights[2]


@pytest.mark.parametrize("elements", [["Cu", "Li"], ["Al", "Na", "K"], ["Pt", "O"]])
def test_contract(elements: list[str]) -> None:
    assert check_calculator(resolve("emt"), elements) == []
