"""The minimiser: exact on parabolas, downhill everywhere, indifferent to how atoms are counted."""

from __future__ import annotations

import numpy as np
import pytest

from screening.evaluate.minimise import MAX_STEP_A, Minimiser

RNG = np.random.default_rng(5)


def parabola(n: int) -> np.ndarray:
    """Symmetric Hessian (3 n, 3 n) with eigenvalues from 0.5 to 50."""
    axes = np.linalg.qr(RNG.normal(size=(3 * n, 3 * n)))[0]
    return axes @ np.diag(np.geomspace(0.5, 50.0, 3 * n)) @ axes.T


def steps(minimiser: Minimiser, hessian: np.ndarray, start: np.ndarray, count: int) -> np.ndarray:
    positions = start.copy()
    for _ in range(count):
        forces = -(hessian @ positions.ravel()).reshape(-1, 3)
        positions = positions + minimiser.step(positions, forces)
    return positions


def test_with_the_true_hessian_one_step_leads_to_the_minimum() -> None:
    hessian, start = parabola(4), RNG.normal(scale=0.05, size=(4, 3))
    assert steps(Minimiser([hessian]), hessian, start, 1) == pytest.approx(0.0, abs=1e-12)


def test_a_hessian_that_is_wrong_along_few_directions_is_learnt_in_as_many_steps() -> None:
    guess = 5.0 * np.eye(12)
    special = np.linalg.qr(RNG.normal(size=(12, 2)))[0]
    hessian = guess + special @ np.diag([4.0, 9.0]) @ special.T
    start = RNG.normal(scale=0.02, size=(4, 3))
    assert np.abs(steps(Minimiser([guess]), hessian, start, 8)).max() < 1e-6


def test_no_atom_moves_further_than_the_limit() -> None:
    moves = Minimiser([np.eye(9)]).step(np.zeros((3, 3)), RNG.normal(scale=9.0, size=(3, 3)))
    assert np.linalg.norm(moves, axis=1).max() == pytest.approx(MAX_STEP_A, abs=1e-12)


def test_every_step_goes_downhill_even_where_the_energy_curves_downwards() -> None:
    minimiser, x = Minimiser([np.eye(3)]), np.array([[0.02, 0.01, 0.3]])
    for _ in range(40):  # along x a hill between two wells at +-1, along y and z parabolas
        forces = np.array([[4 * x[0, 0] * (1 - x[0, 0] ** 2), -2 * x[0, 1], -8 * x[0, 2]]])
        move = minimiser.step(x, forces)
        assert (move * forces).sum() >= 0
        x = x + move
    assert x == pytest.approx(np.array([[1.0, 0.0, 0.0]]), abs=1e-6)


def test_turning_the_structure_turns_the_steps() -> None:
    hessian, start = parabola(3), RNG.normal(scale=0.05, size=(3, 3))
    turn = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
    many = np.kron(np.eye(3), turn)
    here = steps(Minimiser([np.eye(9)]), hessian, start, 5)
    there = steps(Minimiser([np.eye(9)]), many @ hessian @ many.T, start @ turn.T, 5)
    assert there == pytest.approx(here @ turn.T, abs=1e-9)


def test_blocks_are_the_diagonal_of_one_hessian() -> None:
    one, two = parabola(2), parabola(3)
    whole = np.zeros((15, 15))
    whole[:6, :6], whole[6:, 6:] = one, two
    start = RNG.normal(scale=0.1, size=(5, 3))
    apart = steps(Minimiser([one, two]), np.diag(np.arange(1.0, 16.0)), start, 6)
    together = steps(Minimiser([whole]), np.diag(np.arange(1.0, 16.0)), start, 6)
    assert apart == pytest.approx(together, abs=1e-9)


def test_standing_still_teaches_nothing_and_breaks_nothing() -> None:
    minimiser, x = Minimiser([np.eye(3)]), np.zeros((1, 3))
    forces = np.array([[0.0, 0.0, 0.1]])
    first = minimiser.step(x, forces)
    assert minimiser.step(x, forces) == pytest.approx(first)
