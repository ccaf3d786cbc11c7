"""The adatom's modes in a world where they are known."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from screening.evaluate import Potential
from screening.evaluate.modes import atom_modes
from tests.toys import CORRUGATION_EV, HEIGHT_A, LATTICE_A, STIFFNESS_EV_A2, EggBox, square_host

SIDEWAYS = CORRUGATION_EV * (2 * np.pi / LATTICE_A) ** 2
EV_A2 = 16.02176634
"""kg/s²."""


def lithium(x: float, y: float) -> Atoms:
    atoms = square_host()
    atoms.append("Li")
    atoms.positions[-1] = (x * LATTICE_A, y * LATTICE_A, 10 + HEIGHT_A)
    return atoms


@pytest.mark.parametrize(
    ("place", "curvatures", "minimum"),
    [
        ((0.5, 0.5), (SIDEWAYS, SIDEWAYS, STIFFNESS_EV_A2), True),
        ((0.5, 0.0), (-SIDEWAYS, SIDEWAYS, STIFFNESS_EV_A2), False),
        ((0.0, 0.0), (-SIDEWAYS, -SIDEWAYS, STIFFNESS_EV_A2), False),
    ],
)
def test_curvatures_tell_a_minimum_from_a_saddle(place, curvatures, minimum: bool) -> None:
    modes = atom_modes(lithium(*place), 4, Potential(EggBox()))
    # Central differences of a cosine: third order in the step.
    assert modes.curvatures_ev_a2 == pytest.approx(curvatures, rel=1e-3)
    assert modes.is_minimum() is minimum


def test_frequencies_follow_from_curvature_and_mass() -> None:
    modes = atom_modes(lithium(0.5, 0.5), 4, Potential(EggBox()))
    mass = Atoms("Li").get_masses()[0] * 1.66053906660e-27
    expected = np.sqrt(STIFFNESS_EV_A2 * EV_A2 / mass) / (2 * np.pi) / 1e12
    assert modes.frequencies_thz[-1] == pytest.approx(expected, rel=1e-6)


def test_six_evaluations_and_an_untouched_input() -> None:
    potential, atoms = Potential(EggBox()), lithium(0.5, 0.5)
    before = atoms.copy()
    atom_modes(atoms, 4, potential)
    assert potential.force_calls == 6
    assert atoms == before
