"""Hückel's method against its textbook answers (E = α + x|β|, α = 0)."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111, graphene, molecule

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


def test_a_metal_has_no_network() -> None:
    assert pi_network(fcc111("Cu", (2, 2, 2), vacuum=8.0)).atoms == ()


def test_the_host_is_left_as_it_was() -> None:
    host = sheet()
    before = host.copy()
    pi_network(host)
    assert host == before
