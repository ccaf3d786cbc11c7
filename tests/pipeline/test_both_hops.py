"""A copy behind another minimum costs the higher of two tops, seen from the best site."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.constraints import FixAtoms
from scipy.optimize import brentq

from screening.structure import Candidate
from tests.pipeline.test_driver import TIGHT, drive
from tests.pipeline.toolbox import protocols, workflow
from tests.toys import BINDING_EV, HEIGHT_A, METAL_LATTICE_A, STIFFNESS_EV_A2, EggBox

PERIOD_A = (4.8, 6.0)
ACROSS_EV = 0.4
"""Along y; the channel runs over the atoms, where its wells are on bridges and on tops."""
DEEPER_EV, WELLS_EV = 0.03, 0.08
"""D1, D2 of ``-D1 cos t - D2 cos 2t + D3 sin t`` along x: wells near 0 and π, tops near ±π/2."""
LEANING_EV = 0.02
"""D3, by which the two tops differ: the nearer one is the lower."""


def along(t: float, leaning_ev: float) -> float:
    return -DEEPER_EV * np.cos(t) - WELLS_EV * np.cos(2 * t) + leaning_ev * np.sin(t)


def slope(t: float, leaning_ev: float) -> float:
    return DEEPER_EV * np.sin(t) + 2 * WELLS_EV * np.sin(2 * t) + leaning_ev * np.cos(t)


def tops_over_the_best(leaning_ev: float) -> tuple[float, float]:
    """Heights of the tops to the left and to the right over the deeper well, eV."""
    at = [brentq(slope, t - 0.7, t + 0.7, (leaning_ev,), 1e-14) for t in (0, -np.pi / 2, np.pi / 2)]
    low, left, right = (along(t, leaning_ev) for t in at)
    return left - low, right - low


class Channel(EggBox):
    """A channel along x with two wells a period, over a rigid host."""

    leaning_ev = LEANING_EV

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = np.isin(atoms.symbols, list(METAL_LATTICE_A))
        if ions.all():
            return
        origin = atoms.positions[atoms.symbols == "Cu"][0]
        kx, ky = 2 * np.pi / np.array(PERIOD_A)
        energy, forces = -3.0 * float((~ions).sum()), np.zeros((len(atoms), 3))
        for index in np.flatnonzero(ions):
            x, y, z = atoms.positions[index] - origin
            t = kx * x - np.pi
            energy += along(t, self.leaning_ev) - BINDING_EV
            energy -= ACROSS_EV * np.cos(ky * y) + STIFFNESS_EV_A2 * (z - HEIGHT_A) ** 2 / 2
            forces[index] = (
                -kx * slope(t, self.leaning_ev),
                -ACROSS_EV * ky * np.sin(ky * y),
                -STIFFNESS_EV_A2 * (z - HEIGHT_A),
            )
        self.results = {"energy": float(energy), "forces": forces}


class EvenChannel(Channel):
    """Both tops alike."""

    leaning_ev = 0.0


def make_channel() -> Channel:
    return Channel()


def make_even_channel() -> EvenChannel:
    return EvenChannel()


def host(*, leaning: bool) -> Candidate:
    """Copper rows; silver beside each leaves the lattice no mirror across the channel."""
    atoms = Atoms("Cu", [(0, 0, 10)], cell=(*PERIOD_A, 20), pbc=(True, True, False))
    if leaning:
        atoms += Atoms("Ag", [(1.9, 0, 10)])
    atoms.set_constraint(FixAtoms(range(len(atoms))))
    return Candidate("channel", "metal", "slab", atoms, {"id": "channel"})


def screened(folder: Path, calculator: str, candidate: Candidate, path: str = "best hop"):
    settings = {"images": 3, "fmax": 1e-5, "max_steps": 800, "path": path}
    flow = workflow(
        calculator=f"tests.pipeline.test_both_hops:{calculator}",
        ions=("Li",),
        descriptors={"barrier": settings},
        **TIGHT,
    )
    (row,), tally = drive(folder / "a.db", protocols(flow, candidate))
    return row, tally


def test_the_higher_of_two_tops_counts(tmp_path: Path) -> None:
    row, tally = screened(tmp_path, "make_channel", host(leaning=True))
    tops = tops_over_the_best(LEANING_EV)
    assert max(tops) - min(tops) > LEANING_EV
    assert row["barrier_ev"] == pytest.approx(max(tops), abs=1e-6)
    assert sorted(hop.forward_ev for hop in row.table("hops")) == pytest.approx(
        sorted(tops), abs=1e-6
    )
    assert tally.done["barrier"] + tally.done["half-band"] == 2
    assert row.status == "ok"


def test_the_network_of_all_hops_agrees(tmp_path: Path) -> None:
    """Along the channel, the easy direction; across it the way is far higher."""
    row, _ = screened(tmp_path, "make_channel", host(leaning=True), path="percolating")
    expected = max(tops_over_the_best(LEANING_EV))
    assert row["barrier_easy_ev"] == pytest.approx(expected, abs=1e-6)


def test_a_second_hop_that_mirrors_the_first_is_not_computed(tmp_path: Path) -> None:
    row, tally = screened(tmp_path, "make_even_channel", host(leaning=False))
    left, right = tops_over_the_best(0.0)
    assert left == pytest.approx(right, abs=1e-12)
    assert row["barrier_ev"] == pytest.approx(left, abs=1e-6)
    assert tally.done["barrier"] + tally.done["half-band"] == 1
