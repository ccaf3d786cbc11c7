"""Where an ion stands on a host."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atom, Atoms
from ase.build import molecule, nanotube

from screening.geometry import classify, find_sites, place
from screening.geometry.standing import has_left, in_layer, open_faces
from screening.geometry.views import tube_axis
from tests.geometry.hosts import sheet, slab, tube, vacancy

TUBES = {
    "(6,0)": lambda: nanotube(6, 0, length=2, vacuum=8.0),
    "(5,5)": lambda: nanotube(5, 5, length=3, vacuum=8.0),
    "(6,6)": lambda: nanotube(6, 6, length=3, vacuum=8.0),
    "(8,0) with nitrogen and a hydroxyl group": lambda: functionalised(8),
    "(6,0) with nitrogen and a hydroxyl group": lambda: functionalised(6),
}


def functionalised(n: int) -> Atoms:
    """A zigzag tube with a vacancy, a nitrogen and OH outside, off the middle of the cell."""
    atoms = nanotube(n, 0, length=2, vacuum=9.0)
    atoms.symbols[5] = "N"
    centre = atoms.positions.mean(axis=0)
    outward = (atoms.positions[12] - centre) * (1, 1, 0)
    outward /= np.linalg.norm(outward)
    for symbol, distance in (("O", 1.43), ("H", 2.40)):
        atoms.append(Atom(symbol, atoms.positions[12] + distance * outward))
    del atoms[0]
    return atoms


def squeezed(atoms: Atoms, seed: int = 0) -> Atoms:
    """The tube of a relaxation: a little oval, rattled, and elsewhere in its cell."""
    atoms = atoms.copy()
    atoms.pbc = (False, False, True)
    centre = atoms.positions[:, :2].mean(axis=0)
    atoms.positions[:, :2] = (atoms.positions[:, :2] - centre) * (1.04, 0.96) + centre
    atoms.rattle(0.03, seed=seed)
    atoms.positions += (1.7, -2.3, 0.4)
    return atoms


@pytest.mark.parametrize("name", TUBES)
@pytest.mark.parametrize("shape", [lambda a: a, squeezed], ids=["ideal", "relaxed"])
def test_the_outside_of_a_tube_is_not_its_inside(name: str, shape) -> None:
    """Na 2.4 Å from the wall at random: no site of the other side is ever named."""
    host = shape(TUBES[name]())
    host.pbc = (False, False, True)
    sites = find_sites(host, "tube")
    start = next(site for site in sites if site.kind == "top")
    initial = place(host, start, "Na")
    axis, _ = tube_axis(host)
    rng = np.random.default_rng(1)
    carbon = host.positions[host.numbers < 8] - axis
    names = []
    for _ in range(20):
        angle, height = rng.uniform(0, 2 * np.pi), rng.uniform(0, host.cell[2, 2])
        outward = np.array([np.cos(angle), np.sin(angle), 0.0])
        wall = (carbon @ outward).max()
        final = initial.copy()
        final.positions[-1] = axis + (wall + 2.4) * outward + (0, 0, height)
        outcome = classify(host, initial, final, sites, start, "tube")
        names.append(outcome.final_site or "")
    assert not [label for label in names if label.endswith("inside")]
    assert sum(map(bool, names)) > 10


@pytest.mark.parametrize("name", ["(5,5)", "(6,6)", "(8,0) with nitrogen and a hydroxyl group"])
def test_the_inside_of_a_tube_is_not_its_outside(name: str) -> None:
    host = TUBES[name]()
    host.pbc = (False, False, True)
    sites = find_sites(host, "tube")
    inner = [site for site in sites if site.face == "inside"]
    for start in inner[:6]:
        placed = place(host, start, "Li")
        outcome = classify(host, placed, placed, sites, start, "tube")
        assert (outcome.label, outcome.final_site) == ("kept", start.label)
        assert open_faces(placed, "tube") == {"inside"}


@pytest.mark.parametrize(("n", "m"), [(5, 5), (6, 0), (9, 0), (6, 6)])
@pytest.mark.parametrize("off", [0.0, 0.3])
def test_an_ion_on_the_axis_of_a_narrow_tube_is_bound(n: int, m: int, off: float) -> None:
    host = nanotube(n, m, length=3, vacuum=6.0)
    host.pbc = (False, False, True)
    centre = host.positions.mean(axis=0)
    sites = find_sites(host, "tube")
    start = next(site for site in sites if site.face == "inside")
    initial = place(host, start, "Li")
    final = initial.copy()
    final.positions[-1] = (centre[0] + off, centre[1], initial.positions[-1, 2])
    assert classify(host, initial, final, sites, start, "tube").label in ("kept", "migrated")


def test_an_ion_on_the_axis_of_a_wide_tube_or_far_outside_has_left() -> None:
    wide = nanotube(12, 12, length=2, vacuum=6.0)
    wide.pbc = (False, False, True)
    middle = wide.positions.mean(axis=0)
    assert has_left(wide + Atoms("Li", [middle]), "tube")
    _, size = tube_axis(wide)
    assert has_left(wide + Atoms("Li", [middle + np.array([size + 4.0, 0, 0])]), "tube")


def test_an_ion_in_a_cage_is_bound_and_one_over_a_step_of_air_has_left() -> None:
    cage = molecule("C60")
    assert not has_left(cage + Atoms("Li", [cage.positions.mean(axis=0)]), "cluster")
    flat = sheet(4)
    for rise in (3.4, 3.8, 4.2):
        assert has_left(flat + Atoms("Li", [flat.positions[5] + (0, 0, rise)]), "sheet")


def filled(host: Atoms, place_of_ion: np.ndarray, ion: str = "Li") -> Atoms:
    both = host.copy()
    both.append(Atom(ion, place_of_ion))
    return both


@pytest.mark.parametrize("kind", ["fcc111", "fcc100", "fcc110", "bcc110"])
@pytest.mark.parametrize("rise", [-0.1, 0.0, 0.3])
def test_an_ion_that_fills_a_surface_vacancy_is_incorporated(kind: str, rise: float) -> None:
    options = {"a": 2.87} if kind == "bcc110" else {}
    whole = slab(kind, "Fe" if options else "Cu", **options).repeat((2, 2, 1))
    top = int(whole.positions[:, 2].argmax())
    hole = whole.positions[top].copy()
    host = whole.copy()
    del host[top]
    sites = find_sites(host, "slab")
    start = min(sites, key=lambda s: np.linalg.norm(np.array(s.anchor[:2]) - hole[:2]))
    final = filled(host, hole + np.array([0, 0, rise]))
    outcome = classify(host, place(host, start, "Li"), final, sites, start, "slab")
    assert outcome.label == "incorporated"
    assert outcome.final_site == start.label


def test_an_ion_on_a_whole_surface_is_not_part_of_it() -> None:
    for kind in ("fcc111", "fcc100", "fcc110", "bcc110"):
        options = {"a": 3.51} if kind == "bcc110" else {}
        host = slab(kind, "Li" if options else "Cu", **options)
        for site in find_sites(host, "slab"):
            assert not in_layer(place(host, site, "Na"), "slab")


def test_an_ion_in_the_plane_of_a_ring_or_a_pore_that_it_fills_is_incorporated() -> None:
    host = sheet(4)
    hollow = find_sites(host, "sheet")[0]
    assert in_layer(filled(host, np.array(hollow.anchor)), "sheet")
    assert not in_layer(place(host, hollow, "Li"), "sheet")
    pore = vacancy()
    centre = find_sites(pore, "sheet")[0]
    assert not in_layer(place(pore, centre, "K"), "sheet")


def test_faces_are_open_to_an_ion_on_them() -> None:
    host = sheet()
    over = place(host, find_sites(host, "sheet")[0], "Li")
    assert open_faces(over, "sheet") == {"top"}
    under = over.copy()
    under.positions[-1, 2] = 2 * host.positions[0, 2] - over.positions[-1, 2]
    assert open_faces(under, "sheet") == {"bottom"}
    metal = slab("fcc111")
    assert open_faces(place(metal, find_sites(metal, "slab")[0], "Li"), "slab") == {"top"}
    octahedral = metal.positions[metal.positions[:, 2].argmax()] - (0, 0, 2.6)
    assert open_faces(filled(metal, octahedral), "slab") == set()
    narrow = tube()
    axis, _ = tube_axis(narrow)
    assert open_faces(filled(narrow, axis + np.array([0, 0, 1.0])), "tube") == {"inside"}
