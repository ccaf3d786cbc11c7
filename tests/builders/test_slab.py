"""Cuts and surface cells: the same slab whatever the crystal's description, analytic cells."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk as crystal
from ase.neighborlist import neighbor_list
from ase.spacegroup import crystal as spacegroup_crystal

from screening.builders import Recipe, build
from screening.builders.bonding import molecules
from screening.builders.families.alloy import ALLOYS
from screening.builders.slab import SlabCut, atomic_planes, best_cut, cut_slab, three_indices
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


CHARGES = {"Ti": 4, "O": -2, "Al": 3, "Mg": 2, "Li": 1, "F": -1, "Zn": 2, "S": -2, "Ce": 4}
RUTILE = spacegroup_crystal(
    ["Ti", "O"], [(0, 0, 0), (0.3053, 0.3053, 0)], spacegroup=136,
    cellpar=[4.594, 4.594, 2.959, 90, 90, 90],
)  # fmt: skip
CORUNDUM = spacegroup_crystal(
    ["Al", "O"], [(0, 0, 0.35219), (0.30633, 0, 0.25)], spacegroup=167,
    cellpar=[4.7602, 4.7602, 12.9933, 90, 90, 120],
)  # fmt: skip
FLUORITE = spacegroup_crystal(
    ["Ce", "O"], [(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225, cellpar=[5.41] * 3 + [90] * 3
)
ANTIFLUORITE = spacegroup_crystal(
    ["O", "Li"], [(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225, cellpar=[4.62] * 3 + [90] * 3
)
ZINCBLENDE = crystal("ZnS", "zincblende", a=5.41, cubic=True)
MGO = crystal("MgO", "rocksalt", a=4.21, cubic=True)
WURTZITE = crystal("ZnS", "wurtzite", a=3.82, c=6.26)


def dipole(slab: Atoms) -> float:
    """Dipole along the normal per area by textbook charges, e/Å."""
    charges = np.array([CHARGES[symbol] for symbol in slab.symbols])
    assert charges.sum() == 0
    area = np.linalg.norm(np.cross(*slab.cell[:2]))
    return float(charges @ slab.positions[:, 2]) / area


@pytest.mark.parametrize(
    ("bulk", "miller"),
    [(RUTILE, (1, 1, 0)), (RUTILE, (1, 0, 0)), (RUTILE, (1, 0, 1)), (RUTILE, (0, 0, 1)),
     (CORUNDUM, (0, 0, 0, 1)), (CORUNDUM, (1, 0, 2)), (CORUNDUM, (1, 1, 0)),
     (FLUORITE, (1, 1, 1)), (ANTIFLUORITE, (1, 1, 1)), (ZINCBLENDE, (1, 1, 0)),
     (WURTZITE, (1, 0, 0)), (MGO, (1, 0, 0))],
)  # fmt: skip
def test_of_all_cuts_one_without_a_dipole_is_taken(bulk: Atoms, miller: tuple[int, ...]) -> None:
    found = best_cut(bulk, SlabCut(miller=miller))
    assert not found.polar
    assert dipole(found.atoms) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("bulk", "miller", "known"),
    [(MGO, (1, 1, 1), 0.95), (ZINCBLENDE, (1, 1, 1), 0.37), (ZINCBLENDE, (1, 0, 0), 0.55),
     (ANTIFLUORITE, (1, 0, 0), 0.87), (WURTZITE, (0, 0, 1), None)],
)  # fmt: skip
def test_planes_without_such_a_cut_are_called_polar(bulk, miller, known) -> None:
    """The dipoles of an independent build of the same planes (review of geometry, W1)."""
    found = best_cut(bulk, SlabCut(miller=miller))
    assert found.polar
    assert found.dipole_e_a is not None
    assert abs(found.dipole_e_a) == pytest.approx(abs(dipole(found.atoms)), abs=1e-6)
    if known:
        assert abs(found.dipole_e_a) == pytest.approx(known, abs=0.01)


def test_metals_and_elements_have_no_dipole() -> None:
    assert best_cut(crystal("Cu", cubic=True), SlabCut(miller=(1, 1, 1))).dipole_e_a is None
    assert best_cut(ALLOYS["Li2Sn5"].atoms(), SlabCut(miller=(0, 0, 1))).dipole_e_a is None


def test_rutile_ends_in_bridging_oxygen_and_corundum_in_aluminium() -> None:
    rutile = cut_slab(RUTILE, SlabCut(miller=(1, 1, 0)))
    corundum = cut_slab(CORUNDUM, SlabCut(miller=(0, 0, 1)))
    for slab, symbol in ((rutile, "O"), (corundum, "Al")):
        planes = atomic_planes(slab)
        assert set(slab.symbols[planes[0]]) == set(slab.symbols[planes[-1]]) == {symbol}


@pytest.mark.parametrize("miller", list(itertools.product((1, -1), repeat=3)))
@pytest.mark.parametrize("name", ["ZnS", "GaAs", "SiC"])
def test_the_sign_of_the_indices_tells_the_faces_of_a_polar_crystal(name, miller) -> None:
    """The atom with one bond up loses one: the cation if the product of the signs is +1."""
    slab = cut_slab(crystal(name, "zincblende", a=5.4, cubic=True), SlabCut(miller=miller))
    cation, anion = {"ZnS": ("Zn", "S"), "GaAs": ("Ga", "As"), "SiC": ("Si", "C")}[name]
    top = slab.symbols[int(np.argmax(slab.positions[:, 2]))]
    assert top == (cation if np.prod(miller) > 0 else anion)


def test_opposite_planes_of_wurtzite_end_oppositely() -> None:
    tops = [cut_slab(WURTZITE, SlabCut(miller=(0, 0, sign))).symbols[-1] for sign in (1, -1)]
    assert set(tops) == {"Zn", "S"}


MOLECULAR = {
    # symbols, positions, space group, cell, atoms of an ion
    "Li2CO3": (
        ["Li", "C", "O", "O"],
        [(0.1967, 0.4488, 0.8342), (0, 0.0657, 0.25), (0, 0.3219, 0.25), (0.1458, -0.0657, 0.3134)],
        15, [8.359, 4.973, 6.197, 90, 114.83, 90], 4,
    ),
    "LiFePO4": (
        ["Li", "Fe", "P", "O", "O", "O"],
        [(0, 0, 0), (0.2822, 0.25, 0.9747), (0.0948, 0.25, 0.4182), (0.0968, 0.25, 0.7428),
         (0.4571, 0.25, 0.2060), (0.1656, 0.0465, 0.2848)],
        62, [10.332, 6.010, 4.692, 90, 90, 90], 5,
    ),
    "NaNO3": (
        ["Na", "N", "O"], [(0, 0, 0), (0, 0, 0.25), (0.2447, 0, 0.25)],
        167, [5.07, 5.07, 16.82, 90, 90, 120], 4,
    ),
    "Li2O2": (
        ["Li", "Li", "O"], [(0, 0, 0), (1 / 3, 2 / 3, 0.25), (1 / 3, 2 / 3, 0.6495)],
        194, [3.183, 3.183, 7.7258, 90, 90, 120], 2,
    ),
    "LiOH": (
        ["Li", "O", "H"], [(0, 0, 0), (0, 0.5, 0.1938), (0, 0.5, 0.4)],
        129, [3.549, 3.549, 4.334, 90, 90, 90], 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MOLECULAR)
@pytest.mark.parametrize("miller", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 0)])
def test_molecular_ions_stay_whole(name: str, miller: tuple[int, ...]) -> None:
    symbols, places, group, cell, size = MOLECULAR[name]
    bulk = spacegroup_crystal(symbols, places, spacegroup=group, cellpar=cell)
    slab = cut_slab(bulk, SlabCut(miller=miller))
    names = molecules(slab)
    sizes = set(np.bincount(names[names >= 0])) - {0}
    assert sizes == {size}
    single = [s for s, n in zip(slab.symbols, names, strict=True) if n < 0]
    assert not {"C", "N", "P", "O", "H"} & set(single)


def test_a_network_is_no_molecule() -> None:
    assert (molecules(crystal("C", "diamond", a=3.57, cubic=True)) == -1).all()
    assert (molecules(crystal("SiC", "zincblende", a=4.36, cubic=True)) == -1).all()


def test_the_wanted_termination_and_number_of_planes_are_kept() -> None:
    slab = cut_slab(RUTILE, SlabCut(miller=(1, 1, 0), layers=6))
    assert len(atomic_planes(slab)) == 6
    polar = best_cut(MGO, SlabCut(miller=(1, 1, 1), termination="Mg"))
    assert set(polar.atoms.symbols[atomic_planes(polar.atoms)[-1]]) == {"Mg"}
