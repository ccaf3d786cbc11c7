"""Cuts and surface cells: the same slab whatever the crystal's description, analytic cells."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk as crystal
from ase.neighborlist import neighbor_list

from screening.builders import Recipe, build
from screening.builders.families.alloy import ALLOYS
from screening.builders.slab import SlabCut, atomic_planes, cut_slab, three_indices
from screening.builders.supercell import coincidence_cell, spacious_cell
from screening.errors import RecipeError

SQUARE = np.eye(2) * 3.0
HEXAGON = np.array([[3.0, 0.0], [-1.5, 1.5 * 3**0.5]])


def rotated(cell: np.ndarray, degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return cell @ np.array([[cos, sin], [-sin, cos]])


def shells(atoms: Atoms) -> np.ndarray:
    """Sorted distances below 6 Å: the same for the same structure, however it is described."""
    return np.sort(neighbor_list("d", atoms, 6.0))


@pytest.mark.parametrize("miller", [(1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 1, 0)])
def test_the_slab_does_not_depend_on_origin_or_order_of_the_crystal(miller):
    plain = ALLOYS["LiAl"].atoms()
    moved = plain[np.random.default_rng(0).permutation(len(plain))]
    moved.translate([0.3, 1.1, -2.7])
    moved.wrap()
    wanted, other = (cut_slab(bulk, SlabCut(miller=miller)) for bulk in (plain, moved))
    assert sorted(other.symbols) == sorted(wanted.symbols)
    assert other.cell.lengths() == pytest.approx(wanted.cell.lengths(), abs=1e-6)
    assert shells(other) == pytest.approx(shells(wanted), abs=1e-6)


def test_vacuum_changes_nothing_but_the_cell():
    narrow, wide = (
        cut_slab(crystal("Cu", cubic=True), SlabCut(miller=(1, 1, 1), vacuum=v))
        for v in (8.0, 20.0)
    )
    assert wide.positions - narrow.positions == pytest.approx(
        np.tile([0, 0, 12.0], (len(wide), 1)), abs=1e-9
    )


@pytest.mark.parametrize("miller", [(1, 0, 0), (1, 1, 0), (1, 1, 1), (0, 0, 1)])
@pytest.mark.parametrize("name", sorted(ALLOYS))
def test_every_low_index_face_of_every_compound_is_a_valid_host(name, miller):
    parameters = {"compound": name, "miller": list(miller), "thickness": 4.0}
    candidate = build(Recipe(id="host", builder="alloy", parameters=parameters))
    bulk = ALLOYS[name].atoms()
    closest = neighbor_list("d", bulk, 4.0).min()
    assert neighbor_list("d", candidate.atoms, 4.0).min() >= closest - 1e-6
    assert np.ptp(candidate.atoms.positions[:, 2]) >= 3.9


def test_planes_are_counted_from_below():
    atoms = Atoms("CuAgAu", positions=[(0, 0, 3), (0, 0, 1), (1, 0, 1.05)])
    assert [sorted(p.tolist()) for p in atomic_planes(atoms)] == [[1, 2], [0]]


@pytest.mark.parametrize(
    ("given", "reduced"),
    [((2, 2, 0), (1, 1, 0)), ((0, 0, 0, 2), (0, 0, 1)), ((1, -2, 1, 0), (1, -2, 0))],
)
def test_miller_indices_are_coprime_and_three(given, reduced):
    assert three_indices(given) == reduced


def test_planes_too_close_to_tell_apart_are_refused():
    with pytest.raises(RecipeError, match="closer than"):
        cut_slab(ALLOYS["Na15Sn4"].atoms(), SlabCut(miller=(17, 13, 11), thickness=2.0))


@pytest.mark.parametrize(
    ("cell", "distance", "area"),
    [(SQUARE, 3.0, 1), (SQUARE, 4.2, 2), (SQUARE, 5.9, 4), (HEXAGON, 5.1, 3), (HEXAGON, 5.9, 4)],
)
def test_the_smallest_symmetric_cell(cell, distance, area):
    full = np.eye(3) * 20
    full[:2, :2] = cell
    assert round(abs(np.linalg.det(spacious_cell(full, distance)))) == area


def test_a_distance_out_of_reach_is_refused():
    with pytest.raises(RecipeError, match="min_distance"):
        spacious_cell(np.eye(3), 39.0)


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0])
def test_a_lattice_coincides_with_itself_however_it_is_turned(angle):
    match = coincidence_cell(SQUARE, rotated(SQUARE, angle), 100.0, 0.01)
    assert match.strain == pytest.approx(0, abs=1e-9)
    assert match.area == pytest.approx(9.0)


def test_known_coincidences():
    root_three = coincidence_cell(rotated(HEXAGON, 30) * 3**0.5, HEXAGON, 100.0, 0.01)
    assert abs(np.linalg.det(root_three.substrate)) == pytest.approx(3)
    stretched = coincidence_cell(SQUARE, SQUARE / 1.04, 100.0, 0.05)
    assert stretched.strain == pytest.approx(0.04, abs=1e-9)


def test_the_least_distance_of_a_common_cell_is_kept():
    match = coincidence_cell(SQUARE, SQUARE, 100.0, 0.01, min_distance=5.0)
    assert np.linalg.norm(match.film @ SQUARE, axis=1).min() >= 5.0
