"""Where an ion is put."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii

from screening.geometry import find_sites, place
from screening.units import IONS
from tests.geometry.hosts import boron_doped, janus, mxene_oxide, sheet, slab, tube, vacancy


def height(atoms: Atoms, ion: str, index: int = 0) -> float:
    site = find_sites(atoms, "sheet")[index]
    return float(place(atoms, site, ion).positions[-1, 2] - site.anchor[2])


@pytest.mark.parametrize(
    ("ion", "low", "high"), [("Li", 1.7, 1.8), ("Na", 2.15, 2.35), ("K", 2.6, 2.8)]
)
def test_each_ion_has_its_own_height_over_graphene(ion: str, low: float, high: float) -> None:
    assert low < height(sheet(), ion) < high


def test_hollow_lies_deeper_than_bridge_and_bridge_deeper_than_top() -> None:
    for ion in IONS:
        hollow, bridge, top = (height(sheet(), ion, index) for index in range(3))
        assert hollow < bridge < top


@pytest.mark.parametrize("ion", IONS)
@pytest.mark.parametrize(
    ("make", "geometry"),
    [
        (sheet, "sheet"), (boron_doped, "sheet"), (vacancy, "sheet"), (janus, "sheet"),
        (mxene_oxide, "sheet"), (lambda: slab("fcc111"), "slab"), (tube, "tube"),
    ],
)  # fmt: skip
def test_ion_touches_the_host_and_overlaps_nothing(make, geometry: str, ion: str) -> None:
    atoms = make()
    for site in find_sites(atoms, geometry):
        placed = place(atoms, site, ion)
        distances = placed.get_distances(len(atoms), range(len(atoms)), mic=True)
        sums = covalent_radii[atoms.numbers] + covalent_radii[atomic_numbers[ion]]
        ratios = distances / sums
        inside = site.face == "inside"
        assert ratios.min() > (0.7 if inside else 0.849)
        assert ratios.min() < 1.1 + 1e-9


def test_ion_is_the_last_atom_and_constraints_stay() -> None:
    atoms = slab("fcc111")
    before = atoms.copy()
    placed = place(atoms, find_sites(atoms, "slab")[0], "Na")
    assert placed.symbols[-1] == "Na"
    assert placed[:-1].symbols.get_chemical_formula() == "Cu16"
    assert placed.constraints[0].index.tolist() == atoms.constraints[0].index.tolist()
    assert atoms == before


def test_ion_below_a_sheet_goes_down() -> None:
    atoms = janus()
    site = next(s for s in find_sites(atoms, "sheet") if s.label == "hollow-1-bottom")
    assert place(atoms, site, "Li").positions[-1, 2] < atoms.positions[:, 2].min()


def test_ion_in_a_narrow_tube_stops_at_the_axis() -> None:
    atoms = tube()
    site = next(s for s in find_sites(atoms, "tube") if s.label == "hollow-1-inside")
    position = place(atoms, site, "K").positions[-1]
    assert position[:2] == pytest.approx(atoms.positions[:, :2].mean(axis=0), abs=1e-6)


def test_ion_rests_in_the_plane_of_a_pore_wider_than_itself() -> None:
    ring = np.arange(8) * np.pi / 4
    pore = Atoms("C8", np.column_stack([2.6 * np.cos(ring), 2.6 * np.sin(ring), 0 * ring]))
    pore.set_cell([8.0, 8.0, 20.0])
    pore.pbc = (True, True, False)
    pore.center()
    centre = next(s for s in find_sites(pore, "sheet") if len(s.support) == 8)
    assert place(pore, centre, "Li").positions[-1] == pytest.approx((4.0, 4.0, 10.0), abs=1e-6)


def test_place_does_not_depend_on_where_the_cell_is_cut() -> None:
    atoms = mxene_oxide()
    moved = atoms.copy()
    moved.positions += (1.0, 2.5, 0.7)
    moved.wrap(pbc=(True, True, False))
    for one, two in zip(find_sites(atoms, "sheet"), find_sites(moved, "sheet"), strict=True):
        first, second = place(atoms, one, "Na"), place(moved, two, "Na")
        assert second.positions[-1, 2] - 0.7 == pytest.approx(first.positions[-1, 2], abs=1e-6)
