"""Which adsorption sites a host has."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule, surface
from ase.cluster import Icosahedron
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.geometry import Site, find_sites, place
from tests.geometry.hosts import (
    boron_doped,
    disulfide,
    janus,
    mxene_oxide,
    sheet,
    slab,
    tube,
    vacancy,
)


def kinds(sites: tuple[Site, ...]) -> dict[str, int]:
    return dict(Counter(f"{site.kind}-{site.face}" for site in sites))


def labels(sites: tuple[Site, ...]) -> list[tuple[str, int]]:
    return [(site.label, site.multiplicity) for site in sites]


def counts(sites: tuple[Site, ...]) -> list[tuple[str, int]]:
    """Kind and multiplicity, in any order within a kind."""
    return sorted((site.kind, site.multiplicity) for site in sites)


def environments(atoms: Atoms, sites: tuple[Site, ...]) -> np.ndarray:
    """Ten shortest distances from an ion at each site to the host."""
    found = []
    for site in sites:
        placed = place(atoms, site, "Li")
        images = placed.repeat([3 if periodic else 1 for periodic in placed.pbc])
        offset = placed.cell.T @ placed.pbc.astype(float)
        lengths = np.linalg.norm(images.positions - placed.positions[-1] - offset, axis=1)
        found.append(np.sort(lengths[images.numbers != 3])[:10])
    return np.array(found)


def test_graphene_has_one_hollow_one_bridge_one_top_on_one_face() -> None:
    assert labels(find_sites(sheet(), "sheet")) == [
        ("hollow-1", 9),
        ("bridge-1", 27),
        ("top-1", 18),
    ]


@pytest.mark.parametrize("size", [1, 2])
def test_the_smallest_cells_have_the_same_sites(size: int) -> None:
    found = labels(find_sites(sheet(size), "sheet"))
    assert found == [("hollow-1", size**2), ("bridge-1", 3 * size**2), ("top-1", 2 * size**2)]


def test_graphene_hollow_stands_on_six_atoms_in_the_middle_of_the_ring() -> None:
    atoms = sheet()
    hollow = find_sites(atoms, "sheet")[0]
    assert len(hollow.support) == 6
    bond = 2.46 / np.sqrt(3)
    lateral = atoms.get_all_distances(mic=True)[0, 1]
    placed = Atoms("X", [hollow.anchor], cell=atoms.cell, pbc=atoms.pbc) + atoms
    nearest = np.sort(placed.get_distances(0, range(1, len(placed)), mic=True))[:6]
    assert lateral == pytest.approx(bond, abs=1e-6)
    assert nearest == pytest.approx(np.full(6, bond), abs=1e-6)


def test_fcc111_tells_fcc_from_hcp_hollows_by_the_layers_below() -> None:
    atoms = slab("fcc111")
    found = find_sites(atoms, "slab")
    assert labels(found) == [("hollow-1", 4), ("hollow-2", 4), ("bridge-1", 12), ("top-1", 4)]
    below = []
    for site in found[:2]:
        placed = Atoms("X", [site.anchor], cell=atoms.cell, pbc=atoms.pbc) + atoms
        vectors = placed.get_distances(0, range(1, len(placed)), mic=True, vector=True)
        column = np.linalg.norm(vectors[:, :2], axis=1) < 1e-6
        below.append(round(float(-vectors[column, 2].max() / 2.084)))
    assert sorted(below) == [1, 2]


def test_square_and_rectangular_metal_surfaces() -> None:
    assert labels(find_sites(slab("fcc100"), "slab")) == [
        ("hollow-1", 4), ("bridge-1", 8), ("top-1", 4),
    ]  # fmt: skip
    assert labels(find_sites(slab("fcc110"), "slab")) == [
        ("hollow-1", 4), ("bridge-1", 4), ("bridge-2", 4), ("top-1", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(("symbol", "a"), [("Li", 3.51), ("Na", 4.29), ("K", 5.33), ("Fe", 2.87)])
def test_bcc110_has_long_and_short_bridge_and_threefold_hollow(symbol: str, a: float) -> None:
    atoms = slab("bcc110", symbol, a=a)
    found = find_sites(atoms, "slab")
    assert counts(found) == [("bridge", 4), ("bridge", 8), ("hollow", 8), ("top", 4)]
    assert len(found[0].support) == 3


def test_slab_has_sites_on_its_top_only() -> None:
    atoms = slab("fcc111")
    assert all(
        site.face == "top" and site.normal == (0, 0, 1) for site in find_sites(atoms, "slab")
    )
    assert all(
        site.anchor[2] == pytest.approx(atoms.positions[:, 2].max())
        for site in find_sites(atoms, "slab")
    )


def test_oxygen_terminated_mxene_has_two_hollows_bridge_and_top() -> None:
    atoms = mxene_oxide()
    found = find_sites(atoms, "sheet")
    assert labels(found) == [("hollow-1", 4), ("hollow-2", 4), ("bridge-1", 12), ("top-1", 4)]
    assert {atoms.symbols[i] for site in found for i in site.support} == {"O"}


def test_dichalcogenide_faces_are_one_when_equivalent_and_two_when_not() -> None:
    assert kinds(find_sites(disulfide(), "sheet")) == {
        "hollow-top": 2,
        "bridge-top": 1,
        "top-top": 1,
    }
    assert kinds(find_sites(janus(), "sheet")) == {
        "hollow-top": 2, "bridge-top": 1, "top-top": 1,
        "hollow-bottom": 2, "bridge-bottom": 1, "top-bottom": 1,
    }  # fmt: skip
    assert "hollow-1-bottom" in [site.label for site in find_sites(janus(), "sheet")]


def test_boron_makes_the_sites_around_it_distinct_and_comes_first() -> None:
    atoms = boron_doped()
    found = find_sites(atoms, "sheet")
    assert kinds(found) == {"hollow-top": 3, "bridge-top": 6, "top-top": 7}
    assert Counter(s.kind for s in found for _ in range(s.multiplicity)) == {
        "hollow": 9, "bridge": 27, "top": 18,
    }  # fmt: skip
    first = {site.label: site for site in found}
    assert all(7 in first[label].support for label in ("hollow-1", "bridge-1", "top-1"))


def test_vacancy_centre_is_a_site_of_its_own() -> None:
    atoms = vacancy()
    centres = [site for site in find_sites(atoms, "sheet") if site.kind == "vacancy"]
    assert [(site.label, site.multiplicity) for site in centres] == [("vacancy-1", 1)]
    assert len(centres[0].support) == 3
    assert centres[0].anchor == pytest.approx(sheet(4).positions[10], abs=1e-6)


def test_divacancy_centre_is_one_site() -> None:
    atoms = sheet(5)
    pair = next(i for i in range(1, 50) if atoms.get_distance(0, i, mic=True) < 1.5)
    del atoms[[0, pair]]
    centres = [site for site in find_sites(atoms, "sheet") if site.kind == "vacancy"]
    assert [(site.multiplicity, len(site.support)) for site in centres] == [(1, 4)]


def test_metal_vacancy_is_a_hollow_lined_by_the_second_layer() -> None:
    atoms = slab("fcc100").repeat((2, 2, 1))
    top = int(atoms.positions[:, 2].argmax())
    hole = atoms.positions[top].copy()
    del atoms[top]
    found = find_sites(atoms, "slab")
    at_hole = [s for s in found if np.linalg.norm(np.array(s.anchor[:2]) - hole[:2]) < 0.1]
    assert len(at_hole) == 1


def test_adatom_hides_what_lies_below() -> None:
    atoms = sheet(4)
    atoms.append("O")
    atoms.positions[-1] = atoms.positions[10] + (0, 0, 1.4)
    found = find_sites(atoms, "sheet")
    tops = [site.support for site in found if site.kind == "top" and site.face == "top"]
    assert (32,) in tops
    assert (10,) not in tops


def test_tube_has_both_sides_unless_too_narrow() -> None:
    faces = {site.face for site in find_sites(tube(), "tube")}
    assert faces == {"outside", "inside"}
    narrow = find_sites(tube(5, 0, 1), "tube")
    assert counts(narrow) == [("bridge", 10), ("bridge", 20), ("hollow", 10), ("top", 20)]


def test_tube_normals_point_away_from_the_wall() -> None:
    atoms = tube()
    axis = atoms.positions.mean(axis=0)
    for site in find_sites(atoms, "tube"):
        radial = (np.array(site.anchor) - axis) * (1, 1, 0)
        sign = np.sign(np.dot(radial, site.normal))
        assert sign == (1 if site.face == "outside" else -1)
        assert np.linalg.norm(site.normal) == pytest.approx(1.0)


def test_cluster_has_sites_all_around() -> None:
    found = find_sites(Icosahedron("Cu", 2), "cluster")
    assert labels(found) == [("hollow-1", 20), ("bridge-1", 30), ("top-1", 12)]
    fullerene = find_sites(molecule("C60"), "cluster")
    assert counts(fullerene) == [
        ("bridge", 30), ("bridge", 60), ("hollow", 12), ("hollow", 20), ("top", 60),
    ]  # fmt: skip


def test_flat_molecule_has_one_face_by_symmetry() -> None:
    found = find_sites(molecule("C6H6"), "cluster")
    assert {site.face for site in found} == {"top"}
    assert found[0].label == "hollow-1"
    assert len(found[0].support) == 6


def bowl() -> Atoms:
    """A curved flake: its faces differ, and nothing but its shape says which is which."""
    flake = sheet(3)
    flake.pbc = False
    flake.positions -= flake.positions.mean(axis=0)
    flake.positions[:, 2] = 0.03 * (flake.positions[:, :2] ** 2).sum(axis=1)
    return flake


HOSTS = {
    "bowl": (bowl, "cluster"),
    "boron": (boron_doped, "sheet"),
    "vacancy": (vacancy, "sheet"),
    "janus": (janus, "sheet"),
    "fcc111": (lambda: slab("fcc111"), "slab"),
    "tube": (tube, "tube"),
}


@pytest.mark.parametrize("name", HOSTS)
def test_sites_do_not_depend_on_origin_order_or_vacuum(name: str) -> None:
    make, geometry = HOSTS[name]
    atoms = make()
    rng = np.random.default_rng(1)
    moved = atoms[rng.permutation(len(atoms))]
    moved.positions += (1.234, -5.678, 0.9)
    moved.wrap(pbc=moved.pbc)
    for axis in np.flatnonzero(~moved.pbc):
        moved.cell[axis] *= 1.7
    expected, found = find_sites(atoms, geometry), find_sites(moved, geometry)
    assert labels(found) == labels(expected)
    assert environments(moved, found) == pytest.approx(environments(atoms, expected), abs=1e-6)


@pytest.mark.parametrize("name", ["boron", "janus", "fcc111"])
def test_sites_turn_with_the_host(name: str) -> None:
    make, geometry = HOSTS[name]
    atoms = make()
    turned = atoms.copy()
    turned.rotate(37.0, "z", rotate_cell=True)
    expected, found = find_sites(atoms, geometry), find_sites(turned, geometry)
    assert labels(found) == labels(expected)
    assert environments(turned, found) == pytest.approx(environments(atoms, expected), abs=1e-6)


@pytest.mark.parametrize("name", HOSTS)
def test_small_distortions_of_a_relaxed_host_keep_the_sites(name: str) -> None:
    make, geometry = HOSTS[name]
    atoms = make()
    rattled = atoms.copy()
    rattled.rattle(0.01, seed=3)
    assert labels(find_sites(rattled, geometry)) == labels(find_sites(atoms, geometry))


@settings(max_examples=15, deadline=None)
@given(st.tuples(*[st.floats(-20, 20)] * 3))
def test_any_origin_gives_the_same_sites(shift: tuple[float, float, float]) -> None:
    atoms = mxene_oxide()
    expected = labels(find_sites(atoms, "sheet"))
    atoms.positions += shift
    assert labels(find_sites(atoms, "sheet")) == expected


METALS = {"fcc": {"Ni": 3.52, "Au": 4.08, "Pb": 4.95}, "bcc": {"Fe": 2.87, "W": 3.16, "K": 5.23}}


@pytest.mark.parametrize(
    ("lattice", "plane", "count"),
    [
        ("fcc", (1, 1, 1), 4), ("fcc", (1, 0, 0), 3), ("fcc", (1, 1, 0), 4), ("fcc", (2, 1, 1), 13),
        ("fcc", (2, 2, 1), 16), ("bcc", (1, 0, 0), 3), ("bcc", (1, 1, 0), 4), ("bcc", (1, 1, 1), 4),
        ("bcc", (2, 1, 1), 3), ("bcc", (2, 1, 0), 16),
    ],
)  # fmt: skip
def test_sites_of_a_plane_are_the_same_for_all_metals_and_lattice_constants(
    lattice: str, plane: tuple[int, int, int], count: int
) -> None:
    found = []
    for symbol, a in METALS[lattice].items():
        for scale in (0.97, 1.03):
            atoms = surface(bulk(symbol, lattice, a=scale * a, cubic=True), plane, 3, vacuum=8.0)
            atoms.pbc = (True, True, False)
            sites = find_sites(atoms, "slab")
            anchors = np.array([site.anchor for site in sites])
            found.append((counts(sites), anchors[:, 2].max() - anchors[:, 2].min(), scale * a))
    assert len(found[0][0]) == count
    for names, climb, a in found:
        assert names == found[0][0]
        assert climb / a == pytest.approx(found[0][1] / found[0][2], abs=1e-6)


@pytest.mark.parametrize("name", HOSTS)
def test_noise_changes_neither_the_order_nor_the_places_of_sites(name: str) -> None:
    make, geometry = HOSTS[name]
    atoms = make()
    noisy = atoms.copy()
    noisy.positions += np.random.default_rng(5).uniform(-1e-4, 1e-4, atoms.positions.shape)
    for one, two in zip(find_sites(atoms, geometry), find_sites(noisy, geometry), strict=True):
        assert (two.label, two.multiplicity, two.support) == (
            one.label,
            one.multiplicity,
            one.support,
        )
        assert two.anchor == pytest.approx(one.anchor, abs=2e-3)


def test_host_is_left_untouched() -> None:
    atoms = slab("fcc111")
    before = atoms.copy()
    find_sites(atoms, "slab")
    assert atoms == before
    assert atoms.constraints[0].index.tolist() == before.constraints[0].index.tolist()


def dimer_row(side: int) -> Atoms:
    """Si(100)-2x1 with flat dimers along x, a row along y: a slab of ideal layers below.

    The back bonds go along y (side 1), as in nature, or along x as in a file that people pass
    around (side 0), whose second layer lies right under the dimers.
    """
    step, rise = 5.431 / 2**0.5, 5.431 / 4
    layers = Atoms(cell=(2 * step, step, 30), pbc=(True, True, False))
    places = {
        0: ((0, 0), (0, 0.5), (0.5, 0.5), (0.5, 0)),
        1: ((0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)),
    }
    for layer in range(8):
        x, y = places[side][(layer + 3 * side) % 4]
        for column in (0, 1):
            layers += Atoms("Si", [((x + column) * step, y * step, 10 + layer * rise)])
    top = np.flatnonzero(layers.positions[:, 2] > 10 + 6.5 * rise)
    centre = layers.positions[top, 0].mean()
    layers.positions[top, 0] = centre + 1.17 * np.sign(layers.positions[top, 0] - centre)
    return layers.repeat((1, 2, 1))


@pytest.mark.parametrize("side", [0, 1])
def test_a_dimer_row_of_silicon_has_its_bridge_and_its_pedestal(side: int) -> None:
    slab = dimer_row(side)
    top = np.sort(slab.positions[:, 2].argsort()[-4:])
    x, ends = slab.positions[top, 0].mean(), slab.positions[top, 1]
    step = slab.cell.lengths()[1] / 2
    sites = find_sites(slab, "slab")

    def nearest(y: float) -> float:
        copies = np.array([s.anchor[:2] for s in sites])[:, None] + np.array(
            [[i * slab.cell[0, 0], j * step] for i in (-1, 0, 1) for j in (-2, -1, 0, 1, 2)]
        )
        return float(np.linalg.norm(copies - [x, y], axis=2).min())

    assert nearest(ends[0]) < 0.1  # over the dimer
    assert nearest(ends[0] + step / 2) < 0.5  # between two of a row
