"""How close the ions of a cell stand."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bcc110, bulk

from screening.geometry import crowding, find_sites, nearest_image_distance, place
from screening.geometry.crowding import METAL_NEIGHBOUR_A, nearest_distance
from tests.geometry.hosts import sheet, slab, tube


def adatom(host: Atoms, ion: str, geometry: str = "slab") -> Atoms:
    return place(host, find_sites(host, geometry)[0], ion)


@pytest.mark.parametrize(("ion", "a"), [("Li", 3.491), ("Na", 4.225), ("K", 5.225)])
def test_the_metals_own_distance_is_that_of_bcc(ion: str, a: float) -> None:
    metal = bulk(ion, "bcc", a=a)
    assert METAL_NEIGHBOUR_A[ion] == pytest.approx(nearest_image_distance(metal, 0), abs=0.006)


@pytest.mark.parametrize("ion", ["Li", "Na", "K"])
def test_a_full_plane_of_bcc_110_is_one_monolayer(ion: str) -> None:
    a = {"Li": 3.491, "Na": 4.225, "K": 5.225}[ion]
    plane = bcc110(ion, (2, 2, 1), a=a, vacuum=8.0)
    plane.pbc = (True, True, False)
    found = crowding(plane, range(4))
    assert found.coverage == pytest.approx(1.0, abs=0.01)
    assert found.distance_a == pytest.approx(found.metal_a, abs=0.01)
    assert found.problem


def test_images_closer_than_the_metals_atoms_are_flagged() -> None:
    """Cu(111) 1 × 1: images 2.55 Å apart, closer than in any of the three metals."""
    cell = slab("fcc111")
    cell = Atoms("Cu", [(0, 0, 10)], cell=[cell.cell[0] / 2, cell.cell[1] / 2, (0, 0, 20)])
    cell.pbc = (True, True, False)
    for ion, metal in METAL_NEIGHBOUR_A.items():
        found = crowding(cell + Atoms(ion, [(0, 0, 12.5)]), [1])
        assert found.distance_a == pytest.approx(3.61 / np.sqrt(2))
        assert found.problem == (
            f"{ion} ions stand 2.55 Å apart, closer than in the metal ({metal:.2f} Å)"
        )


def test_a_dense_layer_is_flagged_and_a_single_ion_is_not() -> None:
    """Cu(111) 2 × 2 with K: 5.11 Å, farther than in the metal, but 0.85 monolayers."""
    dense = crowding(adatom(slab("fcc111"), "K"), [16])
    assert dense.coverage == pytest.approx(0.855, abs=0.01)
    assert dense.problem == "K ions cover 0.86 of a monolayer, more than 0.5"
    single = crowding(adatom(sheet(4), "Li", "sheet"), [32])
    assert (single.distance_a, single.problem) == (pytest.approx(4 * 2.46), "")


def test_the_limit_and_the_metal_may_be_stated() -> None:
    host = adatom(slab("fcc111"), "K")
    assert crowding(host, [16], most=0.9).problem == ""
    assert crowding(host, [16], metal_a=5.2).problem.startswith("K ions stand 5.11 Å apart")


def test_ions_of_one_cell_count_like_images() -> None:
    host = sheet(4)
    pair = host + Atoms("Na2", [host.positions[0] + (0, 0, 2.4), host.positions[0] + (2, 0, 2.4)])
    assert nearest_distance(pair, [32, 33]) == pytest.approx(2.0)
    assert "2.00 Å apart" in crowding(pair, [32, 33]).problem
    pair.positions[33] = pair.positions[32]
    assert nearest_distance(pair, [32, 33]) == 0.0


def test_a_tube_has_a_distance_but_no_coverage_and_a_molecule_neither() -> None:
    host = adatom(tube(), "Li", "tube")
    found = crowding(host, [len(host) - 1])
    assert (found.distance_a, found.coverage) == (pytest.approx(host.cell[2, 2]), None)
    alone = crowding(Atoms("K"), [0])
    assert (alone.distance_a, alone.coverage, alone.problem) == (np.inf, None, "")


def test_the_distance_does_not_depend_on_how_the_cell_is_drawn() -> None:
    host = adatom(sheet(3), "Na", "sheet")
    expected = crowding(host, [18])
    skewed = host.copy()
    skewed.set_cell([host.cell[0], host.cell[1] + 2 * host.cell[0], host.cell[2]])
    skewed.positions += (7.7, -3.1, 0.0)
    found = crowding(skewed, [18])
    assert found.distance_a == pytest.approx(expected.distance_a)
    assert found.coverage == pytest.approx(expected.coverage)


def test_nearest_image_distance_is_the_shortest_lattice_vector() -> None:
    assert nearest_image_distance(sheet(3), 0) == pytest.approx(3 * 2.46)
    assert nearest_image_distance(tube(), 0) == pytest.approx(tube().cell.lengths()[2])
    assert nearest_image_distance(Atoms("Li"), 0) == np.inf
    skewed = sheet(3)
    skewed.set_cell(np.array([skewed.cell[0], skewed.cell[1] + 2 * skewed.cell[0], skewed.cell[2]]))
    assert nearest_image_distance(skewed, 5) == pytest.approx(3 * 2.46)
