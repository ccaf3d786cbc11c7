"""Relaxation tells the truth about its final state and leaves its inputs alone."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.lj import LennardJones
from ase.constraints import FixAtoms

from screening.errors import TaskError
from screening.evaluate import Potential, max_force, relax_batch
from tests.toys import HEIGHT_A, LATTICE_A, EggBox, square_host


def adatom(height: float = 2.5) -> Atoms:
    atoms = square_host()
    atoms.append("Li")
    atoms.positions[-1] = (0.4 * LATTICE_A, 0.45 * LATTICE_A, 10 + height)
    return atoms


def test_an_adatom_rolls_to_the_hollow_at_the_known_height() -> None:
    result = relax_batch([adatom()], Potential(EggBox()), fmax=1e-6, max_steps=200, soft=[4])[0]
    assert result.converged
    expected = (LATTICE_A / 2, LATTICE_A / 2, 10 + HEIGHT_A)
    assert result.atoms.positions[-1] == pytest.approx(expected, abs=1e-5)


def test_an_engine_that_holds_atoms_in_space_moves_those_alone_that_feel_a_force() -> None:
    """Its forces do not add up to zero: springs between atoms would drag the host along."""
    atoms = adatom()
    atoms.set_constraint()
    result = relax_batch([atoms], Potential(EggBox()), fmax=1e-6, max_steps=200, soft=[4])[0]
    assert result.converged
    assert np.array_equal(result.atoms.positions[:4], atoms.positions[:4])
    assert result.atoms.positions[4, :2] == pytest.approx([LATTICE_A / 2] * 2, abs=1e-5)


def test_a_pair_of_atoms_relaxes_to_the_minimum_of_the_pair_potential() -> None:
    pair = Atoms("Ar2", positions=[(0, 0, 0), (0, 0, 1.3)])
    potential = Potential(LennardJones(sigma=1.0, epsilon=1.0, rc=20.0))
    result = relax_batch([pair], potential, fmax=1e-8, max_steps=200)[0]
    assert result.atoms.get_distance(0, 1) == pytest.approx(2 ** (1 / 6), abs=1e-6)


def test_a_batch_gives_what_single_relaxations_give() -> None:
    starts = [adatom(2.2), adatom(3.0)]
    together = relax_batch(starts, Potential(EggBox()), fmax=1e-4, max_steps=200)
    alone = [relax_batch([s], Potential(EggBox()), fmax=1e-4, max_steps=200)[0] for s in starts]
    for one, other in zip(together, alone, strict=True):
        assert one.steps == other.steps
        assert np.array_equal(one.atoms.positions, other.atoms.positions)


def test_too_few_steps_are_reported_as_not_converged_with_the_force_of_the_last_state() -> None:
    potential = Potential(EggBox())
    result = relax_batch([adatom(3.5)], potential, fmax=1e-6, max_steps=2)[0]
    point = potential.compute([result.atoms])[0]
    assert not result.converged
    assert result.fmax_ev_a == pytest.approx(np.linalg.norm(point.forces, axis=1).max(), abs=1e-12)


def test_fixed_atoms_neither_move_nor_count_towards_the_largest_force() -> None:
    atoms = Atoms("Ar2", positions=[(0, 0, 0), (0, 0, 1.0)])
    atoms.set_constraint(FixAtoms([0, 1]))
    result = relax_batch([atoms], Potential(LennardJones(rc=20.0)), fmax=0.01, max_steps=5)[0]
    assert result.converged
    assert result.fmax_ev_a == 0.0
    assert np.array_equal(result.atoms.positions, atoms.positions)
    assert np.abs(result.forces).max() > 1


def test_force_calls_are_counted_one_a_step_and_structure() -> None:
    potential = Potential(EggBox())
    results = relax_batch([adatom(2.2), adatom(3.0)], potential, fmax=1e-4, max_steps=100)
    assert potential.force_calls == sum(result.force_calls for result in results)


def test_a_soft_adatom_takes_fewer_steps_than_a_stiff_one() -> None:
    counts = [
        relax_batch([adatom(2.6)], Potential(EggBox()), fmax=0.01, max_steps=300, soft=soft)[
            0
        ].steps
        for soft in ((), (4,))
    ]
    assert counts[1] < counts[0]


def test_inputs_are_left_alone() -> None:
    atoms = adatom()
    before = atoms.copy()
    relax_batch([atoms], Potential(EggBox()), fmax=0.01, max_steps=5)
    assert atoms == before
    assert atoms.calc is None


def test_an_infinite_energy_is_an_error_and_not_a_result() -> None:
    touching = Atoms("Ar2", positions=[(0, 0, 0), (0, 0, 0)])
    with pytest.raises(TaskError, match="not finite"), np.errstate(all="ignore"):
        Potential(LennardJones(rc=20.0)).compute([touching])


def test_the_largest_force_leaves_constrained_directions_out() -> None:
    atoms = Atoms("Ar2", positions=[(0, 0, 0), (0, 0, 2)])
    atoms.set_constraint(FixAtoms([0]))
    assert max_force(atoms, np.array([[9.0, 0, 0], [0, 3.0, 4.0]])) == 5.0
