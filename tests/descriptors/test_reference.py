"""Adsorption energies are formed in one place, from relaxed energies of one level."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ase import Atoms
from ase.build import bulk
from ase.constraints import FixAtoms

from screening.descriptors.reference import RelaxedState, adsorption_energy
from screening.errors import LevelError, TaskError
from screening.structure.level import Level

LEVEL = Level("toy", "", "none", "none", "1")


def host_atoms() -> Atoms:
    atoms = Atoms("Cu4", positions=[(0, 0, 0), (0, 3, 0), (3, 0, 0), (3, 3, 0)], cell=(6, 6, 20))
    atoms.pbc = (True, True, False)
    atoms.set_constraint(FixAtoms([0, 1]))
    return atoms


def with_ions(count: int, ion: str = "Li") -> Atoms:
    atoms = host_atoms()
    for index in range(count):
        atoms += Atoms(ion, positions=[(1.5 + 3 * index, 1.5, 2)])
    return atoms


HOST = RelaxedState(host_atoms(), -12.0, True, LEVEL)
METAL = RelaxedState(bulk("Li", "bcc", a=3.5, cubic=True), -4.0, True, LEVEL)


@pytest.mark.parametrize(("count", "energy", "expected"), [(1, -14.5, -0.5), (2, -17.0, -0.5)])
def test_energy_is_per_ion_and_relative_to_an_atom_of_bulk_metal(
    count: int, energy: float, expected: float
) -> None:
    adsorbed = RelaxedState(with_ions(count), energy, True, LEVEL)
    assert adsorption_energy(adsorbed, HOST, METAL) == pytest.approx(expected, abs=1e-12)


def test_host_and_metal_cancel_exactly_when_nothing_binds() -> None:
    adsorbed = RelaxedState(with_ions(1), HOST.energy_ev + METAL.energy_ev / 2, True, LEVEL)
    assert adsorption_energy(adsorbed, HOST, METAL) == 0.0


@pytest.mark.parametrize("change", [{"dispersion": "d3bj"}, {"weights": "x"}, {"version": "2"}])
def test_energies_of_different_level_are_never_subtracted(change: dict[str, str]) -> None:
    adsorbed = RelaxedState(with_ions(1), -14.0, True, replace(LEVEL, **change))
    with pytest.raises(LevelError, match="different level"):
        adsorption_energy(adsorbed, HOST, METAL)


@pytest.mark.parametrize("which", ["adsorbed", "host", "metal"])
def test_an_unconverged_structure_has_no_way_in(which: str) -> None:
    states = {"adsorbed": RelaxedState(with_ions(1), -14.0, True, LEVEL)}
    states |= {"host": HOST, "metal": METAL}
    states[which] = replace(states[which], converged=False)
    with pytest.raises(TaskError, match=f"the {which} structure is not converged"):
        adsorption_energy(**states)


def _other_cell(atoms: Atoms) -> None:
    atoms.cell[0] *= 1.01


def _other_constraint(atoms: Atoms) -> None:
    atoms.set_constraint()


def _other_order(atoms: Atoms) -> None:
    atoms.numbers = atoms.numbers[::-1].copy()


@pytest.mark.parametrize(
    ("fault", "message"),
    [(_other_cell, "cells"), (_other_constraint, "constraints"), (_other_order, "order")],
)
def test_a_structure_of_another_host_is_refused(fault, message: str) -> None:
    atoms = with_ions(1)
    fault(atoms)
    with pytest.raises(TaskError, match=message):
        adsorption_energy(RelaxedState(atoms, -14.0, True, LEVEL), HOST, METAL)


@pytest.mark.parametrize("ion", ["Na", "Mg"])
def test_the_reference_metal_must_be_the_metal_of_the_ion(ion: str) -> None:
    with pytest.raises(TaskError, match=r"metal|expected ions"):
        adsorption_energy(RelaxedState(with_ions(1, ion), -14.0, True, LEVEL), HOST, METAL)
