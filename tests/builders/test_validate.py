"""A structure is refused, in one line, whenever it could not be screened as what it claims."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111, graphene, molecule, nanotube
from ase.constraints import FixAtoms

from screening.builders.validate import validate_structure
from screening.errors import StructureError
from screening.structure.candidate import MAX_ATOMS, Geometry


def sheet() -> Atoms:
    atoms = graphene(size=(2, 2, 1), vacuum=8.0)
    atoms.pbc = (True, True, False)
    return atoms


def slab() -> Atoms:
    atoms = fcc111("Cu", (2, 2, 3), vacuum=8.0)
    atoms.set_constraint(FixAtoms(range(4)))
    return atoms


def tube() -> Atoms:
    atoms = nanotube(5, 0, vacuum=6.0)
    atoms.pbc = (False, False, True)
    return atoms


def cluster() -> Atoms:
    atoms = molecule("C6H6")
    atoms.center(vacuum=6.0)
    return atoms


GOOD: dict[Geometry, Callable[[], Atoms]] = {
    "sheet": sheet,
    "slab": slab,
    "tube": tube,
    "cluster": cluster,
}


def complaint(atoms: Atoms, geometry: Geometry) -> str:
    with pytest.raises(StructureError) as caught:
        validate_structure(atoms, geometry, "host.cif")
    message = str(caught.value)
    assert message.startswith("host.cif: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("geometry", GOOD)
def test_a_good_structure_passes_and_is_left_alone(geometry: Geometry) -> None:
    atoms = GOOD[geometry]()
    before = atoms.copy()
    validate_structure(atoms, geometry, "x")
    assert atoms == before


@pytest.mark.parametrize(
    ("geometry", "other"),
    [(a, b) for a in GOOD for b in GOOD if a != b and {a, b} != {"sheet", "slab"}],
)
def test_periodic_axes_must_be_those_of_the_geometry(geometry: Geometry, other: Geometry) -> None:
    assert "periodic axes" in complaint(GOOD[geometry](), other)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_position_that_is_not_finite(value: float) -> None:
    atoms = sheet()
    atoms.positions[3, 1] = value
    assert "atom 3 is not finite" in complaint(atoms, "sheet")


def test_a_cell_that_is_not_finite() -> None:
    atoms = sheet()
    atoms.cell[0, 0] = np.nan
    assert "cell is not finite" in complaint(atoms, "sheet")


def test_no_atoms() -> None:
    assert "0 atoms" in complaint(Atoms(cell=[9, 9, 9]), "cluster")


def test_too_many_atoms() -> None:
    many = Atoms(f"C{MAX_ATOMS + 1}", np.zeros((MAX_ATOMS + 1, 3)), cell=[9, 9, 9])
    assert f"{MAX_ATOMS + 1} atoms" in complaint(many, "cluster")


def test_an_unknown_element() -> None:
    atoms = cluster()
    atoms.symbols[0] = "X"
    assert "unknown element" in complaint(atoms, "cluster")


def test_a_missing_cell() -> None:
    assert "cell" in complaint(molecule("C6H6"), "cluster")


def test_a_cell_that_is_a_typing_error() -> None:
    atoms = sheet()
    atoms.cell[2, 2] = 1e9
    assert "1e+09 Å long" in complaint(atoms, "sheet")


def test_a_left_handed_cell() -> None:
    atoms = sheet()
    atoms.set_cell(atoms.cell[[1, 0, 2]])
    assert "left-handed" in complaint(atoms, "sheet")


def test_a_tilted_normal() -> None:
    atoms = sheet()
    atoms.cell[2, 0] = 1.0
    assert "alkascreen add" in complaint(atoms, "sheet")


def test_a_surface_that_does_not_face_z() -> None:
    atoms = sheet()
    atoms.rotate(30, "x", rotate_cell=True)
    assert "normal" in complaint(atoms, "sheet")


@pytest.mark.parametrize("geometry", GOOD)
def test_too_little_vacuum(geometry: Geometry) -> None:
    atoms = GOOD[geometry]()
    axis = 0 if geometry in {"tube", "cluster"} else 2
    atoms.center(vacuum=3.0, axis=axis)
    message = complaint(atoms, geometry)
    assert f"6.0 Å of vacuum along {'abc'[axis]}" in message
    assert "at least 8 Å" in message


def test_overlapping_atoms_are_named() -> None:
    atoms = sheet() + Atoms("O", [sheet().positions[0] + [0.0, 0.0, 0.5]])
    message = complaint(atoms, "sheet")
    assert "(C)" in message
    assert "(O)" in message
    assert "0.50 Å apart" in message


def test_two_atoms_on_one_place_overlap() -> None:
    assert "0.00 Å" in complaint(sheet() + sheet()[[0]], "sheet")


def test_overlap_is_seen_across_the_periodic_boundary() -> None:
    atoms = Atoms("CC", [[0.1, 0, 8], [3.9, 2, 8]], cell=[4, 4, 16], pbc=(True, True, False))
    validate_structure(atoms, "sheet", "x")
    atoms.positions[1, 1] = 0.0
    assert "0.20 Å apart" in complaint(atoms, "sheet")


def test_a_cell_so_small_that_an_atom_meets_its_own_image() -> None:
    atoms = Atoms("C", [[0, 0, 8]], cell=[0.5, 4, 16], pbc=(True, True, False))
    assert "overlap" in complaint(atoms, "sheet")


@pytest.mark.parametrize("held", [[], range(12)])
def test_a_slab_needs_fixed_and_free_atoms(held: list[int]) -> None:
    atoms = slab()
    atoms.set_constraint(FixAtoms(held))
    assert "fixed bottom layers" in complaint(atoms, "slab")
