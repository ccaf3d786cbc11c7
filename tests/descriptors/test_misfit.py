"""Misfit: zero where it must be, by hand where it can be, complete everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene

from screening.builders import load_catalogue
from screening.builders.families.metal import METALS
from screening.builders.supercell import coincidence_cell
from screening.descriptors.misfit import PLANES, misfit, surface_cell
from screening.errors import RecipeError, TaskError
from screening.resources import default_structures
from screening.units import BCC_LATTICE_A, IONS

CATALOGUE = load_catalogue(default_structures())


def metal(ion: str, a: float | None = None) -> Atoms:
    return bulk(ion, "bcc", a=a or BCC_LATTICE_A[ion])


def square_net(a: float) -> Atoms:
    atoms = Atoms("Pt", cell=[a, a, 20], pbc=(True, True, False))
    atoms.center()
    return atoms


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("ion", IONS)
def test_a_metal_fits_on_its_own_planes(ion: str, plane: str) -> None:
    host = CATALOGUE.build(f"{ion.lower()}-{plane}")
    found = misfit(host.atoms, host.geometry, METALS[ion].atoms())
    assert found.strain == pytest.approx(0, abs=1e-6)
    assert found.plane == plane


def test_an_identical_lattice_has_no_strain_and_the_smallest_cell() -> None:
    found = misfit(square_net(3.5), "sheet", metal("Li", 3.5))
    assert (found.plane, found.area_a2) == ("100", pytest.approx(12.25))
    assert found.strain == pytest.approx(0, abs=1e-9)


def test_a_square_lattice_two_percent_wider_strains_the_metal_by_two_percent() -> None:
    found = misfit(square_net(3.5 * 1.02), "sheet", metal("Li", 3.5), max_area_a2=16)
    assert (found.plane, found.strain) == ("100", pytest.approx(0.02, abs=1e-9))


def test_a_turned_supercell_is_found() -> None:
    # sqrt(2) x sqrt(2) turned by 45 degrees
    found = misfit(square_net(3.5 / np.sqrt(2)), "sheet", metal("Li", 3.5), max_area_a2=16)
    assert (found.plane, found.area_a2) == ("100", pytest.approx(12.25))
    assert found.strain == pytest.approx(0, abs=1e-9)


def test_the_host_counts_by_its_primitive_cell_whatever_the_supercell() -> None:
    small, large = (graphene(a=2.46, size=(n, n, 1), vacuum=8) for n in (1, 5))
    for sheet in small, large:
        sheet.pbc = (True, True, False)
    rattled = large.copy()
    rattled.rattle(0.01, seed=1)
    cells = [surface_cell(sheet, "sheet") for sheet in (small, large, rattled)]
    areas = [abs(np.linalg.det(cell)) for cell in cells]
    assert areas == pytest.approx([areas[0]] * 3, rel=1e-6)
    one, other = (misfit(sheet, "sheet", metal("K")) for sheet in (small, large))
    assert one.plane == other.plane
    assert other.strain == pytest.approx(one.strain, abs=1e-9)
    assert other.area_a2 == pytest.approx(one.area_a2, abs=1e-9)


@pytest.mark.parametrize(
    "host_id", ["graphene-N", "graphene-pair-NB-ortho", "graphene-vacancy", "graphene-carbonyl"]
)
def test_a_doped_or_defective_sheet_has_the_cell_of_its_parent(host_id: str) -> None:
    host, parent = CATALOGUE.build(host_id), CATALOGUE.build("graphene")
    one, other = (abs(np.linalg.det(surface_cell(h.atoms, h.geometry))) for h in (host, parent))
    assert one == pytest.approx(other, rel=1e-3)


@pytest.mark.parametrize("host_id", ["graphene-pyridinic-N-3", "ti3c2o2", "cu-111-saa-Au"])
def test_the_displacements_of_a_relaxed_host_do_not_change_its_cell(host_id: str) -> None:
    host = CATALOGUE.build(host_id)
    rattled = host.atoms.copy()
    rattled.positions += np.random.default_rng(1).normal(0, 0.04, rattled.positions.shape)
    before, after = (surface_cell(atoms, host.geometry) for atoms in (host.atoms, rattled))
    assert abs(np.linalg.det(after)) == pytest.approx(abs(np.linalg.det(before)), rel=1e-6)


def test_an_ordered_alloy_keeps_its_own_cell() -> None:
    host = CATALOGUE.build("liag-110")
    area = abs(np.linalg.det(surface_cell(host.atoms, host.geometry)))
    assert area == pytest.approx(np.sqrt(2) * 3.168**2, rel=1e-6)


@pytest.mark.parametrize("ion", IONS)
@pytest.mark.parametrize("host_id", ["graphene", "cu-111", "ti2co2"])
def test_no_cell_below_the_area_fits_better_than_a_good_fit(host_id: str, ion: str) -> None:
    host = CATALOGUE.build(host_id)
    found = misfit(host.atoms, host.geometry, metal(ion), max_area_a2=60)
    assert found.area_a2 <= 60
    cell = surface_cell(host.atoms, host.geometry)
    for shape in PLANES.values():
        plane = BCC_LATTICE_A[ion] * shape
        with pytest.raises(RecipeError, match="no common cell"):
            coincidence_cell(cell, plane, 0.99 * 60, min(found.strain - 1e-4, 0.05))


def test_a_larger_area_never_fits_worse() -> None:
    host = CATALOGUE.build("cu-111")
    strains = [misfit(host.atoms, "slab", metal("K"), area).strain for area in (60, 100, 150)]
    assert strains == sorted(strains, reverse=True)


def test_the_host_is_not_changed() -> None:
    host = CATALOGUE.build("ti2co2").atoms
    before = host.copy()
    misfit(host, "sheet", metal("Na"))
    assert host == before


@pytest.mark.parametrize("geometry", ["tube", "cluster"])
def test_what_has_no_plane_has_no_misfit(geometry) -> None:
    with pytest.raises(TaskError, match="no plane"):
        misfit(Atoms("C"), geometry, metal("Li"))


def test_a_cell_too_large_or_too_strained_says_so() -> None:
    with pytest.raises(TaskError, match="10% strain in a cell below 9 Å²"):
        misfit(square_net(4.4), "sheet", metal("Li"), max_area_a2=9)
