"""An ion that symmetry holds on all sides is moved before it is relaxed; any other is not."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111, graphene

from screening import Adsorption, Screen
from screening.geometry import find_sites, freed, place
from screening.geometry.held import SHAKE_A

CARBON = [
    (1, 4),
    (1, 3),
    (2, 5),
    (2, 3),
    (3, 5),
    (3, 4),
    (3, 2),
    (3, 1),
    (4, 3),
    (4, 1),
    (5, 3),
    (5, 2),
]
NITROGEN = [(2, 0), (2, 2), (4, 4), (4, 0), (0, 4), (0, 2)]
"""C2N of 8.33 Å, in sixths of its hexagonal cell: pores of six nitrogen atoms about a corner."""


@pytest.fixture
def c2n() -> Atoms:
    scaled = [(x / 6, y / 6, 0.5) for x, y in CARBON + NITROGEN]
    cell = [8.331, 8.331, 18.0, 90, 90, 120]
    return Atoms("C12N6", scaled_positions=scaled, cell=cell, pbc=(1, 1, 0))


def starts(host: Atoms, geometry: str) -> dict[str, tuple[Atoms, Atoms]]:
    """Each site's start as placed, and as it is relaxed."""
    placed = {s.label: place(host, s, "Li") for s in find_sites(host, geometry)}
    return {label: (start, freed(host, start, geometry)) for label, start in placed.items()}


def test_in_the_middle_of_a_flat_pore_the_ion_is_moved(c2n) -> None:
    found = starts(c2n, "sheet")
    start, moved = found.pop("vacancy-1")
    step = moved.positions - start.positions
    assert np.linalg.norm(step[-1]) == pytest.approx(SHAKE_A)
    assert not step[:-1].any()
    assert all(abs(step[-1, axis]) > 0.01 for axis in range(3))
    assert all(after is before for before, after in found.values())


@pytest.mark.parametrize(
    ("host", "geometry"),
    [
        (graphene(size=(3, 3, 1), vacuum=8.0), "sheet"),
        (fcc111("Cu", (2, 2, 3), vacuum=8.0), "slab"),
    ],
    ids=["sheet", "slab"],
)
def test_an_ion_above_a_face_stays_where_it_was_placed(host: Atoms, geometry: str) -> None:
    host.pbc = (True, True, False)
    assert all(after is before for before, after in starts(host, geometry).values())


def test_a_pore_without_symmetry_holds_nothing(c2n) -> None:
    c2n.positions[CARBON.index((1, 4))] += (0.3, 0.2, 0.4)
    assert all(after is before for before, after in starts(c2n, "sheet").values())


@pytest.mark.potential
def test_lithium_leaves_the_middle_of_a_wide_pore_for_its_rim(c2n) -> None:
    """In the middle it is held 0.13 eV above the minimum between two nitrogen atoms."""
    pytest.importorskip("sevenn")
    screen = Screen(calibration="none", ions=("Li",), descriptors=[Adsorption(max_sites=1)])
    row = screen.run({"c2n": c2n})["c2n", "Li"].row
    assert row["e_ads_ev"] == pytest.approx(-3.58, abs=0.02)
