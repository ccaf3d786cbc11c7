"""The free energy of an ion in the egg box, whose modes, sites and metal are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.data import atomic_masses, atomic_numbers
from ase.units import kB
from pydantic import ValidationError

from screening.descriptors import Row
from tests.pipeline.test_driver import TIGHT, drive
from tests.pipeline.toolbox import TOY, protocols, workflow
from tests.toys import CORRUGATION_EV, E_ADS_EV, LATTICE_A, STIFFNESS_EV_A2, EggBox

METAL_EV_A2 = 1.5
SIDEWAYS = CORRUGATION_EV * (2 * np.pi / LATTICE_A) ** 2
HBAR_EV_S = 6.582119569e-16
OMEGA = np.sqrt(1.602176634e-19 * 1e20 / 1.66053906660e-27)
"""Angular frequency of 1 u on a spring of 1 eV/Å², 1/s."""
HOLLOWS = 4


class Crystalline(EggBox):
    """Atoms of the metal are held to their lattice points, multiples of a quarter of the cell."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        if (atoms.numbers == atoms.numbers[0]).all() and atoms.numbers[0] != 29:
            ideal = np.round(4 * atoms.get_scaled_positions(wrap=False)) / 4 @ atoms.cell.array
            self.results["forces"] = -METAL_EV_A2 * (atoms.positions - ideal)


def make_crystalline() -> Crystalline:
    return Crystalline()


def screened(tmp_path: Path, ion: str, temperature: float, maker: str) -> tuple[Row, dict]:
    flow = workflow(
        ions=(ion,),
        calculator=maker,
        descriptors={"free_energy": {"temperature_k": temperature}},
        **TIGHT,
    )
    (row,), tally = drive(tmp_path / "a.db", protocols(flow))
    return row, tally.done


def harmonic(curvature: float, ion: str, temperature: float) -> float:
    quantum = HBAR_EV_S * OMEGA * np.sqrt(curvature / atomic_masses[atomic_numbers[ion]])
    heat = kB * temperature
    return quantum / 2 + heat * np.log1p(-np.exp(-quantum / heat))


@pytest.mark.parametrize(("ion", "temperature"), [("Li", 300.0), ("K", 300.0), ("Li", 77.0)])
def test_every_part_has_its_known_value(tmp_path: Path, ion: str, temperature: float) -> None:
    maker = "tests.pipeline.test_free_energy:make_crystalline"
    row, done = screened(tmp_path, ion, temperature, maker)
    well = 2 * harmonic(SIDEWAYS, ion, temperature) + harmonic(STIFFNESS_EV_A2, ion, temperature)
    metal = 3 * harmonic(METAL_EV_A2, ion, temperature)
    x = 1 / HOLLOWS
    disorder = kB * temperature * (np.log(x) + (1 - x) / x * np.log(1 - x))
    # Central differences of a cosine soften the sideways modes by 3e-4.
    assert row["g_ads_ev"] == pytest.approx(E_ADS_EV + well - metal + disorder, abs=1e-4)
    assert row["g_ads_temperature_k"] == temperature
    assert row.status == "ok"
    assert done["modes"] == 2
    assert row.force_calls["free_energy"] == 12


def test_a_metal_that_nothing_holds_has_no_free_energy_and_the_row_says_so(tmp_path: Path) -> None:
    row, _ = screened(tmp_path, "Li", 300.0, TOY)
    assert (row["g_ads_ev"], row["g_ads_temperature_k"]) == (None, None)
    assert "free energy: bulk metal: 3 of 3 modes are imaginary" in row.reason
    assert row.status == "partial"
    assert row["e_ads_ev"] == pytest.approx(E_ADS_EV, abs=1e-6)


@pytest.mark.parametrize("temperature", [0.0, -5.0, float("nan"), "300", 1e5])
def test_impossible_temperatures_are_refused(temperature: object) -> None:
    with pytest.raises(ValidationError, match="temperature_k"):
        workflow(descriptors={"free_energy": {"temperature_k": temperature}})
