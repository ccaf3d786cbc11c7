"""Critical nuclei: by hand, and by how they scale with overpotential and temperature."""

from __future__ import annotations

import numpy as np
import pytest

from screening.electrochemistry import (
    MOLAR_VOLUME_M3,
    critical_atoms,
    critical_radius_m,
    nucleation_barrier_ev,
    nucleation_rate,
    thermal_energy_ev,
)
from screening.errors import InputError

METAL = {"surface_energy_j_m2": 0.5, "molar_volume_m3": 1.3e-5}
CHARGE = 1.602176634e-19


def test_radius_by_hand() -> None:
    # 2 * 0.5 * 1.3e-5 / (96485.33212 * 0.1) = 1.347355e-9 m
    assert float(critical_radius_m(0.1, **METAL)) == pytest.approx(1.347355e-9, rel=1e-6)


def test_barrier_by_hand() -> None:
    # 16 pi * 0.125 * 1.69e-10 / (3 * 9648.533212^2) = 3.802085e-18 J, over 1.602177e-19
    assert float(nucleation_barrier_ev(0.1, **METAL)) == pytest.approx(23.7308, rel=1e-5)


def test_barrier_is_a_third_of_the_surface_energy_of_the_critical_nucleus() -> None:
    surface = 4 * np.pi * critical_radius_m(0.2, **METAL) ** 2 * 0.5 / CHARGE
    assert nucleation_barrier_ev(0.2, **METAL) == pytest.approx(surface / 3, rel=1e-9)


def test_barrier_is_half_the_electrical_work_of_the_critical_nucleus() -> None:
    work = critical_atoms(0.2, **METAL) * 0.2
    assert nucleation_barrier_ev(0.2, **METAL) == pytest.approx(work / 2, rel=1e-9)


def test_scaling_with_overpotential() -> None:
    low, high = np.array([0.05, 0.15])
    eta = [low, high]
    radius, barrier, atoms = (
        f(eta, **METAL) for f in (critical_radius_m, nucleation_barrier_ev, critical_atoms)
    )
    assert radius[0] / radius[1] == pytest.approx(3, rel=1e-12)
    assert barrier[0] / barrier[1] == pytest.approx(9, rel=1e-12)
    assert atoms[0] / atoms[1] == pytest.approx(27, rel=1e-12)


def test_barrier_grows_as_the_cube_of_the_surface_energy() -> None:
    soft, hard = nucleation_barrier_ev(0.1, **(METAL | {"surface_energy_j_m2": [0.2, 0.4]}))
    assert hard / soft == pytest.approx(8, rel=1e-12)


def test_rate_without_barrier_is_one_and_falls_by_e_for_each_kt() -> None:
    kt = thermal_energy_ev(300.0)
    assert kt == pytest.approx(0.0258520, abs=1e-7)
    rates = nucleation_rate([0.0, float(kt), 2 * float(kt)], 300.0)
    assert rates == pytest.approx([1, np.exp(-1), np.exp(-2)], rel=1e-12)


def test_the_same_barrier_is_crossed_more_often_when_hot() -> None:
    cold, hot = nucleation_rate(0.5, [273.0, 333.0])
    assert hot > cold


def test_molar_volumes_are_those_of_the_handbook_densities() -> None:
    # g/cm3 near room temperature
    volumes = {"Li": 6.94 / 0.534, "Na": 22.990 / 0.97, "K": 39.098 / 0.862}
    found = {metal: 1e6 * volume for metal, volume in MOLAR_VOLUME_M3.items()}
    assert found == pytest.approx(volumes, rel=0.01)


@pytest.mark.parametrize("function", [critical_radius_m, critical_atoms, nucleation_barrier_ev])
@pytest.mark.parametrize("eta", [0.0, -0.1, np.nan, np.inf])
def test_without_a_driving_force_there_is_no_nucleus(function, eta: float) -> None:
    with pytest.raises(InputError, match="overpotential_v"):
        function(eta, **METAL)


def test_negative_barriers_and_temperatures_are_refused() -> None:
    with pytest.raises(InputError, match="barrier_ev"):
        nucleation_rate(-0.1, 300.0)
    with pytest.raises(InputError, match="temperature_k"):
        nucleation_rate(0.1, 0.0)
