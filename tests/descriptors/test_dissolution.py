"""Dissolution in a world of known energies: one compound that gains, all else that does not."""

from __future__ import annotations

import pytest
from ase.build import bulk

from screening.calculators import resolve
from screening.descriptors import Context, Found, Pair
from screening.descriptors.bound import Bound
from screening.descriptors.dissolution import Dissolution, dissolution
from screening.descriptors.reference import RelaxedState
from screening.evaluate.task import Engine, Task, TaskResult
from screening.structure import Candidate
from tests.engines import needs

pytestmark = needs("sevenn")  # its elements say which crystals there are

ATOM_EV = {"Li": -1.9, "Al": -3.7}
GAIN_EV, SOLUTION_EV = 0.2, -0.1
LEVEL = resolve("emt").level()


def answer(task: Task, solution_ev: float) -> TaskResult:
    """Crystals of two elements gain `GAIN_EV` an atom, if they are LiAl; a solution its own."""
    (atoms,) = task.structures
    counts = atoms.symbols.formula.count()
    energy = sum(n * ATOM_EV[symbol] for symbol, n in counts.items())
    if task.tags.get("phase") == "LiAl":
        energy -= GAIN_EV * len(atoms)
    if task.kind == "solution":
        energy += solution_ev
    return TaskResult(task.key, task.kind, atoms=atoms, energy_ev=energy, converged=True)


def found(solution_ev: float = SOLUTION_EV, **recipe: object) -> Found:
    pair = Pair(
        Candidate("host", "metal", "slab", bulk("Al"), recipe),
        "Li",
        Context(Engine("sevennet", "none", {}, LEVEL)),
    )
    metal = RelaxedState(bulk("Li", "bcc", a=3.4), ATOM_EV["Li"], True, LEVEL, 0.0, "m")
    steps = dissolution(Dissolution(), pair, Bound(metal, metal, (), ()))
    tasks = next(steps)
    while True:
        try:
            tasks = steps.send([answer(task, solution_ev) for task in tasks])
        except StopIteration as end:
            return end.value


def test_a_metal_is_held_out_of_the_compound_that_it_becomes() -> None:
    row = found(builder="metal", parameters={"element": "Al", "miller": [1, 1, 1]})
    assert row.values["e_sol_ev"].number == pytest.approx(SOLUTION_EV, abs=1e-6)
    assert row.values["e_hold_ev"].number == pytest.approx(SOLUTION_EV + 2 * GAIN_EV, abs=1e-6)
    assert row.values["e_share_ev"] == row.values["e_hold_ev"]
    assert row.values["e_mix_ev"].number == pytest.approx(-2 * GAIN_EV, abs=1e-6)


def test_a_host_that_holds_the_ion_shares_it_at_no_cost() -> None:
    row = found(builder="alloy", parameters={"compound": "LiAl", "miller": [1, 1, 0]})
    assert row.values["e_hold_ev"].number == pytest.approx(SOLUTION_EV + 2 * GAIN_EV, abs=1e-6)
    assert row.values["e_share_ev"].number == 0
    assert row.values["e_mix_ev"].number == pytest.approx(0, abs=1e-6)


def test_a_metal_that_dissolves_below_its_own_compounds_is_flagged_and_has_no_solubility() -> None:
    aluminium = {"element": "Al", "miller": [1, 1, 1]}
    row = found(-3 * GAIN_EV, builder="metal", parameters=aluminium)
    assert row.values["e_hold_ev"].number == pytest.approx(-GAIN_EV, abs=1e-6)
    assert "solubility" not in row.values
    assert "one is missing" in row.flags[0]
    usual = found(builder="metal", parameters=aluminium)
    assert 0 < usual.values["solubility"].number < 1
    assert not usual.flags
