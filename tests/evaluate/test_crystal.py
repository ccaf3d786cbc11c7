"""Crystals relaxed with their cells, by ASE's own EMT and by a network."""

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT

from screening.builders.phases import shipped_phases, space_group
from screening.calculators import resolve
from screening.errors import TaskError
from screening.evaluate import Potential
from screening.evaluate.crystal import relax_crystal


def test_the_lattice_constant_is_where_the_energy_is_least() -> None:
    start = bulk("Cu", "fcc", a=3.9)
    before = start.copy()
    found = relax_crystal(start, Potential(EMT()), fmax=1e-4, max_steps=100)
    a = (4 * found.atoms.cell.volume) ** (1 / 3)
    energies = []
    for factor in (0.999, 1.0, 1.001):
        cell = bulk("Cu", "fcc", a=a * factor)
        cell.calc = EMT()
        energies.append(cell.get_potential_energy())
    assert found.converged
    assert energies[1] == pytest.approx(found.energy_ev, abs=1e-9)
    assert energies[1] < min(energies[0], energies[2])
    assert start == before
    assert found.atoms.calc is None
    assert not found.atoms.constraints


def test_the_size_of_the_cell_does_not_matter() -> None:
    one = relax_crystal(bulk("Ag", "fcc", a=4.0), Potential(EMT()), fmax=1e-3, max_steps=100)
    eight = bulk("Ag", "fcc", a=4.0).repeat(2)
    many = relax_crystal(eight, Potential(EMT()), fmax=1e-3, max_steps=100)
    assert many.energy_ev / 8 == pytest.approx(one.energy_ev, abs=1e-6)


def test_a_tetragonal_start_keeps_its_group_and_takes_its_own_ratio() -> None:
    start = bulk("Cu", "fcc", a=3.61, cubic=True)
    start.set_cell(start.cell * np.array([1, 1, 1.15]), scale_atoms=True)
    found = relax_crystal(start, Potential(EMT()), fmax=1e-3, max_steps=200)
    lengths = found.atoms.cell.lengths()
    assert lengths[0] == pytest.approx(lengths[1], abs=1e-6)
    assert found.converged


def test_a_molecule_keeps_its_box() -> None:
    start = shipped_phases()["N2"].atoms
    found = relax_crystal(start, Potential(EMT()), fmax=1e-2, max_steps=50, fixed_cell=True)
    assert np.array_equal(found.atoms.cell, start.cell)


def test_too_few_steps_are_said() -> None:
    found = relax_crystal(bulk("Cu", "fcc", a=4.0), Potential(EMT()), fmax=1e-4, max_steps=1)
    assert not found.converged
    assert found.fmax_ev_a > 1e-4


class _NoStress(Calculator):
    implemented_properties = ("energy", "forces")

    def calculate(self, atoms=None, properties=None, system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.results = {"energy": 0.0, "forces": np.zeros((len(atoms), 3))}


def test_an_engine_without_stress_says_so() -> None:
    with pytest.raises(TaskError, match="stress"):
        relax_crystal(bulk("Cu"), Potential(_NoStress()), fmax=0.1, max_steps=5)


@pytest.mark.potential
@pytest.mark.parametrize("name", ["LiAl", "Li2O", "LiBi"])
def test_phases_relaxed_by_the_network_stay_what_they_are(name: str) -> None:
    start = shipped_phases()[name].atoms
    found = relax_crystal(start, Potential(resolve("sevennet").make()), fmax=0.03, max_steps=100)
    assert found.converged
    assert found.atoms.cell.volume == pytest.approx(start.cell.volume, rel=0.08)
    assert space_group(found.atoms, 0.03) == shipped_phases()[name].crystal.spacegroup
