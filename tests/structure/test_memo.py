"""What is remembered of a structure is that of its content, and of nothing else."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import fcc111
from ase.constraints import FixAtoms

from screening.structure.memo import remembered


def changed(atoms: Atoms, how: str) -> Atoms:
    other = atoms.copy()
    if how == "position":
        other.positions[0, 0] += 1e-9
    elif how == "element":
        other.numbers[0] = 47
    elif how == "cell":
        other.cell[2, 2] += 1e-9
    elif how == "periodicity":
        other.pbc = not other.pbc[2]
    elif how == "fixed atoms":
        other.set_constraint(FixAtoms([0]))
    return other


@pytest.mark.parametrize("how", ["position", "element", "cell", "periodicity", "fixed atoms"])
def test_any_change_of_content_is_another_structure(how: str) -> None:
    asked = []

    @remembered(8)
    def count(atoms: Atoms, word: str = "") -> int:
        asked.append(word)
        return len(atoms)

    host = fcc111("Cu", (2, 2, 2), vacuum=5.0)
    assert count(host) == count(host.copy()) == 8
    assert len(asked) == 1
    count(changed(host, how))
    assert len(asked) == 2


def test_a_host_that_is_changed_in_place_is_asked_for_anew() -> None:
    @remembered(8)
    def height(atoms: Atoms) -> float:
        return float(atoms.positions[:, 2].max())

    host = Atoms("H", [(0, 0, 1)])
    assert height(host) == 1
    host.positions += 1
    assert height(host) == 2
    host.positions -= 1
    assert height(host) == 1


def test_other_arguments_count_too_and_errors_are_not_kept() -> None:
    tries = []

    @remembered(8)
    def divided(atoms: Atoms, by: int) -> float:
        tries.append(by)
        return len(atoms) / by

    host = Atoms("H2")
    assert (divided(host, 1), divided(host, 2), divided(host, by=2)) == (2, 1, 1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            divided(host, 0)
    assert tries[-2:] == [0, 0]
