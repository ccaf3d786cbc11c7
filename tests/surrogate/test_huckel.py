"""Hückel's method against its textbook answers (E = α + x|β|, α = 0)."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111, graphene, molecule, mx2

from screening.surrogate.huckel import BETA_EV, pi_network


def sheet(size: int = 3) -> Atoms:
    atoms = graphene(size=(size, size, 1), vacuum=8.0)
    atoms.pbc = (True, True, False)
    return atoms


def test_benzene() -> None:
    network = pi_network(molecule("C6H6"))
    assert network.electrons == 6
    assert network.levels == pytest.approx([-2, -1, -1, 1, 1, 2], abs=1e-9)
    assert network.uptake_ev() == pytest.approx(BETA_EV)


def test_butadiene() -> None:
    network = pi_network(molecule("butadiene"))
    assert network.levels == pytest.approx([-1.618034, -0.618034, 0.618034, 1.618034], abs=1e-6)


def test_graphene_bands_reach_from_minus_three_to_three_and_meet_at_zero() -> None:
    network = pi_network(sheet())
    assert network.levels[[0, -1]] == pytest.approx([-3, 3], abs=1e-9)
    assert abs(network.levels).min() == pytest.approx(0, abs=1e-9)
    assert network.share == 1.0


def test_the_answer_does_not_depend_on_how_the_cell_is_drawn() -> None:
    per_cell = pi_network(sheet(2)).uptake_ev(1.0)
    doubled = pi_network(sheet(2).repeat((2, 1, 1))).uptake_ev(2.0)
    assert doubled == pytest.approx(per_cell, abs=0.02)


def test_boron_makes_room_for_an_electron_and_graphitic_nitrogen_takes_it_away() -> None:
    pristine, boron, nitrogen = sheet(), sheet(), sheet()
    boron.symbols[0] = "B"
    nitrogen.symbols[0] = "N"
    assert pi_network(boron).electrons == 17
    assert pi_network(nitrogen).electrons == 19
    uptake = [pi_network(host).uptake_ev() for host in (boron, pristine, nitrogen)]
    assert uptake == sorted(uptake)
    assert uptake[1] - uptake[0] > 1.0


def test_an_epoxide_takes_two_carbons_out_of_the_network() -> None:
    host = sheet()
    bond = host.positions[:2].mean(axis=0)
    for index in (0, 1):
        host.positions[index, 2] += 0.3
    host += Atoms("O", [bond + np.array([0.0, 0.0, 1.5])])
    network = pi_network(host)
    assert set(network.atoms) == set(range(2, 18))


def replaced(symbol: str, height: float) -> Atoms:
    """A sheet whose first carbon is replaced by an atom that stands out of it."""
    host = sheet()
    host.symbols[0] = symbol
    host.positions[0, 2] += height
    return host


@pytest.mark.parametrize(
    ("symbol", "left"), [("C", 0), ("Si", 0), ("N", 0), ("P", 0), ("O", 1), ("S", 1)]
)
def test_a_pyramidal_atom_leaves_the_network_and_the_electrons_that_it_does_not_keep(
    symbol: str, left: int
) -> None:
    network = pi_network(replaced(symbol, 0.8))
    assert set(network.atoms) == set(range(1, 18))
    assert network.electrons == 17 + left


def test_a_slightly_bent_sheet_keeps_its_network() -> None:
    assert pi_network(replaced("C", 0.2)).electrons == 18
    assert set(pi_network(replaced("P", 0.2)).atoms) == set(range(18))


def test_fullerene_is_bent_but_all_its_atoms_belong_to_the_network() -> None:
    network = pi_network(molecule("C60"))
    assert (len(network.atoms), network.electrons) == (60, 60)


def test_phosphorus_that_stands_out_takes_no_electron_from_the_sheet_and_gives_none() -> None:
    """Its hole is that of a vacancy: it accepts, while planar phosphorus donates."""
    pristine, planar = pi_network(sheet()).uptake_ev(), pi_network(replaced("P", 0.0)).uptake_ev()
    assert pi_network(replaced("P", 0.8)).uptake_ev() < pristine < planar


def test_sulphur_of_another_layer_donates_nothing_to_the_sheet() -> None:
    """In MoS2 every sulphur is pyramidal; its electrons belong to molybdenum."""
    below = mx2("MoS2", size=(2, 2, 1), vacuum=2.0)
    below.set_cell([*sheet().cell[:2], below.cell[2]], scale_atoms=True)
    below.positions[:, 2] -= below.positions[:, 2].max() - sheet().positions[:, 2].min() + 3.4
    host = sheet() + below
    assert pi_network(host).electrons == 18
    assert pi_network(host).uptake_ev() == pytest.approx(pi_network(sheet()).uptake_ev())


def test_a_metal_has_no_network() -> None:
    assert pi_network(fcc111("Cu", (2, 2, 2), vacuum=8.0)).atoms == ()


def test_the_host_is_left_as_it_was() -> None:
    host = sheet()
    before = host.copy()
    pi_network(host)
    assert host == before
