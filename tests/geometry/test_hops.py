"""Hops between minima, and the paths that they make."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.cluster import Icosahedron

from screening.geometry import find_sites, place
from screening.geometry.hops import Hop, Link, Minimum, find_hops
from screening.geometry.percolation import percolating_barrier
from tests.geometry.hosts import boron_doped, janus, sheet, slab, tube, vacancy


def minima(host: Atoms, geometry: str, *labels: str, ion: str = "Li") -> list[Minimum]:
    sites = {site.label: site for site in find_sites(host, geometry)}
    return [Minimum(label, place(host, sites[label], ion)) for label in labels]


def hops_of(host: Atoms, geometry: str, *labels: str) -> tuple[Hop, ...]:
    return find_hops(host, minima(host, geometry, *labels), geometry)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_graphene_hollow_to_hollow_is_one_symmetric_hop_not_six(size: int) -> None:
    (hop,) = hops_of(sheet(size), "sheet", "hollow-1")
    assert hop.name == "hollow-1 -> hollow-1"
    assert hop.length_a == pytest.approx(2.46)
    assert hop.multiplicity == 3 * size**2
    assert hop.mirrored


def test_ends_stand_where_the_band_is_short() -> None:
    (hop,) = hops_of(sheet(), "sheet", "hollow-1")
    assert np.linalg.norm(hop.end.positions[-1] - hop.start.positions[-1]) == pytest.approx(2.46)
    assert hop.end.positions[:-1] == pytest.approx(hop.start.positions[:-1])
    assert (hop.start.numbers == hop.end.numbers).all()


def test_fcc111_goes_from_fcc_to_hcp_and_not_past_it() -> None:
    hops = hops_of(slab("fcc111"), "slab", "hollow-1", "hollow-2")
    assert [(hop.name, hop.multiplicity, hop.mirrored) for hop in hops] == [
        ("hollow-1 -> hollow-2", 12, False)
    ]


def test_square_lattice_has_no_diagonal_hop() -> None:
    (hop,) = hops_of(slab("fcc100"), "slab", "hollow-1")
    assert hop.length_a == pytest.approx(3.61 / np.sqrt(2))
    assert hop.multiplicity == 8


def test_rectangular_lattice_has_a_hop_along_and_one_across_the_rows() -> None:
    along, across = hops_of(slab("fcc110"), "slab", "hollow-1")
    assert (along.length_a, across.length_a) == pytest.approx((3.61 / np.sqrt(2), 3.61))
    assert [along.name, across.name] == ["hollow-1 -> hollow-1", "hollow-1 -> hollow-1 #2"]


def test_tube_hops_stay_on_their_side_of_the_wall() -> None:
    host = tube()
    hops = hops_of(host, "tube", "hollow-1", "hollow-1-inside")
    assert all(hop.minima[0] == hop.minima[1] for hop in hops)
    assert all(len(hop.links[0].vector) == 1 for hop in hops)


def test_cluster_hops_have_nowhere_to_percolate_to() -> None:
    hops = hops_of(Icosahedron("Cu", 2), "cluster", "hollow-1")
    assert [(hop.multiplicity, hop.mirrored) for hop in hops] == [(30, True)]
    assert percolating_barrier([0.0], hops, {hops[0].name: 0.1}).barrier_ev is None


def test_faces_of_a_sheet_are_not_joined_through_it() -> None:
    hops = hops_of(janus(), "sheet", "hollow-1", "hollow-1-bottom")
    assert {hop.minima for hop in hops} == {(0, 0), (1, 1)}


def test_no_hop_leads_through_a_sheet_that_carries_a_cluster() -> None:
    """The cluster lifts the mean height of the host above the ions on its sheet."""
    host = sheet(5)
    cluster = Icosahedron("Cu", 2, latticeconstant=3.61)
    cluster.positions += np.array([4.0, 4.0, host.positions[0, 2] + 5.2]) - cluster.positions.mean(
        axis=0
    )
    host += cluster
    level = host.positions[0, 2]
    labels = [
        site.label
        for site in find_sites(host, "sheet")
        if site.kind == "hollow" and abs(site.anchor[2] - level) < 0.1
    ]
    found = hops_of(host, "sheet", *labels)
    sides = {np.sign(end.positions[-1, 2] - level) for hop in found for end in (hop.start, hop.end)}
    assert sides == {-1.0, 1.0}
    for hop in found:
        start, end = hop.start.positions[-1, 2] - level, hop.end.positions[-1, 2] - level
        assert start * end > 0


def test_no_hop_leads_from_under_a_layer_to_the_top_of_it() -> None:
    """Graphene on copper, lifted: one ion on it, one between."""
    metal = slab("fcc111", "Cu", a=3.48)
    layer = sheet(2)
    layer.positions[:, 2] = metal.positions[:, 2].max() + 4.6
    host = metal + layer
    host.set_constraint(metal.constraints)
    labels = [s.label for s in find_sites(host, "slab") if s.kind == "hollow"]
    assert {s.face for s in find_sites(host, "slab")} == {"top", "floor", "roof"}
    for hop in hops_of(host, "slab", *labels):
        ends = {hop.start.positions[-1, 2] > layer.positions[0, 2],
                hop.end.positions[-1, 2] > layer.positions[0, 2]}  # fmt: skip
        assert len(ends) == 1


def test_galleries_above_and_below_a_layer_are_not_joined_through_it() -> None:
    layers = [sheet(2) for _ in range(3)]
    host = layers[0]
    for k in (1, 2):
        layers[k].positions[:, 2] += 3.7 * k
        host = host + layers[k]
    host.center(vacuum=8.0, axis=2)
    middle = np.median(host.positions[:, 2])
    labels = [s.label for s in find_sites(host, "sheet") if s.face in ("floor", "roof")]
    found = hops_of(host, "sheet", *labels)
    assert found
    for hop in found:
        assert (hop.start.positions[-1, 2] - middle) * (hop.end.positions[-1, 2] - middle) > 0


def test_a_pore_lets_an_ion_through_a_sheet() -> None:
    ring = np.arange(8) * np.pi / 4
    pore = Atoms("C8", np.column_stack([2.6 * np.cos(ring), 2.6 * np.sin(ring), 0 * ring]))
    pore.set_cell([8.0, 8.0, 20.0])
    pore.pbc = (True, True, False)
    pore.center()
    places = {"in": pore.positions.mean(axis=0), "over": pore.positions[0] + (0, 0, 2.2)}
    places["under"] = places["over"] * (1, 1, -1) + (0, 0, 2 * pore.positions[0, 2])
    known = [Minimum(name, pore + Atoms("Li", [point])) for name, point in places.items()]
    hops = {hop.minima: hop for hop in find_hops(pore, known, "sheet")}
    # Four over and four under: turning the sheet over makes them one hop.
    assert hops[0, 1].multiplicity == 8
    assert not {(1, 2), (2, 1)} & hops.keys()


def test_fixed_atoms_are_fixed_in_the_ends() -> None:
    host = slab("fcc111")
    (hop,) = hops_of(host, "slab", "hollow-1", "hollow-2")
    for end in (hop.start, hop.end):
        assert end.constraints[0].index.tolist() == host.constraints[0].index.tolist()


def test_relaxed_host_atoms_follow_the_ion() -> None:
    """Each ion pulls its nearest boron up; both ends show it, on the matching atom."""
    host = sheet(4)
    (found,) = minima(host, "sheet", "hollow-1")
    ion = found.atoms.positions[-1]
    ring = found.atoms.get_distances(len(host), range(len(host)), mic=True) < 2.5
    pulled = found.atoms.copy()
    pulled.positions[:-1][ring] += (0, 0, 0.05)
    pulled.positions += (0.0, 0.0, 0.3)
    (hop,) = find_hops(host, [Minimum("hollow-1", pulled)], "sheet")
    for end in (hop.start, hop.end):
        near = end.get_distances(len(host), range(len(host)), mic=True) < 2.5
        assert near.sum() == 6
        rise = end.positions[:-1, 2] - host.positions[:, 2]
        assert rise[near] == pytest.approx(np.full(6, 0.05), abs=1e-9)
        assert rise[~near] == pytest.approx(np.zeros(26), abs=1e-9)
    assert ion[2] == pytest.approx(found.atoms.positions[-1, 2])


def test_displaced_minima_are_recognised_as_one() -> None:
    """A relaxed ion is never exactly on its symmetric place."""
    host = sheet()
    (found,) = minima(host, "sheet", "hollow-1")
    off = found.atoms.copy()
    off.positions[-1] += (0.05, -0.08, 0.02)
    (hop,) = find_hops(host, [Minimum("hollow-1", off)], "sheet")
    assert hop.multiplicity == 27


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (1.7, -2.2, 0.4)])
def test_hops_do_not_depend_on_the_origin(shift: tuple[float, float, float]) -> None:
    host = boron_doped()
    host.positions += shift
    host.wrap(pbc=(True, True, False))
    labels = [s.label for s in find_sites(host, "sheet") if s.kind == "hollow"]
    found = hops_of(host, "sheet", *labels)
    assert {(hop.minima, hop.multiplicity, hop.mirrored) for hop in found} == {
        ((0, 0), 3, True), ((0, 1), 6, False), ((0, 2), 6, False),
        ((1, 1), 3, True), ((1, 2), 6, False), ((2, 2), 3, True),
    }  # fmt: skip


def test_ion_leaves_a_vacancy_by_three_equivalent_hops() -> None:
    host = vacancy()
    labels = [s.label for s in find_sites(host, "sheet") if s.kind in ("hollow", "vacancy")]
    hops = hops_of(host, "sheet", *labels)
    (escape,) = [hop for hop in hops if 0 in hop.minima]
    assert (labels[0], escape.multiplicity) == ("vacancy-1", 3)
    links = [link for hop in hops for link in hop.links]
    assert len(links) == len({min(key(link), key(link.reversed())) for link in links})


def key(link: Link) -> tuple[int, int, tuple[int, ...]]:
    return link.start, link.end, link.vector


def test_no_hop_where_the_next_minimum_is_out_of_reach() -> None:
    assert find_hops(sheet(), minima(sheet(), "sheet", "hollow-1"), "sheet", cutoff=2.0) == ()


def test_inputs_are_left_untouched() -> None:
    host = sheet()
    found = minima(host, "sheet", "hollow-1")
    before = host.copy(), found[0].atoms.copy()
    find_hops(host, found, "sheet")
    assert (host, found[0].atoms) == before


def test_graphene_percolates_at_its_one_saddle() -> None:
    hops = hops_of(sheet(2), "sheet", "hollow-1")
    result = percolating_barrier([-1.0], hops, {hops[0].name: -0.68})
    assert result.barriers_ev == pytest.approx((0.32, 0.32))
    assert result.barrier_ev == pytest.approx(0.32)


def test_anisotropic_surface_opens_one_direction_first() -> None:
    along, across = hops_of(slab("fcc110"), "slab", "hollow-1")
    result = percolating_barrier([0.0], (along, across), {along.name: 0.05, across.name: 0.4})
    assert result.barriers_ev == pytest.approx((0.05, 0.4))
    assert result.bottlenecks == (along.name, across.name)


def test_path_over_two_sites_needs_the_saddle_between_them() -> None:
    hops = hops_of(slab("fcc111"), "slab", "hollow-1", "hollow-2")
    result = percolating_barrier([0.0, 0.1], hops, {hops[0].name: 0.25})
    assert result.barriers_ev == pytest.approx((0.25, 0.25))


def test_barrier_is_counted_from_the_deepest_minimum_even_beside_the_path() -> None:
    """A trap: hollows around percolate at 0.3, but the ion first has to leave the vacancy."""
    host = vacancy()
    labels = [s.label for s in find_sites(host, "sheet") if s.kind in ("vacancy", "hollow")]
    hops = hops_of(host, "sheet", *labels)
    trap = labels.index("vacancy-1")
    energies = [-2.0 if i == trap else 0.0 for i in range(len(labels))]
    saddles = {hop.name: 0.5 if trap in hop.minima else 0.3 for hop in hops}
    assert percolating_barrier(energies, hops, saddles).barrier_ev == pytest.approx(2.5)


def test_a_closed_direction_is_missing_not_infinite() -> None:
    along, across = hops_of(slab("fcc110"), "slab", "hollow-1")
    result = percolating_barrier([0.0], (along, across), {along.name: 0.05, across.name: None})
    assert result.barriers_ev == (pytest.approx(0.05), None)
    assert result.barrier_ev is None
    assert percolating_barrier([0.0], (), {}).barrier_ev is None


def test_a_tube_percolates_along_its_axis_only() -> None:
    host = tube()
    hops = hops_of(host, "tube", "hollow-1")
    result = percolating_barrier([0.0], hops, {hop.name: 0.1 * i for i, hop in enumerate(hops, 1)})
    assert len(result.barriers_ev) == 1
    assert result.barrier_ev is not None


@pytest.mark.parametrize("seed", range(4))
def test_noise_of_relaxed_positions_changes_neither_hops_nor_their_names(seed: int) -> None:
    for make, geometry in (
        (boron_doped, "sheet"),
        (lambda: slab("fcc110"), "slab"),
        (tube, "tube"),
    ):
        host = make()
        rng = np.random.default_rng(seed)
        labels = [s.label for s in find_sites(host, geometry) if s.kind == "hollow"]
        still = minima(host, geometry, *labels)
        noisy = host.copy()
        noisy.positions += rng.uniform(-1e-4, 1e-4, host.positions.shape)
        shaken = []
        for one in still:
            moved = one.atoms.copy()
            moved.positions += rng.uniform(-1e-4, 1e-4, moved.positions.shape)
            shaken.append(Minimum(one.label, moved))
        expected, found = find_hops(host, still, geometry), find_hops(noisy, shaken, geometry)
        assert [(h.name, h.minima, h.links) for h in found] == [
            (h.name, h.minima, h.links) for h in expected
        ]
        for one, two in zip(expected, found, strict=True):
            assert two.start.positions == pytest.approx(one.start.positions, abs=1e-3)
            assert two.end.positions == pytest.approx(one.end.positions, abs=1e-3)


@pytest.mark.parametrize("noise", [(0.0, 0.0), (1e-4, -1e-4), (-1e-4, 1e-4)])
def test_noise_of_energies_renames_no_bottleneck(noise: tuple[float, float]) -> None:
    along, across = hops_of(slab("fcc110"), "slab", "hollow-1")
    saddles = {along.name: 0.3 + noise[0], across.name: 0.3 + noise[1]}
    result = percolating_barrier([0.0], (along, across), saddles)
    assert result.bottlenecks == (along.name, across.name)
    assert result.barrier_ev == pytest.approx(0.3, abs=2e-4)
    inner, outer = toy("in", (0, 1, (0, 0))), toy("out", (1, 1, (1, 0)), (1, 1, (0, 1)))
    network = [replace(inner, minima=(0, 1)), replace(outer, minima=(1, 1))]
    levels = {"in": 0.5, "out": 0.2}
    assert percolating_barrier([*noise], network, levels).bottlenecks == ("in", "in")


def toy(name: str, *links: tuple[int, int, tuple[int, int]]) -> Hop:
    """A hop of a lattice model: only its links matter."""
    return Hop(name, (0, 0), Atoms(), Atoms(), 1.0, False, tuple(Link(*link) for link in links))


@pytest.mark.parametrize(
    ("hops", "expected"),
    [
        # square lattice: x opens at 1, y at 2
        ([toy("x", (0, 0, (1, 0))), toy("y", (0, 0, (0, 1)))], (1.0, 2.0)),
        # a diagonal and twice the same diagonal are one direction
        ([toy("d", (0, 0, (1, 1))), toy("dd", (0, 0, (2, 2)))], (1.0, None)),
        # two different diagonals are two
        ([toy("d", (0, 0, (1, 1))), toy("e", (0, 0, (1, -1)))], (1.0, 2.0)),
        # brick wall: a pair inside the cell, then across either boundary
        (
            [toy("in", (0, 1, (0, 0))), toy("a", (1, 0, (1, 0))), toy("b", (1, 0, (0, 1)))],
            (2.0, 3.0),
        ),
        # going out and back by the same boundary leads nowhere
        ([toy("out", (0, 1, (1, 0))), toy("back", (1, 0, (-1, 0)))], (None, None)),
        # a detour over a third site: the loop closes with its last link
        (
            [toy("1", (0, 1, (1, 0))), toy("2", (1, 2, (0, 1))), toy("3", (2, 0, (0, 0)))],
            (3.0, None),
        ),
        # a basin that percolates without the deepest minimum does not count until it is joined
        ([toy("far", (5, 5, (1, 0)), (5, 5, (0, 1))), toy("join", (0, 5, (0, 0)))], (2.0, 2.0)),
    ],
)
def test_lattice_models_with_known_answers(
    hops: list[Hop], expected: tuple[float | None, ...]
) -> None:
    saddles = {hop.name: float(level) for level, hop in enumerate(hops, 1)}
    hops[0] = replace(hops[0], minima=(0, 1))
    others = [replace(hop, minima=(1, 1)) for hop in hops[1:]]
    if hops[0].name == "far":
        hops[0], others = replace(hops[0], minima=(1, 1)), [replace(others[0], minima=(0, 1))]
    result = percolating_barrier([0.0, 0.5], [hops[0], *others], saddles)
    assert result.barriers_ev == expected
