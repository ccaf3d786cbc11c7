"""Dopants: polarity by hand, and balance by symmetry."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import graphene

from screening.builders import load_catalogue
from screening.descriptors.doping import doping
from screening.errors import TaskError
from screening.resources import default_structures

CHI = {"H": 2.20, "B": 2.04, "C": 2.55, "N": 3.04, "O": 3.44, "F": 3.98}
CATALOGUE = load_catalogue(default_structures())


def ionic(first: str, second: str) -> float:
    return 1 - np.exp(-((CHI[first] - CHI[second]) ** 2) / 4)


def test_a_carbonyl_has_the_dipole_of_its_one_bond() -> None:
    atoms = Atoms("C4O", [(0, 0, 0), (-1.4, 0, 0), (-2.8, 0, 0), (-4.2, 0, 0), (0, 0, 1.2)])
    (oxygen,) = doping(atoms).dopants
    assert (oxygen.index, oxygen.symbol) == (4, "O")
    assert oxygen.delta_chi == pytest.approx(0.89, abs=1e-9)
    assert oxygen.dipole_e_a == pytest.approx(1.2 * ionic("O", "C"), abs=1e-9)


@pytest.mark.parametrize(("element", "delta"), [("N", 0.49), ("B", -0.51)])
def test_a_flat_graphitic_dopant_is_polar_but_balanced(element: str, delta: float) -> None:
    sheet = graphene(size=(3, 3, 1), vacuum=8)
    sheet.symbols[4] = element
    found = doping(sheet)
    assert found.delta_chi == pytest.approx(delta, abs=1e-9)
    assert found.local_dipole_e_a == pytest.approx(0, abs=1e-9)


def test_bonds_across_the_periodic_boundary_count() -> None:
    corner, middle = (graphene(size=(4, 4, 1), vacuum=8) for _ in range(2))
    corner.symbols[0] = middle.symbols[15] = "N"
    assert doping(corner).delta_chi == pytest.approx(doping(middle).delta_chi)
    assert doping(corner).local_dipole_e_a == pytest.approx(0, abs=1e-9)


def test_pyridinic_nitrogen_has_a_local_dipole_and_graphitic_has_none() -> None:
    dipoles = {
        name: doping(CATALOGUE.build(name).atoms).local_dipole_e_a
        for name in ("graphene-N", "graphene-pyridinic-N-3", "graphene-carbonyl")
    }
    assert dipoles["graphene-N"] < 1e-6
    assert dipoles["graphene-N"] < dipoles["graphene-pyridinic-N-3"]
    assert dipoles["graphene-pyridinic-N-3"] < dipoles["graphene-carbonyl"]


def test_boron_beside_nitrogen_unbalances_it() -> None:
    pair = CATALOGUE.build("graphene-pair-NB-ortho").atoms
    assert doping(pair).local_dipole_e_a > 0.1


def test_turning_and_moving_the_host_changes_nothing() -> None:
    atoms = CATALOGUE.build("graphene-carboxyl").atoms
    before = atoms.copy()
    moved = atoms.copy()
    moved.rotate(37, "z", rotate_cell=True)
    moved.translate([1.0, 2.0, 0.0])
    moved.wrap()
    found, again = doping(atoms), doping(moved)
    assert again.local_dipole_e_a == pytest.approx(found.local_dipole_e_a, abs=1e-9)
    assert [d.index for d in again.dopants] == [d.index for d in found.dopants]
    assert atoms == before


@pytest.mark.parametrize(
    ("host", "reason"),
    [("graphene", "no dopant"), ("ti2co2", "carbon only"), ("cu-111", "carbon only")],
)
def test_a_host_without_dopants_has_no_value_but_a_reason(host: str, reason: str) -> None:
    with pytest.raises(TaskError, match=reason):
        doping(CATALOGUE.build(host).atoms)


def test_hydrogen_is_no_dopant() -> None:
    edge = Atoms("C2H2", [(0, 0, 0), (1.2, 0, 0), (-1.06, 0, 0), (2.26, 0, 0)])
    with pytest.raises(TaskError, match="no dopant"):
        doping(edge)
