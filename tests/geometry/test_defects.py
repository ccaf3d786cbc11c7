"""Voids, places and hops of defects in crystals whose answers are known by symmetry."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from screening.builders.phases import shipped_phases
from screening.geometry.defect_hops import defect_hops, matched
from screening.geometry.defects import Places, inequivalent, spacious, voids

A = 4.0262
"""Of LiF in the catalogue, Å."""


@pytest.fixture(scope="module")
def salt() -> Atoms:
    return spacious(shipped_phases()["LiF"].atoms, 7.5)[1]


@pytest.mark.parametrize(
    ("name", "atoms"), [("LiF", 54), ("Li2O", 81), ("Li3N", 72), ("NaCl", 16), ("K2O", 24)]
)
def test_a_supercell_keeps_images_apart_with_few_atoms(name: str, atoms: int) -> None:
    unit, cell = spacious(shipped_phases()[name].atoms, 7.5)
    steps = np.stack(np.meshgrid(*[range(-2, 3)] * 3), -1).reshape(-1, 3)
    periods = np.linalg.norm(steps[steps.any(axis=1)] @ cell.cell.array, axis=1)
    assert len(cell) == atoms
    assert len(cell) % len(unit) == 0
    assert periods.min() >= 7.5
    wide = spacious(shipped_phases()[name].atoms, 7.5, 40)[1]
    assert len(wide) >= max(40, atoms)


@pytest.mark.parametrize(
    ("name", "place", "distance"),
    [("LiF", (0.25, 0.25, 0.25), 1.7434), ("Li2O", (0.5, 0.5, 0.5), 2.0001)],
)
def test_the_widest_void_is_the_one_of_the_textbook(name, place, distance) -> None:
    crystal = shipped_phases()[name].atoms
    found = voids(crystal, 3)
    assert np.allclose(found[0], place, atol=1e-6)
    apart = crystal.get_scaled_positions() - found[0]
    nearest = np.linalg.norm((apart - np.rint(apart)) @ crystal.cell.array, axis=1).min()
    assert nearest == pytest.approx(distance, abs=1e-4)


def test_close_packed_metals_have_octahedral_and_tetrahedral_voids() -> None:
    found = voids(bulk("Cu", "fcc", a=3.6), 5)
    assert [sorted(np.round(4 * point) % 4) for point in found] == [[2, 2, 2], [1, 1, 1]]


def test_places_are_all_copies_and_each_is_alike(salt: Atoms) -> None:
    (lithium,) = inequivalent(salt, "Li")
    places = Places.of(salt, salt.get_scaled_positions()[[lithium]])
    assert len(places.points) == 27
    assert places.first(0) == 0
    length, links = next(places.links())
    assert length == pytest.approx(A / np.sqrt(2), abs=1e-6)
    ways = {(link.start, link.end, link.vector) for link in links}
    assert len(ways) == 27 * 12
    assert places.nearest_a("F") == pytest.approx(A / 2, abs=1e-6)
    assert places.nearest_a("K") == np.inf


def test_a_state_is_carried_to_another_place_as_a_whole(salt: Atoms) -> None:
    (lithium,) = inequivalent(salt, "Li")
    places = Places.of(salt, salt.get_scaled_positions()[[lithium]])
    state = salt.copy()
    state.positions[-1] += (0.3, 0.1, 0.0)
    moved = places.carried(5, state)
    here, there = (salt.cell.cartesian_positions(places.points[i]) for i in (0, 5))
    assert np.allclose(_around(moved, there), _around(state, here), atol=1e-6)


def _around(atoms: Atoms, point: np.ndarray) -> np.ndarray:
    probe = atoms + Atoms("X", positions=[point])
    distances = probe.get_distances(-1, range(len(atoms)), mic=True)
    order = np.lexsort((distances.round(6), atoms.numbers))
    return np.array(distances[order])


def test_a_vacancy_hops_by_one_ion_to_the_next_place(salt: Atoms) -> None:
    (lithium,) = inequivalent(salt, "Li")
    places = Places.of(salt, salt.get_scaled_positions()[[lithium]])
    state = salt.copy()
    del state[lithium]
    (hop,) = defect_hops(places, [state], "vacancy", 0.0, 4)
    ways = np.linalg.norm(hop.end.positions - hop.start.positions, axis=1)
    assert hop.name == "vacancy 1-1, 2.85 Å"
    assert np.sort(ways)[-2:] == pytest.approx([0, A / np.sqrt(2)], abs=1e-6)
    assert np.array_equal(hop.start.numbers, hop.end.numbers)


def test_an_interstitial_goes_straight_or_pushes_an_ion_on(salt: Atoms) -> None:
    places = Places.of(salt, [np.array([1, 1, 1]) / 12])
    state = salt + Atoms("Li", positions=[places.points[0] @ salt.cell.array])
    hops = defect_hops(places, [state], "interstitial", A * np.sqrt(3) / 2 + 0.01, 9)
    lengths = [hop.length_a for hop in hops]
    # Of the two ways along a diagonal of the cube, the one through fluorine is none.
    assert lengths == pytest.approx([A / 2, A / np.sqrt(2), A * np.sqrt(3) / 2], abs=1e-6)
    ways = [np.linalg.norm(hop.end.positions - hop.start.positions, axis=1) for hop in hops]
    moved = [way[way > 0.1] for way in ways]
    assert moved[0] == pytest.approx([A / 2], abs=1e-6)
    assert moved[2] == pytest.approx([A * np.sqrt(3) / 4] * 2, abs=1e-6)
    assert "2 ions" in hops[2].name


def test_a_foreign_interstitial_pushes_nothing(salt: Atoms) -> None:
    places = Places.of(salt, [np.array([1, 1, 1]) / 12])
    state = salt + Atoms("K", positions=[places.points[0] @ salt.cell.array])
    (hop,) = defect_hops(places, [state], "interstitial", 0.0, 4)
    ways = np.linalg.norm(hop.end.positions - hop.start.positions, axis=1)
    assert np.flatnonzero(ways > 0.1).tolist() == [len(salt)]


def test_a_defect_that_stays_nowhere_does_not_hop(salt: Atoms) -> None:
    places = Places.of(salt, [np.array([1, 1, 1]) / 12])
    assert defect_hops(places, [None], "interstitial", 4.0, 4) == []


def test_like_atoms_are_matched_by_place_and_across_the_boundary() -> None:
    start = Atoms("Li2F", positions=[(0.1, 0, 0), (4, 0, 0), (2, 2, 2)], cell=[8] * 3, pbc=True)
    end = Atoms("LiFLi", positions=[(4.2, 0, 0), (2, 2, 2), (7.9, 0, 0)], cell=[8] * 3, pbc=True)
    found = matched(start, end)
    assert np.allclose(found.positions, [(-0.1, 0, 0), (4.2, 0, 0), (2, 2, 2)])
    assert found.symbols.get_chemical_formula() == "FLi2"
