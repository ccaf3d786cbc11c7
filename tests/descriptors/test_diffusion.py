"""Diffusion on networks whose coefficients are known."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.units import kB

from screening.descriptors.diffusion import Station, diffusion_cm2_s, profile_thz, vibrations
from screening.geometry import Hop, Link

T = 300.0
WELL_THZ3, SADDLE_THZ2 = 24.0, 6.0
PREFACTOR_THZ = WELL_THZ3 / SADDLE_THZ2
SQUARE = 3.0 * np.eye(2, 3)
HEXAGONAL = 2.46 * np.array([[1.0, 0, 0], [-0.5, np.sqrt(3) / 2, 0]])
LINE = np.array([[0.0, 0.0, 4.0]])


def hop(name: str, *links: tuple, minima: tuple[int, int] = (0, 0)) -> Hop:
    return Hop(name, minima, Atoms(), Atoms(), 1.0, False, tuple(Link(*link) for link in links))


def rate(barrier_ev: float, temperature_k: float = T) -> float:
    """THz."""
    return PREFACTOR_THZ * np.exp(-barrier_ev / (kB * temperature_k))


def walk(hops, lattice, saddles_ev, minima_ev=(0.0,), temperature_k=T) -> float | None:
    """Diffusion coefficient, Å² THz."""
    found = diffusion_cm2_s(
        [Station(energy, WELL_THZ3) for energy in minima_ev],
        hops,
        {name: Station(energy, SADDLE_THZ2) for name, energy in saddles_ev.items()},
        lattice,
        temperature_k,
    )
    return None if found is None else found / 1e-4


XY = hop("xy", (0, 0, (1, 0)), (0, 0, (0, 1)))
STAR = hop("star", (0, 0, (1, 0)), (0, 0, (0, 1)), (0, 0, (1, 1)))


def test_square_lattice() -> None:
    assert walk([XY], SQUARE, {"xy": 0.3}) == pytest.approx(rate(0.3) * 9.0, rel=1e-9)


def test_six_neighbours_on_graphene() -> None:
    expected = 1.5 * rate(0.3) * 2.46**2
    assert walk([STAR], HEXAGONAL, {"star": 0.3}) == pytest.approx(expected, rel=1e-9)


def test_a_tube_has_one_direction() -> None:
    chain = hop("z", (0, 0, (1,)))
    assert walk([chain], LINE, {"z": 0.2}) == pytest.approx(rate(0.2) * 16.0, rel=1e-9)


def test_the_slowest_direction_counts() -> None:
    along, across = hop("x", (0, 0, (1, 0))), hop("y", (0, 0, (0, 1)))
    found = walk([along, across], SQUARE, {"x": 0.1, "y": 0.5})
    assert found == pytest.approx(rate(0.5) * 9.0, rel=1e-9)


def test_two_sites_in_a_row_act_like_resistors_in_series() -> None:
    """A chain of alternating hops with rates k1, k2 between sites of equal energy."""
    chain = [hop("1", (0, 1, (0,)), minima=(0, 1)), hop("2", (1, 0, (1,)), minima=(1, 0))]
    found = walk(chain, LINE, {"1": 0.2, "2": 0.25}, (0.0, 0.0))
    series = 1 / (1 / rate(0.2) + 1 / rate(0.25))
    assert found == pytest.approx(series / 2 * 16.0, rel=1e-9)


def test_a_deep_trap_holds_the_ion_back_by_its_occupation() -> None:
    trap = hop("trap", (0, 1, (0, 0)), minima=(1, 0))
    free = hop("xy", (1, 1, (1, 0)), (1, 1, (0, 1)))
    found = walk([free, trap], SQUARE, {"xy": 0.3, "trap": 0.4}, (0.0, -0.5))
    boltzmann = np.exp(-0.5 / (kB * T))
    assert found == pytest.approx(rate(0.3) * 9.0 * boltzmann / (1 + boltzmann), rel=1e-9)


def test_a_larger_cell_of_the_same_lattice_diffuses_alike() -> None:
    double = hop(
        "xy",
        *[(0, 1, (0, 0)), (1, 0, (1, 0)), (0, 0, (0, 1)), (1, 1, (0, 1))],
    )
    cell = SQUARE * [[2.0], [1.0]]
    assert walk([double], cell, {"xy": 0.3}) == pytest.approx(rate(0.3) * 9.0, rel=1e-9)


def test_the_honeycomb_of_two_kinds_of_hollow_is_solved_exactly() -> None:
    """fcc and hcp hollows: D = 3 k₁ k₂ / (k₁ + k₂) × (a/√3)² / 2 … = k a² / 4 if both are alike."""
    shell = hop("f-h", (0, 1, (0, 0)), (0, 1, (1, 0)), (0, 1, (0, 1)), minima=(0, 1))
    lattice = 2.46 * np.array([[1.0, 0, 0], [0.5, np.sqrt(3) / 2, 0]])
    found = walk([shell], lattice, {"f-h": 0.3}, (0.0, 0.0))
    assert found == pytest.approx(rate(0.3) * 2.46**2 / 4, rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_any_network_is_solved_as_its_definition_says(seed: int) -> None:
    """Against the minimum over phi by least squares, at rates that are not too different."""
    generator = np.random.default_rng(seed)
    minima = generator.uniform(0.0, 0.1, 6)
    ends = generator.integers(6, size=(40, 2)).tolist()
    vectors = generator.integers(-1, 2, size=(40, 2)).tolist()
    hops = [
        hop(str(i), (a, b, tuple(v)), minima=(a, b))
        for i, ((a, b), v) in enumerate(zip(ends, vectors, strict=True))
    ]
    saddles = {h.name: 0.2 + generator.uniform(0.0, 0.1) for h in hops}
    occupation = np.exp(-minima / (kB * T))
    flow = np.array([rate(saddles[h.name]) for h in hops]) / occupation.sum()
    incidence = np.zeros((40, 6))
    for row, (a, b) in enumerate(ends):
        incidence[row, b] += 1
        incidence[row, a] -= 1
    root = np.sqrt(flow)[:, None]
    targets = root * np.array(vectors)
    rest = targets - root * incidence @ np.linalg.lstsq(root * incidence, targets)[0]
    expected = np.linalg.eigvalsh(SQUARE[:, :2].T @ rest.T @ rest @ SQUARE[:, :2])[0]
    assert walk(hops, SQUARE, saddles, minima) == pytest.approx(expected, rel=1e-6)


def test_the_slow_direction_is_known_however_fast_the_other_is() -> None:
    along, across = hop("x", (0, 0, (1, 0))), hop("y", (0, 0, (1, 1)))
    found = walk([along, across], HEXAGONAL, {"x": 0.05, "y": 1.6})
    assert found == pytest.approx(rate(1.6) * (2.46 * np.sqrt(3) / 2) ** 2, rel=1e-6)


def test_very_different_rates_do_not_blur_each_other() -> None:
    along, across = hop("x", (0, 0, (1, 0))), hop("y", (0, 1, (0, 1)), minima=(0, 1))
    back = hop("z", (1, 0, (0, 0)), minima=(1, 0))
    found = walk([along, across, back], SQUARE, {"x": 0.01, "y": 0.8, "z": 0.1}, (0.0, 0.0))
    series = 1 / (1 / rate(0.8) + 1 / rate(0.1))
    assert found == pytest.approx(series / 2 * 9.0, rel=1e-6)


def test_no_way_out_of_the_cell_means_no_coefficient() -> None:
    assert walk([hop("x", (0, 0, (1, 0)))], SQUARE, {"x": 0.1}) is None
    assert walk([XY], SQUARE, {}) is None


def test_a_softer_saddle_is_crossed_more_often() -> None:
    stations = [Station(0.0, WELL_THZ3)]
    hard, soft = (
        diffusion_cm2_s(stations, [XY], {"xy": Station(0.3, modes)}, SQUARE, T)
        for modes in (SADDLE_THZ2, SADDLE_THZ2 / 2)
    )
    assert soft == pytest.approx(2 * hard)


@pytest.mark.parametrize(
    ("curvatures", "frequencies", "saddle", "expected"),
    [
        ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], False, 24.0),
        ([-1.0, 2.0, 3.0], [3.0, 4.0], True, 12.0),
        ([-1.0, 2.0, 3.0], [3.0, 4.0], False, None),
        ([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], True, None),
        ([-1.0, -2.0, 3.0], [4.0], True, None),
        ([0.001, 2.0, 3.0], [0.1, 3.0, 4.0], False, None),
        ([0.001, 2.0, 3.0], [0.1, 3.0, 4.0], True, None),
    ],
)
def test_modes_that_are_not_those_of_a_minimum_or_saddle_give_nothing(
    curvatures, frequencies, saddle: bool, expected: float | None
) -> None:
    assert vibrations(curvatures, frequencies, saddle=saddle) == expected


@pytest.mark.parametrize(("height", "length"), [(0.3, 2.46), (0.05, 1.42), (1.0, 5.0)])
def test_the_frequency_of_a_cosine_is_that_of_its_curvature(height: float, length: float) -> None:
    mass = 6.94
    potential = lambda x: height / 2 * (1 - np.cos(2 * np.pi * x / length))  # noqa: E731
    step = 1e-3
    curvature = (potential(step) - 2 * potential(0) + potential(-step)) / step**2
    omega = np.sqrt(curvature * 16.02176634 / (mass * 1.66053906660e-27))
    assert profile_thz(height, length, mass) == pytest.approx(omega / (2e12 * np.pi), rel=1e-6)


def test_lithium_on_graphene_tries_six_times_a_picosecond() -> None:
    """A barrier of 0.3 eV between hollows 2.46 Å apart."""
    assert profile_thz(0.3, 2.46, 6.94) == pytest.approx(5.87, abs=0.01)


@pytest.mark.parametrize("wrong", [(0.0, 2.46, 6.94), (0.3, -1.0, 6.94), (0.3, 2.46, 0.0)])
def test_what_does_not_oscillate_has_no_frequency(wrong) -> None:
    with pytest.raises(ValueError, match="no oscillation"):
        profile_thz(*wrong)
