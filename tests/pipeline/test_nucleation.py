"""A cluster grows where the energy is lowest; every step has its known price."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms

from screening.descriptors import Row
from screening.descriptors.nucleation import overpotential_mv, step_energies
from screening.pipeline.protocol import Protocol
from screening.pipeline.store import open_store
from screening.pipeline.workflow import Workflow
from tests.pipeline.layers_world import BINDING_EV, METAL_EV, WIDTH_A, pair_ev, triangular
from tests.pipeline.test_driver import TIGHT, drive
from tests.pipeline.toolbox import protocols, square, workflow
from tests.toys import E_ADS_EV, LATTICE_A, EggBox

ATTRACTION_EV = 0.25
CORE_EV, CORE_A = 4.0, 2.4


class Sticky(EggBox):
    """Two ions in neighbouring hollows gain `ATTRACTION_EV`; no two share a hollow."""

    sign = -1.0

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = [i for i, symbol in enumerate(atoms.symbols) if symbol == "Li"]
        if len(ions) == len(atoms):
            return
        for one, other in itertools.combinations(ions, 2):
            if np.isclose(atoms.get_distance(one, other, mic=True), LATTICE_A, atol=0.3):
                self.results["energy"] += self.sign * ATTRACTION_EV
            self._push_apart(atoms, one, other)

    def _push_apart(self, atoms: Atoms, one: int, other: int) -> None:
        vector = atoms.get_distance(one, other, mic=True, vector=True)
        length = float(np.linalg.norm(vector))
        overlap = max(0.0, 1 - length / CORE_A)
        self.results["energy"] += CORE_EV * overlap**2
        push = 2 * CORE_EV * overlap / CORE_A * vector / max(length, 1e-9)
        self.results["forces"][other] += push
        self.results["forces"][one] -= push


class Repulsive(Sticky):
    sign = 1.0


def make_sticky() -> Sticky:
    return Sticky()


def make_repulsive() -> Repulsive:
    return Repulsive()


def grown(tmp_path: Path, maker: str, n_max: int = 3) -> Row:
    flow = workflow(
        ions=("Li",),
        calculator=f"tests.pipeline.test_nucleation:{maker}",
        descriptors={"nucleation": {"n_max": n_max, "trials": 2}},
        **TIGHT,
    )
    (row,), _ = drive(tmp_path / "a.db", protocols(flow, square(repeat=4)))
    assert open_store(str(tmp_path / "a.db")).rows() == [row]
    return row


def on_wall(**settings: int) -> Workflow:
    return workflow(
        ions=("Li",),
        calculator="tests.pipeline.layers_world:make_wall",
        descriptors={"adsorption": {"max_sites": 1}, "nucleation": settings},
        **TIGHT,
    )


def walls(flow: Workflow, repeat: int = 5) -> list[Protocol]:
    return protocols(flow, triangular(repeat))


def test_attraction_makes_ions_cluster_and_later_steps_cheaper(tmp_path: Path) -> None:
    row = grown(tmp_path, "make_sticky")
    first, second, third = row["e_step_ev"]
    assert first == pytest.approx(E_ADS_EV, abs=1e-6)
    assert second == pytest.approx(E_ADS_EV - ATTRACTION_EV, abs=1e-5)
    assert third <= E_ADS_EV - ATTRACTION_EV + 1e-5
    assert row["clustering_ev"] == pytest.approx(-ATTRACTION_EV, abs=1e-5)
    assert row["eta_nuc_mv"] == 0.0


@pytest.mark.parametrize("changes", [{}, {"trials": 1, "random": 3, "seed": 5}])
def test_a_cluster_on_a_flat_wall_has_its_bonds_counted(tmp_path: Path, changes) -> None:
    flow = on_wall(n_max=3, **changes)
    (row,), _ = drive(tmp_path / "a.db", walls(flow))
    alone, bond = -BINDING_EV - METAL_EV, float(pair_ev(np.array(WIDTH_A)))
    # A pair has one bond, a triangle three.
    assert row["e_step_ev"] == pytest.approx((alone, alone + bond, alone + 2 * bond), abs=1e-6)
    assert not row.flags


def test_random_starts_add_to_the_greedy_ones_and_never_make_it_worse(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    (greedy,), first = drive(db, walls(on_wall(n_max=2, trials=1, random=0)))
    (both,), second = drive(db, walls(on_wall(n_max=2, trials=1, random=2)))
    # One start beside the first ion, one apart from it that joined it, so that the next one was
    # tried as well; then two more of each, one of which was that next one.
    assert first.done["cluster"] == 3
    assert second.done == {"cluster": 3}
    assert sum(both["e_step_ev"]) <= sum(greedy["e_step_ev"]) + 1e-9


def test_a_seed_draws_the_same_starts_again_and_another_seed_others(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    drive(db, walls(on_wall(n_max=2, trials=1, random=1, seed=1), repeat=4))
    _, same = drive(db, walls(on_wall(n_max=2, trials=1, random=1, seed=1), repeat=4))
    assert not same.done
    _, other = drive(db, walls(on_wall(n_max=2, trials=1, random=1, seed=2), repeat=4))
    assert other.done


def test_more_random_starts_than_sites_relax_each_site_once(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    drive(db, walls(on_wall(n_max=2, trials=20, random=0), repeat=3))
    _, tally = drive(db, walls(on_wall(n_max=2, trials=20, random=20), repeat=3))
    assert not tally.done


def test_a_cell_too_small_to_keep_ions_apart_lacks_the_margin_alone(tmp_path: Path) -> None:
    (row,), _ = drive(tmp_path / "a.db", walls(on_wall(n_max=3, trials=1, random=0), repeat=2))
    assert row["clustering_ev"] is None
    assert "no site apart" in " ".join(row.notes)
    assert (len(row["e_step_ev"]), row.status) == (3, "ok")
    assert row["eta_nuc_mv"] is not None


def test_repulsion_keeps_ions_apart(tmp_path: Path) -> None:
    row = grown(tmp_path, "make_repulsive", n_max=2)
    assert row["clustering_ev"] is not None
    assert row["clustering_ev"] > 0
    assert row["clustering_ev"] == pytest.approx(ATTRACTION_EV, abs=1e-5)
    assert row["eta_nuc_mv"] is None
    assert "dispersed" in row.reason


@pytest.mark.parametrize(
    ("totals", "steps", "overpotential"),
    [
        ([0, -0.5, -0.9, -1.6], (-0.5, -0.4, -0.7), 0.0),
        ([0, -0.5, -0.2, -0.4], (-0.5, 0.3, -0.2), 300.0),
        ([0, 0.2, 0.1], (0.2, -0.1), 200.0),
    ],
)
def test_steps_and_overpotential_follow_their_definitions(totals, steps, overpotential) -> None:
    assert step_energies(totals) == pytest.approx(steps)
    assert overpotential_mv(step_energies(totals)) == pytest.approx(overpotential)
