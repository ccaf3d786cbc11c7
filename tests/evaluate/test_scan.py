"""A scan finds the height of a saddle on the straight path, for fewer force calls than a band."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from screening.errors import TaskError
from screening.evaluate import Band, Potential, relax_band, scan_path
from tests.evaluate.test_neb import hollow
from tests.toys import BARRIER_EV, CORRUGATION_EV, LATTICE_A, STIFFNESS_EV_A2, EggBox

RISE_A = 0.3
LOW_EV = -14.2
"""Energy of an ion in the hollow of four host atoms: 4 × −3 − 2 − 0.2."""


class HighBridge(EggBox):
    """The ion stands higher on the bridge than in the hollow, as on any real surface."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        k = 2 * np.pi / LATTICE_A
        x, z = atoms.positions[-1, 0], atoms.positions[-1, 2] - 10 - 1.9
        height, slope = RISE_A * (1 + np.cos(k * x)) / 2, -RISE_A * k * np.sin(k * x) / 2
        self.results["energy"] += STIFFNESS_EV_A2 * ((z - height) ** 2 - z**2) / 2
        self.results["forces"][-1, 2] += STIFFNESS_EV_A2 * height
        self.results["forces"][-1, 0] += STIFFNESS_EV_A2 * (z - height) * slope


def scan(calculator: type[EggBox] = EggBox, **changes: Any) -> Band:
    options = {"n_images": 3, "fmax": 1e-6, "max_steps": 200, "ion": 4}
    options |= {"end_energies": (LOW_EV, LOW_EV), **changes}
    return scan_path(hollow(), hollow(1), Potential(calculator()), **options)


@pytest.mark.parametrize("calculator", [EggBox, HighBridge])
@pytest.mark.parametrize("images", [1, 3, 5])
def test_a_point_on_the_saddle_relaxes_to_its_height(calculator, images: int) -> None:
    found = scan(calculator, n_images=images)
    assert found.converged
    assert found.forward_ev == pytest.approx(BARRIER_EV, abs=1e-6)


def test_a_saddle_between_the_points_is_missed_by_the_known_amount() -> None:
    """Two points, a third of the way: cos 60° instead of 1."""
    found = scan(n_images=2)
    assert found.forward_ev == pytest.approx(CORRUGATION_EV * 1.5, abs=1e-6)


def test_it_costs_less_than_a_band() -> None:
    options = {"n_images": 5, "fmax": 0.05, "max_steps": 200, "end_energies": (LOW_EV, LOW_EV)}
    band = relax_band(hollow(), hollow(1), Potential(HighBridge()), soft=[4], **options)
    found = scan_path(hollow(), hollow(1), Potential(HighBridge()), ion=4, **options)
    assert found.force_calls < band.force_calls


def test_a_mirrored_path_is_evaluated_up_to_its_middle() -> None:
    whole, half = scan(n_images=5), scan(n_images=5, mirrored=True)
    assert whole.force_calls - half.force_calls == 2
    assert half.forward_ev == pytest.approx(whole.forward_ev, abs=1e-9)


def test_only_the_ends_and_the_relaxed_point_are_returned() -> None:
    found = scan(n_images=5)
    assert (len(found.images), found.saddle) == (3, 1)


def test_a_path_that_only_rises_has_its_end_as_the_highest_point() -> None:
    found = scan(end_energies=(LOW_EV, LOW_EV + 1.0))
    assert found.saddle == 1
    assert (found.forward_ev, found.reverse_ev) == pytest.approx((1.0, 0.0))
    assert found.converged


def test_a_saddle_that_ran_out_of_steps_is_not_converged() -> None:
    assert not scan(HighBridge, max_steps=0).converged


def test_inputs_are_left_alone_and_equal_ends_refused() -> None:
    start, end = hollow(), hollow(1)
    copies = start.copy(), end.copy()
    options = {"n_images": 3, "fmax": 0.05, "max_steps": 5, "ion": 4, "end_energies": (0.0, 0.0)}
    scan_path(start, end, Potential(EggBox()), **options)
    assert (start, end) == copies
    with pytest.raises(TaskError, match="same structure"):
        scan_path(start, start, Potential(EggBox()), **options)
