"""Surface energies follow from slabs of several thicknesses."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT

from screening.builders import Recipe, build, load_catalogue
from screening.builders.slab import has_equal_faces
from screening.descriptors.slabs import (
    METAL_LAYERS,
    face_area,
    metal_slabs,
    surface_energy,
    symmetric_slabs,
    wulff_average,
)
from screening.errors import TaskError
from screening.evaluate import Potential, relax_batch
from screening.resources import default_structures
from screening.structure import Candidate
from screening.units import EV_PER_A2_IN_J_PER_M2, IONS
from tests.wells import BROKEN, LATTICE_A, Wells, gamma_j_m2

CATALOGUE = load_catalogue(default_structures())


def copper(miller: list[int], builder: str = "metal"):
    parameters = {"element": "Cu", "miller": miller, "layers": 4}
    return build(Recipe(id="cu", builder=builder, parameters=parameters))


def top_elements(slab: Atoms) -> set[str]:
    return set(slab.symbols[slab.positions[:, 2] > slab.positions[:, 2].max() - 0.1])


def fitted(slabs: list[Atoms], calculator) -> float:
    found = relax_batch(slabs, Potential(calculator), fmax=0.01, max_steps=200)
    energies = [relaxation.energy_ev for relaxation in found]
    return surface_energy(energies, [len(s) for s in slabs], face_area(slabs[0])).gamma_j_m2


def test_a_line_gives_back_its_surface_energy_and_bulk_energy() -> None:
    units, area, gamma, bulk_ev = [4, 6, 8, 10], 12.5, 0.06, -3.7
    energies = [bulk_ev * n + 2 * area * gamma for n in units]
    found = surface_energy(energies, units, area)
    assert found.gamma_j_m2 == pytest.approx(gamma * EV_PER_A2_IN_J_PER_M2, abs=1e-9)
    assert found.bulk_ev == pytest.approx(bulk_ev, abs=1e-9)
    assert found.spread_j_m2 == pytest.approx(0, abs=1e-9)


def test_the_spread_tells_of_a_slab_that_is_too_thin() -> None:
    energies = np.array([-3.7 * n + 1.5 for n in (4, 6, 8, 10)])
    energies[0] += 0.2
    assert surface_energy(energies, [4, 6, 8, 10], 12.5).spread_j_m2 > 0.05


def test_two_slabs_are_too_few() -> None:
    with pytest.raises(ValueError, match="three slabs"):
        surface_energy([1.0, 2.0], [1, 2], 10.0)


def test_slabs_are_free_symmetric_and_of_the_asked_thickness() -> None:
    candidate = copper([1, 0, 0])
    before = candidate.atoms.copy()
    slabs = symmetric_slabs(candidate, (5, 7))
    assert [len(slab) for slab in slabs] == [5, 7]
    assert not any(slab.constraints for slab in slabs)
    assert face_area(slabs[0]) == pytest.approx(3.6147**2 / 2, rel=1e-6)
    assert candidate.atoms == before


@pytest.mark.parametrize(
    "host", ["liag-110", "lial-110", "na3bi-0001", "sno2-110", "al2o3-0001", "zno-10-10", "sb-0001"]
)
def test_slabs_of_a_compound_keep_composition_termination_and_equal_faces(host: str) -> None:
    candidate = CATALOGUE.build(host)
    slabs = symmetric_slabs(candidate, (5, 7, 9))
    formula = candidate.atoms.symbols.formula.reduce()[0]
    for slab in slabs:
        assert has_equal_faces(slab)
        assert slab.symbols.formula.reduce()[0].count() == formula.count()
        assert top_elements(slab) == top_elements(candidate.atoms)
        assert face_area(slab) == pytest.approx(face_area(slabs[0]), rel=1e-9)
        assert face_area(slab) < face_area(candidate.atoms) + 1e-6
    first, second, third = (len(slab) for slab in slabs)
    assert first < second < third


def test_layers_of_antimony_come_in_pairs() -> None:
    # Its (0001) planes are bilayers; a slab of five planes would cut one open.
    slabs = symmetric_slabs(CATALOGUE.build("sb-0001"), (5, 7, 9))
    assert [len(slab) for slab in slabs] == [6, 8, 10]


@pytest.mark.parametrize("miller", [[1, 1, 1], [1, 0, 0], [1, 1, 0]])
def test_the_fit_is_the_formula_with_the_bulk_of_the_same_potential(miller: list[int]) -> None:
    # Rigid slabs: between these thicknesses EMT is linear to the last digit.
    slabs = symmetric_slabs(copper(miller), (9, 11, 13))
    energies = [point.energy_ev for point in Potential(EMT()).compute(slabs)]
    crystal = bulk("Cu", a=3.6147)
    crystal.calc = EMT()
    excess = energies[0] - len(slabs[0]) * crystal.get_potential_energy()
    direct = excess / (2 * face_area(slabs[0])) * EV_PER_A2_IN_J_PER_M2
    found = surface_energy(energies, [len(s) for s in slabs], face_area(slabs[0]))
    assert found.gamma_j_m2 == pytest.approx(direct, abs=1e-6)


def test_copper_111_is_the_most_stable_face_with_a_real_potential() -> None:
    faces = ([1, 1, 1], [1, 0, 0], [1, 1, 0])
    dense, square, open_ = (fitted(symmetric_slabs(copper(m), (6, 8, 10)), EMT()) for m in faces)
    assert 0 < dense < square < open_


@pytest.mark.parametrize("plane", METAL_LAYERS)
@pytest.mark.parametrize("ion", IONS)
def test_broken_bonds_of_the_alkali_metals_count(ion, plane: str) -> None:
    metal = bulk(ion, "bcc", a=LATTICE_A[ion])
    before = metal.copy()
    slabs = metal_slabs(ion, metal, plane)
    assert fitted(slabs, Wells()) == pytest.approx(gamma_j_m2(ion, plane), abs=1e-6)
    assert metal == before


@pytest.mark.parametrize("plane", METAL_LAYERS)
def test_slabs_of_the_metal_have_its_lattice_constant_and_one_atom_a_plane(plane: str) -> None:
    slabs = metal_slabs("Na", bulk("Na", "bcc", a=4.0, cubic=True), plane)
    assert [len(slab) for slab in slabs] == list(METAL_LAYERS[plane])
    assert all(has_equal_faces(slab) for slab in slabs)
    areas = {"110": 16 / np.sqrt(2), "100": 16, "111": 16 * np.sqrt(3)}
    assert face_area(slabs[0]) == pytest.approx(areas[plane], rel=1e-6)


def test_a_wulff_shape_of_one_plane_has_its_surface_energy() -> None:
    # Counted bonds: the other planes just touch the rhombic dodecahedron of (110).
    assert wulff_average(BROKEN) == pytest.approx(BROKEN["110"], abs=1e-6)
    assert wulff_average({"110": 0.5, "100": 5.0, "111": 5.0}) == pytest.approx(0.5, abs=1e-6)


def test_the_wulff_average_of_a_truncated_cube() -> None:
    # A cube of half-height 1, each corner cut off by (111) at distance d = 1.5: the corner's legs
    # are l = 3 - sqrt(3) d, its cut has the area sqrt(3)/2 l²; the legs do not meet.
    leg = 3 - np.sqrt(3) * 1.5
    cuts, cube = 8 * np.sqrt(3) / 2 * leg**2, 6 * (4 - 4 * leg**2 / 2)
    expected = (1.5 * cuts + 1.0 * cube) / (cuts + cube)
    assert wulff_average({"100": 1.0, "111": 1.5, "110": 9.0}) == pytest.approx(expected, abs=1e-6)


def test_the_wulff_average_scales_and_lies_between_its_planes() -> None:
    planes = {"110": 0.50, "100": 0.46, "111": 0.54}
    average = wulff_average(planes)
    assert 0.46 <= average <= 0.54
    assert wulff_average({p: 3 * g for p, g in planes.items()}) == pytest.approx(3 * average)


@pytest.mark.parametrize("gamma", [0.0, -0.1, float("nan")])
def test_a_crystal_that_falls_apart_has_no_wulff_shape(gamma: float) -> None:
    with pytest.raises(TaskError, match=r"\(100\) is .* not positive"):
        wulff_average({"110": 0.5, "100": gamma})


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("graphene", "a sheet is no cut of a crystal"),
        ("cnt-6-0", "a tube is no cut of a crystal"),
        ("cu-111-saa-Ag", "'surface-alloy' cuts no crystal"),
        ("al2o3-on-na-111", "'alumina-on-metal' cuts no crystal"),
        ("nio-111-octopolar", "rebuilt"),
        ("li2sn5-001", "no slab of the crystal's composition"),
        ("na15sn4-110", "no slab of the crystal's composition"),
    ],
)
def test_a_host_without_a_surface_energy_has_a_reason(host: str, reason: str) -> None:
    with pytest.raises(TaskError, match=reason):
        symmetric_slabs(CATALOGUE.build(host), (5, 7, 9))


def test_a_users_own_slab_has_no_known_crystal() -> None:
    atoms = copper([1, 0, 0]).atoms
    for recipe in ({}, {"builder": "file", "parameters": {"path": "x.cif"}}):
        with pytest.raises(TaskError, match="cuts no crystal"):
            symmetric_slabs(Candidate("own", "metal", "slab", atoms, recipe), (5, 7, 9))


def test_slabs_that_would_be_too_large_are_refused() -> None:
    with pytest.raises(TaskError, match="more than 100 atoms"):
        symmetric_slabs(CATALOGUE.build("li5sn2-110"), (5, 7, 40))


def test_a_surface_cut_otherwise_than_its_widest_gaps_is_not_taken_for_another() -> None:
    # Five planes of antimony: one face is a bilayer's, the other is cut through a bilayer.
    parameters = {"element": "Sb", "miller": [0, 0, 0, 1], "layers": 5}
    cut = build(Recipe(id="sb", builder="metal", parameters=parameters))
    flipped = cut.atoms.copy()
    flipped.positions[:, 2] = flipped.cell[2, 2] - flipped.positions[:, 2]
    hosts = [Candidate("sb", "metal", "slab", a, cut.recipe) for a in (cut.atoms, flipped)]
    refused = 0
    for host in hosts:
        try:
            symmetric_slabs(host, (5, 7, 9))
        except TaskError:
            refused += 1
    assert refused == 1
