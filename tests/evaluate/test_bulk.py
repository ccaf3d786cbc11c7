"""The reference metal is relaxed by its own calculator."""

from __future__ import annotations

import pytest
from ase.calculators.emt import EMT

from screening.errors import TaskError
from screening.evaluate import Potential, relax_bulk
from screening.units import IONS, Ion
from tests.toys import METAL_EV, METAL_LATTICE_A, EggBox


@pytest.mark.parametrize("ion", IONS)
def test_the_known_minimum_is_found_to_a_micro_electronvolt(ion: Ion) -> None:
    metal = relax_bulk(ion, Potential(EggBox()))
    assert metal.energy_ev == pytest.approx(METAL_EV, abs=1e-6)
    assert metal.lattice_a == pytest.approx(METAL_LATTICE_A[ion], abs=1e-3)
    assert len(metal.atoms) == 1


class FarAway(EggBox):
    """A metal twice as large as it should be."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        self.results["energy"] = -atoms.get_volume()


def test_a_metal_without_a_minimum_near_experiment_is_an_error() -> None:
    with pytest.raises(TaskError, match=r"bulk bcc Na has no minimum between"):
        relax_bulk("Na", Potential(FarAway()))


def test_an_engine_that_does_not_know_the_metal_says_so() -> None:
    with pytest.raises(TaskError, match="Li"):
        relax_bulk("Li", Potential(EMT()))
