"""The band finds the known saddle and refuses end states that do not match."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from screening.errors import TaskError
from screening.evaluate import Potential, relax_band
from tests.toys import BARRIER_EV, HEIGHT_A, LATTICE_A, EggBox, square_host


def hollow(shift: int = 0) -> Atoms:
    atoms = square_host()
    atoms.append("Li")
    atoms.positions[-1] = ((0.5 + shift) * LATTICE_A, LATTICE_A / 2, 10 + HEIGHT_A)
    return atoms


@pytest.mark.parametrize("images", [1, 2, 3, 5])
def test_the_hop_over_a_bridge_has_the_known_barrier(images: int) -> None:
    band = relax_band(
        hollow(),
        hollow(1),
        Potential(EggBox()),
        n_images=images,
        fmax=1e-5,
        max_steps=300,
        soft=[4],
    )
    assert band.converged
    assert band.forward_ev == pytest.approx(BARRIER_EV, abs=1e-6)
    assert band.reverse_ev == pytest.approx(BARRIER_EV, abs=1e-6)


def test_a_hop_across_the_cell_boundary_is_not_pulled_back() -> None:
    start, end = hollow(1), hollow(2)
    band = relax_band(start, end, Potential(EggBox()), n_images=3, fmax=1e-4, max_steps=300)
    track = np.array([image.positions[-1, 0] for image in band.images])
    assert (np.diff(track) > 0).all()
    assert band.forward_ev == pytest.approx(BARRIER_EV, abs=1e-6)


def test_known_end_energies_save_two_force_calls() -> None:
    costs = []
    for known in (None, (-14.2, -14.2)):
        potential = Potential(EggBox())
        band = relax_band(
            hollow(), hollow(1), potential, n_images=3, fmax=0.05, max_steps=50, end_energies=known
        )
        assert band.force_calls == potential.force_calls
        costs.append(potential.force_calls)
    assert costs[0] - costs[1] == 2


def test_a_band_that_ran_out_of_steps_is_not_converged() -> None:
    band = relax_band(hollow(), hollow(1), Potential(EggBox()), n_images=4, fmax=1e-9, max_steps=1)
    assert not band.converged
    assert band.fmax_ev_a > 1e-9


@pytest.mark.parametrize("fault", ["order", "number", "cell", "same"])
def test_end_states_that_do_not_match_are_refused(fault: str) -> None:
    start, end = hollow(), hollow(1)
    if fault == "order":
        end = end[[4, 0, 1, 2, 3]]
    elif fault == "number":
        end = end[1:]
    elif fault == "same":
        end = start
    else:
        end.cell[0] *= 1.1
    with pytest.raises(TaskError, match="end states"):
        relax_band(start, end, Potential(EggBox()), n_images=3, fmax=0.05, max_steps=5)


def test_inputs_are_left_alone() -> None:
    start, end = hollow(), hollow(1)
    copies = start.copy(), end.copy()
    relax_band(start, end, Potential(EggBox()), n_images=3, fmax=0.05, max_steps=20)
    assert (start, end) == copies
