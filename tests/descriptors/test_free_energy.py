"""Free energies with known answers, and what has none."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk
from ase.units import kB
from scipy.integrate import quad

from screening.calculators import resolve
from screening.descriptors.free_energy import (
    lattice_gas_free_energy,
    metal_crystal,
    vibrational_free_energy,
)
from screening.errors import TaskError
from screening.evaluate import Potential, atom_modes
from screening.units import BCC_LATTICE_A

H_EV_S = 4.135667696e-15
DEBYE_LI_K = 344.0
"""Kittel, 8th ed., ch. 5, table 1."""


@pytest.mark.parametrize("temperature", [10.0, 300.0, 1200.0])
def test_harmonic_well_of_known_frequencies(temperature: float) -> None:
    frequencies = (0.7, 3.0, 11.0)
    quanta = H_EV_S * 1e12 * np.array(frequencies)
    expected = quanta / 2 + kB * temperature * np.log1p(-np.exp(-quanta / (kB * temperature)))
    found = vibrational_free_energy(frequencies, temperature)
    assert found == pytest.approx(expected.sum(), abs=1e-6)


@pytest.mark.parametrize("frequencies", [(), (1.0, 2.0), (0.0, 1.0, 2.0)])
def test_a_saddle_has_no_free_energy(frequencies) -> None:
    with pytest.raises(TaskError, match="imaginary"):
        vibrational_free_energy(frequencies, 300.0)


@pytest.mark.parametrize("coverage", [0.01, 0.25, 0.5, 0.9])
def test_the_entropy_is_the_mean_of_the_differential_one_over_the_filling(coverage) -> None:
    integral, _ = quad(lambda x: kB * 300 * np.log(x / (1 - x)), 0, coverage)
    assert lattice_gas_free_energy(coverage, 300.0) == pytest.approx(integral / coverage, abs=1e-6)


def test_half_a_layer_has_two_places_a_particle_and_a_full_one_no_choice() -> None:
    assert lattice_gas_free_energy(0.5, 300.0) == pytest.approx(-2 * np.log(2) * kB * 300, abs=1e-9)
    assert lattice_gas_free_energy(1.0, 300.0) == 0.0


@pytest.mark.parametrize("coverage", [0.0, -0.1, 1.1, float("nan")])
def test_impossible_coverages_are_refused(coverage: float) -> None:
    with pytest.raises(ValueError, match="coverage"):
        lattice_gas_free_energy(coverage, 300.0)


def test_the_crystal_is_the_same_bcc_metal_in_a_cubic_cell() -> None:
    primitive = bulk("Na", "bcc", a=4.2)
    before = primitive.copy()
    crystal = metal_crystal(primitive)
    assert primitive == before
    assert len(crystal) == 16
    assert crystal.pbc.all()
    assert crystal.cell.cellpar() == pytest.approx([8.4, 8.4, 8.4, 90, 90, 90])
    distances = crystal.get_all_distances(mic=True)[0]
    assert np.sort(distances)[1:9] == pytest.approx(np.sqrt(3) / 2 * 4.2)


@pytest.mark.potential
def test_the_metals_mode_is_that_of_its_debye_temperature() -> None:
    """Second moment of a Debye spectrum: nu_Einstein = sqrt(3/5) nu_Debye."""
    pytest.importorskip("sevenn")
    crystal = metal_crystal(bulk("Li", "bcc", a=BCC_LATTICE_A["Li"]))
    modes = atom_modes(crystal, 0, Potential(resolve("sevennet").make()))
    expected = np.sqrt(3 / 5) * kB * DEBYE_LI_K / H_EV_S / 1e12
    assert modes.frequencies_thz == pytest.approx([expected] * 3, rel=0.15)
