"""Charges and work functions from engines that have them; None from others."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc100

from screening.calculators import resolve
from screening.errors import TaskError
from screening.evaluate import Potential, electronic_property
from tests.toys import EggBox, square_host

QUICK = {"cutoff_ev": 250.0, "kpoint_density_a": 1.5}


class Broken(EggBox):
    implemented_properties = ("energy", "forces", "charges")
    answer: object = None

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        if self.answer is None:
            raise RuntimeError("no convergence")
        super().calculate(atoms, properties, system_changes)
        self.results["charges"] = self.answer


def lithium_on_aluminium() -> Atoms:
    slab = fcc100("Al", (1, 1, 2), a=4.05, vacuum=6.0)
    slab.pbc = (True, True, False)
    add_adsorbate(slab, "Li", 2.0, "hollow")
    slab.center(vacuum=5.0, axis=2)
    return slab


@pytest.mark.parametrize("name", ["charges", "work_functions"])
def test_an_engine_without_electrons_has_neither_and_is_not_called(name) -> None:
    potential = Potential(EggBox())
    assert electronic_property(name, square_host(), potential) is None
    assert potential.force_calls == 0


def test_an_engine_that_fails_or_returns_nonsense_is_a_failure_with_its_reason() -> None:
    engine = Broken()
    with pytest.raises(TaskError, match="RuntimeError: no convergence"):
        electronic_property("charges", square_host(), Potential(engine))
    engine.answer = np.array([np.nan])
    with pytest.raises(TaskError, match="not finite"):
        electronic_property("charges", square_host(), Potential(engine))


def test_xtb_sees_lithium_give_its_electron_to_fluorine() -> None:
    pytest.importorskip("tblite")
    molecule = Atoms("LiF", [(0, 0, 0), (0, 0, 1.56)])
    before, potential = molecule.copy(), Potential(resolve("xtb").make())
    charges = electronic_property("charges", molecule, potential)
    assert charges is not None
    assert 0.3 < charges[0] < 1.0
    assert charges.sum() == pytest.approx(0.0, abs=1e-6)
    assert potential.force_calls == 1
    assert molecule == before
    assert electronic_property("work_functions", molecule, potential) is None


@pytest.mark.dft
def test_lithium_lowers_the_work_function_of_the_face_it_sits_on() -> None:
    pytest.importorskip("gpaw")
    potential = Potential(resolve("gpaw", options=QUICK).make())
    atoms = lithium_on_aluminium()
    clean = electronic_property("work_functions", atoms[:-1], potential)
    covered = electronic_property("work_functions", atoms, potential)
    turned = atoms.copy()
    turned.positions[:, 2] = atoms.cell[2, 2] - atoms.positions[:, 2]
    # By a new engine: from the density of the other face it takes three times as long.
    anew = Potential(resolve("gpaw", options=QUICK).make())
    below = electronic_property("work_functions", turned, anew)
    assert clean is not None
    assert covered is not None
    assert clean[0] == pytest.approx(clean[1], abs=0.03)
    assert covered[0] < covered[1] - 0.1
    assert below == pytest.approx(covered[::-1], abs=0.03)


@pytest.mark.dft
def test_charges_of_gpaw_nearly_sum_to_zero_and_leave_the_next_energy_right() -> None:
    pytest.importorskip("gpaw")
    engine = resolve("gpaw", options=QUICK).make()
    molecule = Atoms("LiH", [(0, 0, 0), (0, 0, 1.6)], cell=[6, 6, 7], pbc=True)
    slab = lithium_on_aluminium()
    energy = engine.get_potential_energy(slab)
    charges = electronic_property("charges", molecule, Potential(engine))
    assert charges is not None
    assert charges[0] > 0.2
    assert charges.sum() == pytest.approx(0.0, abs=0.05)
    fresh = resolve("gpaw", options=QUICK).make()
    expected = fresh.get_potential_energy(molecule)
    assert engine.get_potential_energy(molecule) == pytest.approx(expected, abs=1e-3)
    assert engine.get_potential_energy(slab) == pytest.approx(energy, abs=1e-3)


@pytest.mark.dft
@pytest.mark.skipif(shutil.which("mpiexec") is None, reason="no MPI here")
@pytest.mark.parametrize("name", ["charges", "work_functions"])
def test_two_ranks_tell_what_one_tells(name) -> None:
    pytest.importorskip("gpaw")
    one, two = (
        electronic_property(
            name,
            lithium_on_aluminium(),
            Potential(resolve("gpaw", options=QUICK | {"ranks": n}).make()),
        )
        for n in (1, 2)
    )
    assert two == pytest.approx(one, abs=1e-3)


@pytest.mark.dft
def test_gpaw_tells_no_work_function_without_a_dipole_layer() -> None:
    pytest.importorskip("gpaw")
    potential = Potential(resolve("gpaw", options=QUICK).make())
    molecule = Atoms("LiH", [(0, 0, 0), (0, 0, 1.6)], cell=[6, 6, 7], pbc=True)
    assert electronic_property("work_functions", molecule, potential) is None
