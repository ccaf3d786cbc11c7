"""A cluster is one only while its ions are together, on a host that is whole."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc111

from screening.geometry import cluster_fate

NN_A = {"Li": 3.04, "Na": 3.72, "K": 4.62}


def host() -> Atoms:
    slab = fcc111("Cu", (5, 5, 3), a=3.615, vacuum=10.0)
    slab.pbc = (True, True, False)
    return slab


def loaded(*places: tuple[float, float, float], ion: str = "Li") -> Atoms:
    """Ions in the plane, in units of the surface cell, and over the top layer, Å."""
    slab, edge = host(), 3.615 / np.sqrt(2)
    top = slab.positions[:, 2].max()
    for u, v, height in places:
        x, y = (u + v / 2) * edge, v * edge * np.sqrt(3) / 2
        slab.append(ion)
        slab.positions[-1] = (x, y, top + height)
    return slab


def fate(final: Atoms, ion: str = "Li", filled: int = 0, start: Atoms | None = None):
    return cluster_fate(host(), start or final, final, "slab", NN_A[ion], filled)


TRIANGLE = ((1, 1, 2.2), (2, 1, 2.2), (1, 2, 2.2))


def test_a_triangle_of_neighbours_is_a_cluster() -> None:
    assert fate(loaded(*TRIANGLE)).label == "kept"


def test_an_ion_on_top_of_others_belongs_to_the_cluster() -> None:
    assert fate(loaded(*TRIANGLE, (4 / 3, 4 / 3, 4.5))).label == "kept"


def test_a_cluster_across_the_boundary_of_the_cell_is_one() -> None:
    assert fate(loaded((0, 0, 2.2), (4.9, 0, 2.2))).label == "kept"


@pytest.mark.parametrize("third", [(3.5, 3.5, 2.2), (4, 1, 2.2)])
def test_an_ion_that_wandered_off_disperses_the_cluster(third) -> None:
    found = fate(loaded((1, 1, 2.2), (2, 1, 2.2), third))
    assert found.label == "dispersed"
    assert "3 ions in 2 groups" in str(found)


def test_an_ion_in_a_deep_site_of_its_own_does_not_have_to_be_there() -> None:
    trap, pair = (3.5, 3.5, 2.2), ((1, 1, 2.2), (2, 1, 2.2))
    assert fate(loaded(trap, *pair), filled=1).label == "kept"
    assert fate(loaded(*pair, trap), filled=1).label == "dispersed"


def test_an_ion_in_the_vacuum_has_evaporated() -> None:
    assert fate(loaded((1, 1, 2.2), (2, 1, 2.2), (2, 2, 8.0))).label == "desorbed"


def test_a_whole_cluster_in_the_vacuum_has_evaporated_too() -> None:
    found = fate(loaded((1, 1, 8.0), (2, 1, 8.0)))
    assert (found.label, found.detail) == ("desorbed", "2 of 2 ions left")


def test_an_ion_that_sank_under_the_top_layer_is_alloyed() -> None:
    start = loaded(*TRIANGLE)
    final = start.copy()
    final.positions[-1, 2] -= 4.0
    assert fate(final, start=start).label == "alloyed"


def test_an_ion_that_was_inside_from_the_start_is_not() -> None:
    final = loaded((1, 1, 2.2), (2, 1, 2.2))
    final.positions[-2:, 2] -= 4.0
    assert fate(final, start=final).label == "kept"


def test_a_host_that_broke_makes_no_cluster() -> None:
    final = loaded(*TRIANGLE)
    final.positions[60, 2] += 3.0
    assert fate(final).label in {"alloyed", "reconstructed"}


@pytest.mark.parametrize("ion", ["Li", "Na", "K"])
def test_what_is_near_grows_with_the_ion(ion: str) -> None:
    near, far = 1.3 * NN_A[ion] / 2.556, 1.48 * NN_A[ion] / 2.556
    big = fcc111("Cu", (8, 8, 2), a=3.615, vacuum=10.0)
    big.pbc = (True, True, False)
    labels = []
    for apart in (near, far):
        final = big.copy()
        for u in (0.0, apart):
            add_adsorbate(final, ion, 2.6, (u * 2.556, 0.0))
        labels.append(cluster_fate(big, final, final, "slab", NN_A[ion]).label)
    assert labels == ["kept", "dispersed"]


def test_nothing_is_changed() -> None:
    final = loaded(*TRIANGLE)
    before = final.positions.copy()
    fate(final)
    assert np.array_equal(final.positions, before)
