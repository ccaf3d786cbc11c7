"""Layers start evenly, on sites or on lattices that fit the cell, and say where they ended."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from screening.geometry import find_sites
from screening.geometry.layers import (
    Ground,
    arrangements,
    commensurate,
    lay,
    layer_outcome,
    shaken,
    spacing,
    spread,
)
from screening.structure import Lattice
from tests.geometry.hosts import boron_doped, janus, sheet, slab

CC_A = 2.46


def ground(host: Atoms, geometry: str = "sheet", face: str = "top") -> Ground:
    return Ground.of(host, geometry, find_sites(host, geometry), face)


def test_graphene_has_as_many_hollows_bridges_and_tops_as_its_cells() -> None:
    found = ground(sheet(3))
    assert [len(orbit) for orbit in found.orbits] == [9, 27, 18]
    assert found.area_a2 == pytest.approx(9 * CC_A**2 * np.sqrt(3) / 2)


@pytest.mark.parametrize(
    ("host", "geometry", "face"),
    [
        (boron_doped(), "sheet", "top"),
        (janus(), "sheet", "top"),
        (janus(), "sheet", "bottom"),
        (slab("fcc111"), "slab", "top"),
    ],
)
def test_every_orbit_has_its_multiplicity(host: Atoms, geometry: str, face: str) -> None:
    sites = [site for site in find_sites(host, geometry) if site.face == face]
    orbits = ground(host, geometry, face).orbits
    assert [len(orbit) for orbit in orbits] == [site.multiplicity for site in sites]


def test_three_ions_on_nine_hollows_make_the_root_three_lattice() -> None:
    found = ground(sheet(3))
    hollows = found.orbits[0]
    chosen = spread(hollows, 3, found.lattice)
    assert spacing(hollows[chosen], found.lattice) == pytest.approx(np.sqrt(3) * CC_A)
    assert chosen[0] == 0


def test_spreading_does_not_depend_on_the_origin() -> None:
    found = ground(boron_doped())
    pool = np.vstack(found.orbits)
    moved = pool + np.array([1.1, -0.7])
    assert spread(pool, 5, found.lattice) == spread(moved, 5, found.lattice)


@pytest.mark.parametrize(
    ("count", "distance"), [(1, 3.0), (3, 3 / 3**0.5), (4, 1.5), (7, 3 / 7**0.5)]
)
def test_a_triangular_cell_divides_into_triangular_lattices(count: int, distance: float) -> None:
    lattice = Lattice(3.0 * np.array([(1, 0), (0.5, np.sqrt(3) / 2)]))
    widest = commensurate(lattice, count)[0]
    assert widest.shape == (count, 2)
    assert spacing(widest, lattice) == pytest.approx(distance)


@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_every_lattice_has_equal_surroundings_at_all_of_its_points(count: int) -> None:
    lattice = Lattice(np.array([(4.0, 0.0), (1.0, 5.0)]))
    for points in commensurate(lattice, count):
        assert len(lattice.unique(points, 1e-6)) == count
        for shift in points:
            assert (lattice.match(points, points + shift, 1e-6) >= 0).all()


def test_ions_never_start_too_close() -> None:
    found = ground(sheet(3))
    for count in (2, 4, 6):
        starts = arrangements(found, count, 2.4)
        assert starts
        assert all(points.shape == (count, 2) for points in starts)
        assert min(spacing(points, found.lattice) for points in starts) >= 2.4
    assert arrangements(found, 30, 2.4) == []


@pytest.mark.parametrize(("face", "side"), [("top", 1), ("bottom", -1)])
def test_a_layer_lies_on_one_face_in_touch_with_it(face: str, side: int) -> None:
    host = janus()
    before = host.copy()
    found = ground(host, face=face)
    laid = lay(found, found.orbits[0][:3], "Na")
    ions = laid.positions[len(host) :, 2]
    surface = (side * host.positions[:, 2]).max()
    assert laid.get_chemical_formula().endswith("Na3S4Se4")
    assert (side * ions - surface > 1.0).all()
    assert (side * ions - surface < 3.0).all()
    assert host == before


def test_a_layer_over_a_hole_stops_at_the_height_of_the_face() -> None:
    host = Atoms("Cu", cell=(14, 14, 20), positions=[(0, 0, 10)], pbc=(True, True, False))
    found = ground(host)
    laid = lay(found, np.array([[7.0, 7.0]]), "Li")
    assert laid.positions[-1] == pytest.approx((7, 7, 10))


def test_shaking_moves_the_ions_alone_and_the_same_way_each_time() -> None:
    found = ground(sheet(3))
    laid = lay(found, found.orbits[0][:2], "Li")
    before = laid.copy()
    one, two = shaken(laid, [18, 19]), shaken(laid, [18, 19])
    assert one == two
    assert laid == before
    steps = np.linalg.norm(one.positions - laid.positions, axis=1)
    assert (steps[:18] == 0).all()
    assert ((steps[18:] > 0.01) & (steps[18:] < 0.5)).all()


def relaxed_layer(heights: list[float]) -> tuple[Ground, Atoms]:
    """Graphene with lithium at these heights over its plane."""
    found = ground(sheet(4))
    laid = lay(found, found.orbits[0][spread(found.orbits[0], len(heights), found.lattice)], "Li")
    laid.positions[-len(heights) :, 2] = found.host.positions[0, 2] + heights
    return found, laid


@pytest.mark.parametrize(
    ("heights", "label", "detail"),
    [
        ([1.8, 2.4, 2.1], "kept", ""),
        ([1.8, 5.0, 2.1], "desorbed", "1 of 3 ions left the host"),
        ([1.8, -1.8, -1.8], "intercalated", "2 of 3 ions sank into the host"),
    ],
)
def test_the_outcome_names_the_ions_that_left(heights, label: str, detail: str) -> None:
    found, final = relaxed_layer(heights)
    assert layer_outcome(found, final, "sheet") == (label, detail)


def test_a_host_that_breaks_under_its_layer_is_reconstructed() -> None:
    found, final = relaxed_layer([1.8, 1.8])
    final.positions[3, :2] += 1.2
    label, detail = layer_outcome(found, final, "sheet")
    assert label == "reconstructed"
    assert "bond" in detail
