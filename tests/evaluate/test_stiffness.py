"""The guessed stiffness: a Hessian that any minimiser may start from, right in its order."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene

from screening.evaluate.stiffness import (
    HELD_EV_A2,
    LOOSE,
    stiffness,
    strain_stiffness,
    uncoupled,
)


def on_site(atoms: Atoms, index: int = 0) -> np.ndarray:
    rows = slice(3 * index, 3 * index + 3)
    return stiffness(atoms)[rows, rows]


def sheet() -> Atoms:
    atoms = graphene(size=(3, 3, 1), vacuum=8.0)
    atoms.pbc = (True, True, False)
    return atoms


def test_it_is_symmetric_and_positive_definite() -> None:
    atoms = sheet()
    atoms.rattle(0.1, seed=2)
    found = stiffness(atoms)
    assert found == pytest.approx(found.T, abs=1e-12)
    assert np.linalg.eigvalsh(found).min() >= HELD_EV_A2 - 1e-9


def test_moving_the_whole_structure_costs_only_what_holds_it() -> None:
    shift = np.tile([0.3, -0.2, 0.5], 18)
    assert stiffness(sheet()) @ shift == pytest.approx(HELD_EV_A2 * shift, abs=1e-9)


def test_an_atom_of_graphene_is_held_tightly_in_the_plane_and_loosely_across() -> None:
    x, y, z = np.diag(on_site(sheet()))
    assert x == pytest.approx(y, rel=1e-6)
    assert 50 < x < 75  # 60 to 70 eV/Å² by phonons
    assert z < x / 3


def test_copper_is_softer_than_carbon_and_potassium_softer_than_copper() -> None:
    metals = [bulk("Cu", cubic=True).repeat(2), bulk("K", cubic=True).repeat(2)]
    copper, potassium = (float(on_site(metal)[0, 0]) for metal in metals)
    assert float(on_site(sheet())[0, 0]) > 3 * copper > 9 * potassium


def test_a_soft_atom_has_softer_springs_and_leaves_the_others_as_they_are() -> None:
    atoms = Atoms("LiCC", positions=[(0, 0, 2.0), (0, 0, 0), (1.42, 0, 0)])
    hard, soft = stiffness(atoms), stiffness(atoms, soft=[0])
    held = HELD_EV_A2 * np.eye(3)
    assert soft[:3, :3] - held == pytest.approx(LOOSE * (hard[:3, :3] - held), rel=1e-9)
    assert soft[3:6, 6:9] == pytest.approx(hard[3:6, 6:9], abs=1e-12)


def test_periodic_images_count_like_atoms() -> None:
    small, large = bulk("Cu", cubic=True), bulk("Cu", cubic=True).repeat((2, 2, 2))
    assert on_site(large) == pytest.approx(on_site(large, 5), abs=1e-9)
    # In the large cell an atom's images are beyond reach, in the small one they move with it.
    assert np.trace(on_site(small)) <= np.trace(on_site(large)) + 1e-9


def test_turning_the_structure_turns_the_stiffness() -> None:
    atoms = Atoms("LiCO", positions=[(0, 0, 2.0), (0, 0.3, 0), (1.2, 0, 0.4)])
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turned = atoms.copy()
    turned.positions = atoms.positions @ turn.T
    many = np.kron(np.eye(3), turn)
    assert stiffness(turned) == pytest.approx(many @ stiffness(atoms) @ many.T, abs=1e-9)


def test_atoms_at_one_place_have_no_direction_and_no_infinity() -> None:
    assert np.isfinite(stiffness(Atoms("Li2", positions=np.zeros((2, 3))))).all()


def test_strain_costs_what_moving_all_atoms_with_it_costs() -> None:
    atoms = Atoms("CC", positions=[(0, 0, 0), (1.42, 0, 0)])
    strain = np.array([[0.01, 0.002, 0.0], [0.002, 0.0, 0.0], [0.0, 0.0, 0.0]])
    moves = (atoms.positions @ strain).ravel()
    springs = stiffness(atoms) - HELD_EV_A2 * np.eye(6)
    found = strain_stiffness(atoms) - np.eye(9)
    assert strain.ravel() @ found @ strain.ravel() == pytest.approx(moves @ springs @ moves)


def test_the_bulk_modulus_of_copper_is_right_in_its_order() -> None:
    copper = bulk("Cu")
    found = float(np.eye(3).ravel() @ strain_stiffness(copper) @ np.eye(3).ravel())
    assert 0.4 < found / 9 / copper.cell.volume < 1.8  # eV/Å³; 140 GPa are 0.87


def test_uncoupled_atoms_keep_what_holds_each_and_nothing_between() -> None:
    whole = stiffness(sheet())
    alone = uncoupled(whole)
    assert np.array_equal(alone[:3, :3], whole[:3, :3])
    assert not alone[:3, 3:].any()
    assert np.linalg.eigvalsh(alone).min() >= HELD_EV_A2 - 1e-9
