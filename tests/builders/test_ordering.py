"""Ordered structures in place of disordered ones: composition kept, arrangement as physics says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import bulk
from ase.units import Bohr, Hartree
from pymatgen.core import Lattice, Structure

from screening.builders import add_structure, arrangement
from screening.builders.arrangement import Kind, arranged, unit_charges
from screening.builders.ordering import MAX_SITES, order
from screening.builders.reading import read_file
from screening.errors import StructureError

HALF_LITHIUM = Structure.from_spacegroup(
    166, Lattice.hexagonal(2.82, 14.05), [{"Li": 0.5}, "Co", "O"],
    [[0, 0, 0], [0, 0, 0.5], [0, 0, 0.24]],
)  # fmt: skip
NMC = Structure.from_spacegroup(
    166, Lattice.hexagonal(2.86, 14.23), ["Li", {"Ni": 0.333, "Mn": 0.333, "Co": 0.334}, "O"],
    [[0, 0, 0], [0, 0, 0.5], [0, 0, 0.24]],
)  # fmt: skip
FACES = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]


def disordered(symbols: list[str], occupancies: list[float], cell: float, places) -> Atoms:
    atoms = Atoms(symbols, cell=[cell] * 3, scaled_positions=places, pbc=True)
    atoms.set_array("occupancy", np.array(occupancies))
    return atoms


def alloy(other: str, share: float, places=FACES) -> Atoms:
    symbols = ["Cu"] * len(places) + [other] * len(places)
    shares = [1 - share] * len(places) + [share] * len(places)
    return disordered(symbols, shares, 3.8, [*places, *places])


def space_group(atoms: Atoms) -> str:
    cell = (atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers)
    return spglib.get_symmetry_dataset(cell).international


def test_the_energy_of_rock_salt_has_its_madelung_constant() -> None:
    crystal = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    charges = np.where(crystal.symbols == "Na", 1.0, -1.0)
    energy = charges @ unit_charges(crystal) @ charges / 4
    assert energy * (5.64 / 2) / (Hartree * Bohr) == pytest.approx(-1.7475645946, abs=1e-6)


@pytest.mark.parametrize(
    ("structure", "stated"),
    [
        (HALF_LITHIUM, {"Li": 0.5, "Co": 1, "O": 2}),
        (NMC, {"Li": 3, "Ni": 1, "Mn": 1, "Co": 1, "O": 6}),
        (Structure.from_spacegroup(225, Lattice.cubic(5.41), ["Ce", {"O": 0.875}],
                                   [[0, 0, 0], [0.25] * 3]), {"Ce": 4, "O": 7}),
        (Structure.from_spacegroup(225, Lattice.cubic(5.14), [{"Zr4+": 0.8, "Y3+": 0.2},
                                   {"O2-": 0.95}], [[0, 0, 0], [0.25] * 3]),
         {"Zr": 8, "Y": 2, "O": 19}),
        (Structure(Lattice.cubic(2.9), [{"Cu": 0.5, "Zn": 0.5}] * 2, [[0, 0, 0], [0.5] * 3]),
         {"Cu": 1, "Zn": 1}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.cif", "x.json"])
def test_the_composition_is_the_files(tmp_path: Path, structure, stated, name) -> None:
    structure.to(filename=str(tmp_path / name))
    with pytest.raises(StructureError, match=r"occupied in part.*--order"):
        read_file(tmp_path / name)
    full = order(read_file(tmp_path / name, partial=True).atoms, name)
    count = full.atoms.symbols.formula.count()
    scale = sum(stated.values()) / len(full.atoms)
    assert {symbol: n * scale for symbol, n in count.items()} == pytest.approx(stated)
    assert "occupancy" not in full.atoms.arrays


@pytest.mark.parametrize(
    ("mixed", "group"),
    [
        (alloy("Au", 0.5), "P4/mmm"),
        (alloy("Au", 0.25), "Pm-3m"),
        (alloy("Zn", 0.5, [[0, 0, 0], [0.5] * 3]), "Pm-3m"),
    ],
)
def test_alloys_order_as_l1_0_l1_2_and_b2(mixed, group) -> None:
    assert space_group(order(mixed, "x").atoms) == group


def test_of_the_supercells_the_one_of_lowest_energy_is_taken() -> None:
    mixed = bulk("Cu", "fcc", a=3.8) + bulk("Au", "fcc", a=3.8)
    mixed.set_array("occupancy", np.array([0.5, 0.5]))
    assert space_group(order(mixed, "x").atoms) == "P4/mmm"  # L1_0, where L1_1 has two cells too


def test_ions_of_one_sublattice_keep_apart() -> None:
    """Half of the lithium of LiCoO2: rows in every layer, not full layers beside empty ones."""
    atoms = order(read_partial(HALF_LITHIUM), "x").atoms
    heights = atoms.positions[atoms.symbols == "Li"] @ atoms.cell.reciprocal()[2]
    layers = np.unique(np.round(heights % 1, 3))
    assert len(layers) == 3


def read_partial(structure: Structure) -> Atoms:
    entries = [(site, e.symbol, x) for site in structure for e, x in site.species.items()]
    atoms = Atoms(
        [symbol for _, symbol, _ in entries], cell=structure.lattice.matrix, pbc=True,
        positions=[site.coords for site, _, _ in entries],
    )  # fmt: skip
    atoms.set_array("occupancy", np.array([x for _, _, x in entries]))
    return atoms


def test_swaps_find_what_comparing_all_arrangements_finds(monkeypatch) -> None:
    cell = bulk("NaCl", "rocksalt", a=5.0, cubic=True).repeat((2, 1, 1))
    sites = np.flatnonzero(cell.symbols == "Na")
    kinds = [Kind(sites, ("Na",) * 5 + ("",) * 3, {"Na": 1.0})]
    every = arranged(cell, kinds, {"Cl": -0.625})
    monkeypatch.setattr(arrangement, "EVERY", 0)
    swapped = arranged(cell, kinds, {"Cl": -0.625})
    assert swapped.energy == pytest.approx(every.energy, abs=1e-6)
    assert "descents" in swapped.how


def test_vacuum_is_not_repeated_and_nothing_is_mutated() -> None:
    sheet = disordered(
        ["C", "C", "N"], [1, 0.6, 0.4], 2.5, [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0.5, 0]]
    )
    sheet.cell[2, 2] = 15.0
    before = sheet.copy()
    full = order(sheet, "x")
    assert full.atoms.cell[2] == pytest.approx([0, 0, 15])
    assert str(full.atoms.symbols.formula.reduce()[0]) in {"C8N2", "C4N"}
    assert sheet == before
    assert order(sheet, "x").atoms == full.atoms


@pytest.mark.parametrize(
    ("mixed", "words"),
    [
        (disordered(["Li", *"F" * 70], [0.137] + [1] * 70, 9,
                    np.random.default_rng(0).random((71, 3))), "no cell of up to 120 sites"),
        (disordered(["Li", "Na", "F"], [0.7, 0.7, 1], 4, [*[[0] * 3] * 2, [0.5] * 3]), "more than"),
        (disordered(["Li", "F"], [0.004, 1], 4, [[0] * 3, [0.5] * 3]), f"up to {MAX_SITES} sites"),
    ],
)  # fmt: skip
def test_what_no_small_cell_can_hold_is_refused_with_the_reason(mixed, words) -> None:
    with pytest.raises(StructureError, match=words):
        order(mixed, "x")


def test_a_molecule_has_no_cell_to_order() -> None:
    molecule = Atoms("CO", positions=[[0, 0, 0], [0, 0, 1.1]])
    molecule.set_array("occupancy", np.array([1, 0.5]))
    with pytest.raises(StructureError, match="no cell"):
        order(molecule, "x")


@pytest.mark.parametrize(("miller", "apart"), [((1, 0, 0), 2.0), ((1, 1, 0), 2.0 / np.sqrt(2))])
def test_indices_of_an_ordered_crystal_refer_to_the_files_cell(tmp_path, miller, apart) -> None:
    mixed = Structure.from_spacegroup(
        225, Lattice.cubic(4.0), [{"Li": 0.6, "Na": 0.4}, "F"], [[0, 0, 0], [0.5] * 3]
    )
    mixed.to(filename=str(tmp_path / "x.cif"))
    (tmp_path / "structures").mkdir()
    host = add_structure(
        tmp_path / "x.cif", "x", "user", tmp_path / "structures", ordered=True, miller=miller
    )
    heights = np.unique(np.round(host.atoms.positions[:, 2], 3))
    assert np.diff(heights) == pytest.approx(apart, abs=2e-3)
    assert "5 cells of the file, each F4Li2.4Na1.6 for F4Li2.4Na1.6" in host.recipe["note"]


def test_a_full_structure_is_left_as_it_is(tmp_path: Path) -> None:
    bulk("NaCl", "rocksalt", a=5.6, cubic=True).write(tmp_path / "x.vasp")
    (tmp_path / "structures").mkdir()
    plane = {"miller": (1, 0, 0)}
    host = add_structure(
        tmp_path / "x.vasp", "x", "user", tmp_path / "structures", ordered=True, **plane
    )
    assert "nothing to order" in host.recipe["note"]
