"""Current, overpotential and temperature: by hand, and by their limits."""

from __future__ import annotations

import numpy as np
import pytest

from screening.electrochemistry import (
    arrhenius,
    contact_factor,
    critical_atoms,
    default_electrolyte,
    limiting_current_a_m2,
    local_current_a_m2,
    nucleation_barrier_ev,
    overpotential_v,
    sand_time_s,
    thermal_energy_ev,
)
from screening.errors import InputError

SALT = {"diffusivity_m2_s": 3e-10, "concentration_mol_m3": 1000.0, "transference": 0.3}
METAL = {"surface_energy_j_m2": 0.5, "molar_volume_m3": 1.3e-5}


def test_overpotential_solves_butler_volmer() -> None:
    eta = overpotential_v([0.1, 10, 1000], exchange_a_m2=10.0, temperature_k=298.15)
    kt = thermal_energy_ev(298.15)
    back = 10.0 * (np.exp(0.5 * eta / kt) - np.exp(-0.5 * eta / kt))
    assert back == pytest.approx([0.1, 10, 1000], rel=1e-9)


def test_overpotential_is_ohmic_at_small_and_tafel_at_large_currents() -> None:
    kt = float(thermal_energy_ev(300.0))
    small = overpotential_v(1e-4, exchange_a_m2=1.0, temperature_k=300.0)
    assert small == pytest.approx(kt * 1e-4, rel=1e-6)
    once, ten = overpotential_v([1e6, 1e7], exchange_a_m2=1.0, temperature_k=300.0)
    assert ten - once == pytest.approx(2 * kt * np.log(10), rel=1e-6)


def test_a_three_dimensional_host_thins_the_current() -> None:
    assert local_current_a_m2(10.0, 20.0) == pytest.approx(0.5)
    with pytest.raises(InputError, match="area_factor"):
        local_current_a_m2(10.0, 0.5)


def test_arrhenius() -> None:
    assert arrhenius(0.5, 298.15, 298.15) == pytest.approx(1)
    assert arrhenius(0.0, 350.0, 298.15) == pytest.approx(1)
    # exp(-0.5 / 8.617333e-5 * (1/308.15 - 1/298.15)) = 1.8804
    assert arrhenius(0.5, 308.15, 298.15) == pytest.approx(1.8804, rel=1e-4)


def test_contact_factor_at_the_angles_that_need_no_formula() -> None:
    assert contact_factor([0, 90, 180]) == pytest.approx([0, 0.5, 1], abs=1e-12)
    with pytest.raises(InputError, match="0 to 180"):
        contact_factor(181)


def test_a_cap_has_its_share_of_the_atoms_and_of_the_barrier() -> None:
    for function in (critical_atoms, nucleation_barrier_ev):
        whole, cap = function(0.1, **METAL), function(0.1, **METAL, angle_deg=60.0)
        assert cap / whole == pytest.approx(2.5 * 0.25 / 4)


def test_a_separator_divides_the_limiting_current_and_shortens_sands_time() -> None:
    free, held = (limiting_current_a_m2(25e-6, **SALT, macmullin=n) for n in (1, 5))
    assert free / held == pytest.approx(5)
    free, held = (sand_time_s(10.0, **SALT, macmullin=n, porosity=e) for n, e in ((1, 1), (5, 0.4)))
    assert free / held == pytest.approx(5 / 0.4)


@pytest.mark.parametrize(("name", "value"), [("macmullin", 0.5), ("porosity", 1.5)])
def test_impossible_separators_are_refused(name: str, value: float) -> None:
    with pytest.raises(InputError, match=name):
        sand_time_s(10.0, **SALT, **{name: value})


def test_an_electrolyte_at_another_temperature() -> None:
    salt = default_electrolyte("Li")
    warm = salt.at(318.15)
    assert warm.temperature_k == 318.15
    assert warm.diffusivity_m2_s / salt.diffusivity_m2_s == pytest.approx(
        float(arrhenius(salt.diffusivity_activation_ev, 318.15, salt.temperature_k))
    )
    assert warm.exchange_a_m2 > salt.exchange_a_m2  # type: ignore[operator]
    assert salt.at(salt.temperature_k) == salt


def test_shipped_separators_bring_the_limiting_current_to_what_cells_see() -> None:
    salt = default_electrolyte("Li")
    limit = limiting_current_a_m2(
        salt.distance_m,
        diffusivity_m2_s=salt.diffusivity_m2_s,
        concentration_mol_m3=salt.concentration_mol_m3,
        transference=salt.transference,
        macmullin=salt.macmullin,
    )
    assert float(limit) / 10 == pytest.approx(66.3, abs=0.1)
