import numpy as np
import pytest
from ase.build import fcc111
from ase.constraints import FixAtoms

from screening.descriptors.solution import (
    heat_of_solution_ev,
    solubility,
    solution_cell,
    substituted,
    substitution_energy_ev,
)
from screening.errors import TaskError


def test_one_foreign_atom_in_fifty_four() -> None:
    atoms = solution_cell("Li", 3.43, "Au")
    assert atoms.symbols.formula.count() == {"Li": 53, "Au": 1}
    assert np.allclose(atoms.cell.lengths(), 3 * 3.43)
    assert atoms.get_all_distances(mic=True)[np.triu_indices(54, 1)].min() == pytest.approx(
        3.43 * np.sqrt(3) / 2
    )


def test_the_metal_is_no_foreign_atom_in_itself() -> None:
    with pytest.raises(TaskError, match="no foreign atom"):
        solution_cell("Na", 4.2, "Na")


def test_heat_of_an_atom_that_changes_nothing_is_zero() -> None:
    assert heat_of_solution_ev(53 * -1.9 - 3.7, 54, -1.9, -3.7) == pytest.approx(0)
    assert heat_of_solution_ev(53 * -1.9 - 3.2, 54, -1.9, -3.7) == pytest.approx(0.5)


def test_solubility_follows_from_what_coexists_and_is_one_at_most() -> None:
    kt = 8.617333262e-5 * 300
    assert solubility(2 * kt, 300) == pytest.approx(np.exp(-2))
    assert solubility(-0.07, 300) == 1
    assert solubility(0.1, 600) > solubility(0.1, 300)
    with pytest.raises(TaskError, match="0 K"):
        solubility(0.1, 0)


def test_an_ion_takes_the_place_of_the_highest_atom_of_each_element() -> None:
    host = fcc111("Al", (2, 2, 3), vacuum=8)
    host.symbols[11] = "Cu"
    host.positions[10, 2] += 0.1
    host.set_constraint(FixAtoms([0, 1, 2, 3]))
    before = host.copy()
    found = dict(substituted(host, "Na", "slab"))
    assert found.keys() == {"Al", "Cu"}
    for symbol, atoms in found.items():
        expected = host.symbols.formula.count() | {"Na": 1}
        expected[symbol] -= 1
        assert atoms.symbols.formula.count() == {s: n for s, n in expected.items() if n}
        assert atoms.symbols[-1] == "Na"
        assert set(atoms.constraints[0].index) == {0, 1, 2, 3}
    assert np.allclose(found["Al"].positions[-1], host.positions[10])
    assert host == before


def test_nothing_to_exchange() -> None:
    host = fcc111("Al", (1, 1, 3), vacuum=8)
    with pytest.raises(TaskError, match="slab"):
        substituted(host, "Na", "sheet")
    host.symbols[:] = "Na"
    with pytest.raises(TaskError, match="no atom"):
        substituted(host, "Na", "slab")


def test_the_atom_that_leaves_joins_its_bulk() -> None:
    # the ion costs nothing more than the atom it replaces
    assert substitution_energy_ev(-100.0 + 3.7 - 1.9, -100.0, -1.9, -3.7) == pytest.approx(0)
