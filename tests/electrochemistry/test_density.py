"""Rate and density of nuclei: by hand, and by what drives them."""

from __future__ import annotations

import numpy as np
import pytest

from screening.electrochemistry import (
    critical_atoms,
    nucleation_barrier_ev,
    nucleation_rate_m2_s,
    nuclei_density_m2,
)
from screening.errors import InputError

METAL = {"surface_energy_j_m2": 0.5, "molar_volume_m3": 1.3e-5}
CELL = {**METAL, "exchange_a_m2": 10.0, "temperature_k": 300.0, "angle_deg": 30.0}
BATH = {"diffusivity_m2_s": 3e-10, "concentration_mol_m3": 1000.0, "molar_volume_m3": 1.3e-5}
KT = 0.0258519997
CHARGE = 1.602176634e-19


def test_rate_by_hand() -> None:
    eta, cosine = 0.1, np.sqrt(3) / 2
    radius = 2 * 0.5 * 1.3e-5 / (96485.33212 * eta)
    share = (2 - 3 * cosine + cosine**3) / 4
    barrier = 16 * np.pi * 0.5**3 * 1.3e-5**2 / (3 * (96485.33212 * eta) ** 2) * share / CHARGE
    atoms = 4 / 3 * np.pi * radius**3 * share * 6.02214076e23 / 1.3e-5
    places = (6.02214076e23 / 1.3e-5) ** (2 / 3)
    attachment = 10 / CHARGE * 2 * np.pi * radius**2 * (1 - cosine) * np.exp(eta / (2 * KT))
    expected = places * np.sqrt(barrier / (3 * np.pi * KT)) / atoms * attachment
    expected *= np.exp(-barrier / KT)
    assert float(nucleation_rate_m2_s(eta, **CELL)) == pytest.approx(expected, rel=1e-6)


def test_density_by_hand() -> None:
    constant = 4 / 3 * np.sqrt(8 * np.pi * 1000 * 1.3e-5)
    expected = np.sqrt(1e12 / (2 * constant * 3e-10))
    assert float(nuclei_density_m2(1e12, **BATH)) == pytest.approx(expected, rel=1e-12)


def test_four_times_the_rate_makes_twice_the_nuclei_and_no_rate_none() -> None:
    low, high = nuclei_density_m2([1e10, 4e10], **BATH)
    assert high / low == pytest.approx(2, rel=1e-12)
    assert nuclei_density_m2(0.0, **BATH) == 0


def test_zeldovichs_factor_is_that_of_the_curvature_on_top_of_the_barrier() -> None:
    """``[-G''(N*) / 2 pi kT]^(1/2)`` of ``G(N) = a N^(2/3) - N eta``, taken numerically."""
    eta = 0.1
    size = float(critical_atoms(eta, **METAL, angle_deg=30.0))
    energy = lambda n: 1.5 * eta * size ** (1 / 3) * n ** (2 / 3) - n * eta  # noqa: E731
    assert energy(size) == pytest.approx(
        float(nucleation_barrier_ev(eta, **METAL, angle_deg=30.0)), rel=1e-9
    )
    step = size * 1e-3
    curved = (energy(size + step) - 2 * energy(size) + energy(size - step)) / step**2
    factor = np.sqrt(-curved / (2 * np.pi * KT))
    closed = np.sqrt(energy(size) / (3 * np.pi * KT)) / size
    assert closed == pytest.approx(factor, rel=1e-5)


def test_rate_grows_with_overpotential_exchange_current_and_wetting() -> None:
    rates = nucleation_rate_m2_s([0.05, 0.1, 0.2], **CELL)
    assert (np.diff(rates) > 0).all()
    slow, fast = nucleation_rate_m2_s(0.1, **(CELL | {"exchange_a_m2": [1.0, 10.0]}))
    assert fast / slow == pytest.approx(10, rel=1e-12)
    wets, stands = nucleation_rate_m2_s(0.1, **(CELL | {"angle_deg": [20.0, 60.0]}))
    assert wets > stands


@pytest.mark.parametrize(
    "wrong",
    [
        {"angle_deg": 0.0},
        {"angle_deg": 181.0},
        {"exchange_a_m2": 0.0},
        {"temperature_k": -1.0},
        {"surface_energy_j_m2": np.nan},
    ],
)
def test_what_makes_no_nucleus_is_refused(wrong) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        nucleation_rate_m2_s(0.1, **(CELL | wrong))
    with pytest.raises(InputError, match="rate_m2_s"):
        nuclei_density_m2(-1.0, **BATH)
