"""Only clusters make an overpotential; deep sites come first; the metal is the yardstick."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from screening.builders import load_catalogue
from screening.descriptors import Row
from screening.descriptors.growth import distinct
from screening.descriptors.nucleation import filled_count
from screening.resources import default_structures
from screening.structure import Candidate
from tests.pipeline.cluster_worlds import DEPTH_EV, WIDE, golden
from tests.pipeline.layers_world import BINDING_EV, METAL_EV, triangular
from tests.pipeline.test_driver import TIGHT, drive
from tests.pipeline.toolbox import protocols, square, workflow

CATALOGUE = load_catalogue(default_structures())
TERRACE_EV = -BINDING_EV - METAL_EV


def grown(tmp_path: Path, maker: str, host: Candidate, **settings: object) -> Row:
    flow = workflow(
        ions=("Li",),
        calculator=f"tests.pipeline.{maker}",
        descriptors={"nucleation": {"n_max": 2, "trials": 1, "random": 1, **settings}},
        **TIGHT,
    )
    (row,), _ = drive(tmp_path / "a.db", protocols(flow, host))
    return row


@pytest.mark.parametrize("traps", [(), (6,), (0, 12)])
def test_deep_sites_are_filled_before_the_cluster_starts(tmp_path: Path, traps) -> None:
    row = grown(tmp_path, "cluster_worlds:make_trapped", golden(*traps))
    assert row["n_filled"] == len(traps)
    # The wall, and a little of what ions gain beside one that is trapped.
    assert TERRACE_EV - 0.2 < row["e_step_ev"][0] < TERRACE_EV + 1e-6
    assert row["eta_nuc_mv"] == pytest.approx(1000 * max(row["e_step_ev"]))
    table = row.table("clusters")
    assert [entry.filled for entry in table] == [True] * len(traps) + [False, False]
    for entry in table[: len(traps)]:
        assert entry.e_step_ev == pytest.approx(TERRACE_EV - DEPTH_EV, abs=0.05)


def test_filling_can_be_turned_off(tmp_path: Path) -> None:
    row = grown(tmp_path, "cluster_worlds:make_trapped", golden(6), fill=0)
    assert row["n_filled"] == 0
    assert row["e_step_ev"][0] == pytest.approx(TERRACE_EV - DEPTH_EV, abs=1e-3)


@pytest.mark.parametrize(
    ("steps", "filled"),
    [
        ([0.3], 0),
        ([-2.5, 0.1], 1),
        ([-2.5, -2.4, 0.1], 2),
        ([-2.5, -0.3, -0.2], 1),
        ([-0.6, -0.6, -0.55], 0),  # a terrace that binds below the metal
        ([-0.1, 0.05], 0),
        ([-2.5], 0),  # nothing is known of the next
    ],
)
def test_traps_are_told_from_a_terrace_by_what_the_next_ion_gains(steps, filled: int) -> None:
    assert filled_count(np.cumsum(steps)) == filled


@pytest.mark.parametrize(
    ("maker", "host", "fate"),
    [
        ("cluster_worlds:make_repelling", square(repeat=WIDE), "dispersed"),
        ("cluster_worlds:make_swallowing", triangular(5), "alloyed"),
        ("layers_world:make_lifting", triangular(5), "desorbed"),
    ],
)
def test_ions_that_left_the_cluster_make_no_overpotential(
    tmp_path: Path, maker: str, host: Candidate, fate: str
) -> None:
    row = grown(tmp_path, maker, host)
    assert row["eta_nuc_mv"] is None
    assert f"nucleation stopped at 1 of 2 ions: {fate}" in row.reason
    assert len(row["e_step_ev"]) == 1
    assert row.status == "partial"
    assert row["e_ads_ev"] is not None


def on_emt(db: Path, *hosts: Candidate, ion: str = "Li", **settings: object):
    flow = workflow(
        ions=(ion,),
        calculator="emt",
        descriptors={"nucleation": {"n_max": 2, "trials": 1, "random": 0, **settings}},
        relax={"fmax": 0.03, "max_steps": 300},
    )
    return drive(db, protocols(flow, *hosts))


def test_the_metal_on_itself_is_its_own_yardstick_and_that_of_all_hosts(tmp_path: Path) -> None:
    metal, host = CATALOGUE.build("li-110"), CATALOGUE.build("al-111")
    rows, tally = on_emt(tmp_path / "a.db", metal, host, metal=True)
    own, other = sorted(rows, key=lambda row: row.candidate == "al-111")
    assert own["eta_nuc_mv"] is not None
    assert own["eta_metal_mv"] == own["eta_nuc_mv"]
    assert own["eta_excess_mv"] == 0.0
    assert any("the metal on itself" in flag for flag in own.flags)
    assert other["eta_metal_mv"] == pytest.approx(own["eta_nuc_mv"], abs=1e-9)
    assert tally.done["host"] == 2, "the yardstick is the row of li-110, not computed again"


def test_what_moves_the_atoms_by_noise_does_not_move_the_overpotential(tmp_path: Path) -> None:
    """Equal starts of different surroundings are all tried, so that their order decides nothing."""
    clean = CATALOGUE.build("al-111")
    values = []
    for seed in range(3):
        atoms = clean.atoms.copy()
        if seed:
            atoms.rattle(1e-5, seed=seed)
        host = Candidate("al-111", clean.family, clean.geometry, atoms, clean.recipe)
        (row,), _ = on_emt(tmp_path / f"{seed}.db", host, ion="Na", random=1)
        values.append(row["e_step_ev"])
    assert np.ptp(np.array(values), axis=0).max() < 0.01


def test_copies_count_once_and_equals_of_other_surroundings_each() -> None:
    energies = [-1.0, -1.0 + 4e-4, -1.0 - 4e-4, -0.5, -0.5 + 2e-4]
    seen = np.array([[0.0], [0.0], [1.0], [2.0], [2.01]])
    assert distinct(energies, seen) == [0, 2, 3]


@pytest.mark.parametrize("seed", range(5))
def test_noise_below_the_tolerance_changes_no_choice(seed: int) -> None:
    energies = np.array([-1.0, -1.0, -1.0, -0.7, -0.7, -0.2])
    seen = np.array([[0.0], [1.0], [0.0], [2.0], [2.0], [3.0]])
    noisy = energies + np.random.default_rng(seed).normal(scale=1e-4, size=6)
    assert distinct(noisy.tolist(), seen) == distinct(energies.tolist(), seen) == [0, 1, 3, 5]
