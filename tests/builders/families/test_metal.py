"""Metal slabs: any Miller index, sane layers, the smallest cell that keeps adatoms apart."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list

from screening.builders import Recipe, build
from screening.builders.families.metal import METALS, metal_bulk
from screening.builders.slab import (
    SlabCut,
    atomic_planes,
    cut_slab,
    has_equal_faces,
    three_indices,
)
from screening.builders.supercell import spacious_cell
from screening.errors import RecipeError
from screening.structure import fixed_indices

LOW_INDEX = [(1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 1, 0), (2, 1, 1)]
NEAREST = {"fcc": 2**-0.5, "bcc": 3**0.5 / 2}


def slab(element: str, miller: tuple[int, ...], **parameters: object) -> Atoms:
    recipe = Recipe(
        id="host",
        builder="metal",
        parameters={"element": element, "miller": list(miller), **parameters},
    )
    return build(recipe).atoms


def spacings(atoms: Atoms) -> np.ndarray:
    return np.diff([atoms.positions[p, 2].mean() for p in atomic_planes(atoms)])


@pytest.mark.parametrize("miller", LOW_INDEX)
@pytest.mark.parametrize("element", ["Cu", "Li", "Mg"])
def test_a_slab_is_the_bulk_crystal_between_two_planes(element, miller):
    atoms = slab(element, miller)
    bulk = metal_bulk(element)
    heights = atoms.positions[:, 2]
    assert np.ptp(heights) >= 5.9
    density = len(atoms) / (np.linalg.det(atoms.cell[:]) / atoms.cell.lengths()[2])
    per_volume = len(bulk) / bulk.get_volume()
    thickness = density / per_volume
    assert np.ptp(heights) < thickness < np.ptp(heights) + 4
    shortest = neighbor_list("d", atoms, 4.0).min()
    assert shortest == pytest.approx(neighbor_list("d", bulk, 4.0).min(), abs=1e-6)


@pytest.mark.parametrize(
    ("element", "miller", "factor"),
    [
        ("Cu", (1, 1, 1), 3**-0.5), ("Cu", (1, 0, 0), 0.5), ("Cu", (1, 1, 0), 8**-0.5),
        ("Li", (1, 1, 0), 2**-0.5), ("Li", (1, 0, 0), 0.5), ("Li", (1, 1, 1), 12**-0.5),
    ],
)  # fmt: skip
def test_interlayer_spacing_is_that_of_the_lattice(element, miller, factor):
    a = METALS[element].cell[0]
    assert spacings(slab(element, miller)) == pytest.approx(a * factor, abs=1e-6)


def test_layers_are_counted_in_atomic_planes_and_the_lower_half_is_fixed():
    atoms = slab("Cu", (1, 1, 1), layers=4, size=[2, 2])
    assert [len(p) for p in atomic_planes(atoms)] == [4, 4, 4, 4]
    assert set(fixed_indices(atoms)) == set(np.concatenate(atomic_planes(atoms)[:2]))


def test_a_slab_is_centred_and_periodic_in_its_plane():
    atoms = slab("Na", (1, 1, 0), vacuum=12.0)
    heights = atoms.positions[:, 2]
    assert tuple(atoms.pbc) == (True, True, False)
    assert heights.min() == pytest.approx(12.0)
    assert atoms.cell[2] == pytest.approx([0, 0, heights.max() + 12.0])


def test_hexagonal_surfaces_take_four_indices_and_cut_the_wide_gap():
    atoms = slab("Mg", (1, 0, -1, 0))
    assert spacings(atoms)[0] < spacings(atoms)[1]
    assert spacings(atoms)[-1] < spacings(atoms)[-2]
    assert three_indices((1, 0, -1, 0)) == (1, 0, 0)


def test_bismuth_is_cleaved_between_its_bilayers():
    gaps = spacings(slab("Bi", (0, 0, 0, 1)))
    assert gaps[0] == pytest.approx(gaps[-1])
    assert gaps[0] < 1.7
    assert gaps[1] > 2.2


@pytest.mark.parametrize("element", sorted(METALS))
@pytest.mark.parametrize("distance", [4.9, 7.0])
def test_adatoms_stay_apart_in_the_smallest_cell(element, distance):
    atoms = slab(element, (1, 1, 0), min_distance=distance)
    images = [m * atoms.cell[0] + n * atoms.cell[1] for m in (-1, 0, 1) for n in (0, 1) if m or n]
    assert min(np.linalg.norm(images, axis=1)) >= distance - 1e-3
    assert has_equal_faces(atoms)


def test_a_spacious_cell_of_a_hexagonal_lattice_may_be_rotated_but_stays_hexagonal():
    a = 3.04
    cell = np.array([[a, 0, 0], [-a / 2, a * 3**0.5 / 2, 0], [0, 0, 20]])
    matrix = spacious_cell(cell, 5.0)
    vectors = matrix @ cell[:2, :2]
    assert round(abs(np.linalg.det(matrix))) == 3
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(a * 3**0.5)
    assert abs(vectors[0] @ vectors[1]) == pytest.approx(1.5 * a**2)


def test_scale_strains_the_crystal():
    wide, plain = slab("Ag", (1, 0, 0), scale=1.02), slab("Ag", (1, 0, 0))
    assert wide.cell.lengths()[:2] == pytest.approx(1.02 * plain.cell.lengths()[:2])


def test_the_bulk_is_left_untouched():
    bulk = metal_bulk("Cu")
    before = bulk.copy()
    cut_slab(bulk, SlabCut(miller=(1, 1, 1)))
    assert bulk == before


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"element": "Xx"}, "no lattice constant for 'Xx'"),
        ({"miller": [0, 0, 0]}, "all zero"),
        ({"miller": [1, 0, 0, 0]}, "h \\+ k \\+ i is not 0"),
        ({"miller": [1, 0]}, "miller"),
        ({"miller": [1.0, 0, 0]}, "miller"),
        ({"layers": 0}, "layers"),
        ({"size": [0, 2]}, "size"),
        ({"size": [2]}, "size"),
        ({"vacuum": -1.0}, "vacuum"),
        ({"termination": "Ag"}, "ends in Ag"),
        ({"termination": "no formula"}, "no formula"),
    ],
)
def test_wrong_parameters_become_one_clear_line(parameters, message):
    with pytest.raises(Exception, match=message) as caught:
        slab("Cu", (1, 1, 1)) if not parameters else build(
            Recipe(
                id="host",
                builder="metal",
                parameters={"element": "Cu", "miller": [1, 1, 1], **parameters},
            )
        )
    assert "\n" not in str(caught.value)


def test_errors_name_what_is_allowed():
    with pytest.raises(RecipeError, match=r"allowed: .*Cu"):
        metal_bulk("Uuo")
