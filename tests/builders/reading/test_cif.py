"""CIF as people write them: symbols, settings, occupancies, blocks; nothing guessed in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase.geometry import get_distances
from ase.spacegroup import crystal

from screening.builders.reading import Reading, read_file
from screening.errors import StructureError

Write = Callable[..., Path]

HEAD = """data_{name}
_cell_length_a {a}
_cell_length_b {b}
_cell_length_c {c}
_cell_angle_alpha {alpha}
_cell_angle_beta {beta}
_cell_angle_gamma {gamma}
"""
FCC = ["0 0 0", "0.5 0.5 0", "0.5 0 0.5", "0 0.5 0.5"]


def cif(
    rows: list[str],
    columns: str = "label type_symbol fract_x fract_y fract_z",
    cell: str = "3.6 3.6 3.6 90 90 90",
    extra: str = "_symmetry_space_group_name_H-M 'P 1'",
    name: str = "x",
) -> str:
    keys = ("a", "b", "c", "alpha", "beta", "gamma")
    head = HEAD.format(name=name, **dict(zip(keys, cell.split(), strict=True)))
    loop = "\n".join(["loop_", *(f"_atom_site_{column}" for column in columns.split())])
    return "\n".join([head + extra, loop, *rows, ""])


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    def call(text: str, frame: str | None = None, encoding: str = "utf-8") -> Reading:
        path = tmp_path / "x.cif"
        path.write_text(text, encoding=encoding)
        return read_file(path, frame)

    return call


@pytest.mark.parametrize(
    ("token", "symbol"),
    [("NI", "Ni"), ("cu", "Cu"), ("O2-", "O"), ("Fe3+", "Fe"), ("D", "H"), ("T", "H"), ("AL", "Al"),
     ("2H", "H"), ("13C", "C"), ("Zn2+", "Zn"), ("CO", "Co"), ("Ti_pv", "Ti")],
)  # fmt: skip
def test_a_type_symbol_names_an_element_however_it_is_written(read, token, symbol) -> None:
    found = read(cif([f"X{i} {token} {place}" for i, place in enumerate(FCC)]))
    assert set(found.atoms.symbols) == {symbol}
    said = "; ".join(found.said)
    assert token.startswith(symbol) or f"{token} as {symbol}" in said


@pytest.mark.parametrize("token", ["Xx", "Q", "Wat", "H1.25", "OH"])
def test_a_type_symbol_that_names_none_is_refused(read, token) -> None:
    with pytest.raises(StructureError, match=r"unknown element|no coordinates"):
        read(cif([f"X{i} {token} {place}" for i, place in enumerate(FCC)]))


@pytest.mark.parametrize(
    ("label", "formula", "symbol"),
    [("CU1", "Cu", "Cu"), ("CU1", "C4", "C"), ("Cu1", "", "Cu"), ("CA2", "'Ca O'", "Ca"),
     ("AL1", "", "Al"), ("Na1", "", "Na"), ("O1W", "", "O"), ("NI3", "'Ni O'", "Ni"),
     ("D1", "", "H"), ("HO2", "'H2 O'", "H")],
)  # fmt: skip
def test_a_label_is_read_as_the_element_of_the_formula(read, label, formula, symbol) -> None:
    extra = "_symmetry_space_group_name_H-M 'P 1'"
    extra += f"\n_chemical_formula_sum {formula}" if formula else ""
    rows = [f"{label} {place}" for place in FCC]
    found = read(cif(rows, "label fract_x fract_y fract_z", extra=extra))
    assert set(found.atoms.symbols) == {symbol}


@pytest.mark.parametrize("label", ["CU1", "NI2", "CO3", "HG1", "SN1", "OS1"])
def test_a_label_that_could_be_two_elements_is_refused(read, label) -> None:
    with pytest.raises(StructureError, match=r"could be .* or .*type_symbol"):
        read(cif([f"{label} {place}" for place in FCC], "label fract_x fract_y fract_z"))


def test_atoms_that_are_not_those_of_the_formula_are_mentioned(read) -> None:
    extra = "_symmetry_space_group_name_H-M 'P 1'\n_chemical_formula_sum 'Cu H2'"
    found = read(cif([f"Cu{i} Cu {place}" for i, place in enumerate(FCC)], extra=extra))
    assert any("formula is Cu1 H2" in said for said in found.said)


OCCUPIED = "label type_symbol fract_x fract_y fract_z occupancy"


@pytest.mark.parametrize(
    "values", [("0.6", "0.4"), ("0.5", "1"), ("0.98", "1"), ("1", "0.3333(2)")]
)
def test_partial_occupancy_is_refused_and_named(read, values) -> None:
    rows = [f"O1 O 0 0 0 {values[0]}", f"F1 F 0.5 0.5 0.5 {values[1]}"]
    with pytest.raises(StructureError, match=r"occupied in part: (O1|F1) 0\."):
        read(cif(rows, OCCUPIED))


@pytest.mark.parametrize("full", ["1", "1.0", "1.000(3)", ".", "?", "0.9999"])
def test_full_and_unstated_occupancy_is_one_atom(read, full) -> None:
    assert len(read(cif([f"Cu{i} Cu {p} {full}" for i, p in enumerate(FCC)], OCCUPIED)).atoms) == 4


def test_an_empty_site_holds_no_atom_and_is_mentioned(read) -> None:
    rows = [f"Cu{i} Cu {p} 1" for i, p in enumerate(FCC)]
    found = read(cif([*rows, "Cu9 Cu 0.5 0.5 0.5 0", "Cu8 Cu 0.2 0.5 0.5 0.0"], OCCUPIED))
    assert len(found.atoms) == 4
    assert any("Cu9, Cu8" in said for said in found.said)


SETTINGS = [
    # name, cell, site, atoms of the cell, nearest distance
    ("F d -3 m :2", "5.43 5.43 5.43 90 90 90", "0.125 0.125 0.125", 8, 2.351),
    ("F d -3 m :1", "5.43 5.43 5.43 90 90 90", "0 0 0", 8, 2.351),
    ("F d 3 m S", "5.43 5.43 5.43 90 90 90", "0 0 0", 8, 2.351),
    ("F D -3 M Z", "5.43 5.43 5.43 90 90 90", "0.125 0.125 0.125", 8, 2.351),
    ("F m 3 m", "3.6 3.6 3.6 90 90 90", "0 0 0", 4, 2.546),
    ("Fm-3m", "3.6 3.6 3.6 90 90 90", "0 0 0", 4, 2.546),
    ("F 4/m -3 2/m", "3.6 3.6 3.6 90 90 90", "0 0 0", 4, 2.546),
    ("I m -3 m", "3.49 3.49 3.49 90 90 90", "0 0 0", 2, 3.022),
    ("R -3 m :H", "4.546 4.546 11.862 90 90 120", "0 0 0.23389", 6, 3.071),
    ("R -3 m :R", "4.746 4.746 4.746 57.23 57.23 57.23", "0.23389 0.23389 0.23389", 2, 3.072),
    ("R -3 m", "4.546 4.546 11.862 90 90 120", "0 0 0.23389", 6, 3.071),
    ("R -3 m", "4.746 4.746 4.746 57.23 57.23 57.23", "0.23389 0.23389 0.23389", 2, 3.072),
    ("P 63/m m c", "3.209 3.209 5.211 90 90 120", "0.333 0.667 0.25", 2, 3.197),
    ("P 6(3)/m m c", "3.209 3.209 5.211 90 90 120", ".3333 .6667 .25", 2, 3.197),
    ("I 41/a m d :1", "5.832 5.832 3.182 90 90 90", "0 0 0", 4, 3.023),
    ("P 21/n", "5 6 7 90 100 90", "0.1 0.2 0.3", 4, None),
    ("P 1 21/c 1", "5 6 7 90 100 90", "0.1 0.2 0.3", 4, None),
    ("P 1 1 21/b", "5 7 6 90 90 100", "0.1 0.3 0.2", 4, None),
    ("P b n m", "4 5 6 90 90 90", "0.1 0.2 0.25", 4, None),
    ("C m c a", "4 5 6 90 90 90", "0 0.1 0.1", 8, None),
]  # fmt: skip


@pytest.mark.parametrize("stated", SETTINGS)
def test_the_setting_that_the_name_states_is_applied(read, stated) -> None:
    name, cell, site, atoms, nearest = stated
    extra = f"_symmetry_space_group_name_H-M '{name}'"
    found = read(cif([f"Si1 Si {site}"], cell=cell, extra=extra))
    assert len(found.atoms) == atoms
    _, distances = get_distances(found.atoms.positions, cell=found.atoms.cell, pbc=True)
    shortest = distances[~np.eye(atoms, dtype=bool)].min()
    assert shortest > 1.4
    assert nearest is None or shortest == pytest.approx(nearest, abs=2e-3)


@pytest.mark.parametrize(("sites", "atoms"), [("0 0 0", 8), ("0.125 0.125 0.125", 8)])
def test_two_origins_are_told_apart_by_the_number_of_atoms(read, sites, atoms) -> None:
    extra = "_symmetry_space_group_name_H-M 'F d -3 m'\n_chemical_formula_sum Si\n"
    found = read(
        cif([f"Si1 Si {sites}"], cell="5.43 5.43 5.43 90 90 90",
            extra=f"{extra}_cell_formula_units_Z 8")
    )  # fmt: skip
    assert len(found.atoms) == atoms
    with pytest.raises(StructureError, match=r"several settings.*:1.*:2"):
        read(cif([f"Si1 Si {sites}"], cell="5.43 5.43 5.43 90 90 90", extra=extra))


def test_listed_operators_win_over_the_name_and_it_is_said(read) -> None:
    extra = (
        "_symmetry_space_group_name_H-M 'F m -3 m'\nloop_\n_symmetry_equiv_pos_as_xyz\n'x, y, z'"
    )
    found = read(cif([f"Cu{i} Cu {p}" for i, p in enumerate(FCC)], extra=extra))
    assert len(found.atoms) == 4
    assert any("not the 192 of F m -3 m" in said for said in found.said)


def test_a_list_with_operators_missing_is_refused(read) -> None:
    extra = "loop_\n_space_group_symop_operation_xyz\n'x, y, z'\n'-y, x-y, z'"
    with pytest.raises(StructureError, match="no group"):
        read(cif(["C1 C 0.2 0.1 0"], cell="5 5 9 90 90 120", extra=extra))


@pytest.mark.parametrize("name", ["F q -3 z", "P 7", "no idea"])
def test_an_unknown_space_group_is_named(read, name) -> None:
    with pytest.raises(StructureError, match=f"{name}.*not known"):
        read(cif(["C1 C 0 0 0"], extra=f"_symmetry_space_group_name_H-M '{name}'"))


def test_a_cell_without_the_symmetry_of_its_group_is_refused(read) -> None:
    extra = "_symmetry_space_group_name_H-M 'F m -3 m'"
    with pytest.raises(StructureError, match="does not have the symmetry of F m -3 m"):
        read(cif(["C1 C 0 0 0"], cell="3 4 5 90 90 90", extra=extra))


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_rounded_fractions_fall_onto_their_special_positions(read, digits) -> None:
    third, two = f"{1 / 3:.{digits}f}", f"{2 / 3:.{digits}f}"
    extra = "_symmetry_space_group_name_H-M 'P -3 m 1'"
    found = read(cif([f"C1 C {third} {two} 0.25"], cell="3 3 9 90 90 120", extra=extra))
    exact = crystal("C", [(1 / 3, 2 / 3, 0.25)], spacegroup=164, cellpar=[3, 3, 9, 90, 90, 120])
    assert len(found.atoms) == len(exact) == 2
    assert np.allclose(np.sort(found.atoms.positions, 0), np.sort(exact.positions, 0), atol=1e-3)


@pytest.mark.parametrize(
    ("values", "words"),
    [("? ? ?", "no coordinates"), (". 0 0", "no coordinates"), ("a 0 0", "no number")],
)
def test_an_atom_without_coordinates_is_named(read, values, words) -> None:
    with pytest.raises(StructureError, match=f"H1.*{words}"):
        read(cif([*(f"Cu{i} Cu {p}" for i, p in enumerate(FCC)), f"H1 H {values}"]))


def test_several_blocks_are_asked_about_and_chosen_by_name_or_number(read) -> None:
    text = "".join(
        cif([f"X{i} {s} {p}" for i, p in enumerate(FCC)], name=name)
        for name, s in (("copper", "Cu"), ("gold", "Au"))
    )
    with pytest.raises(StructureError, match=r"holds 2 structures.*copper, gold"):
        read(text)
    assert set(read(text, "copper").atoms.symbols) == {"Cu"}
    assert set(read(text, "2").atoms.symbols) == {"Au"}
    with pytest.raises(StructureError, match="silver"):
        read(text, "silver")


def test_a_block_without_atoms_is_no_structure(read) -> None:
    text = "data_global\n_journal_year 2001\n" + cif([f"Cu{i} Cu {p}" for i, p in enumerate(FCC)])
    assert len(read(text).atoms) == 4


def test_a_byte_order_mark_is_no_part_of_the_text(read) -> None:
    text = cif([f"Cu{i} Cu {p}" for i, p in enumerate(FCC)])
    assert len(read(text, encoding="utf-8-sig").atoms) == 4
    assert len(read(text, encoding="utf-16").atoms) == 4


def test_a_file_without_symmetry_says_so(read) -> None:
    found = read(cif(["Cu1 Cu 0 0 0"], extra="_x 1"))
    assert len(found.atoms) == 1
    assert any("no symmetry stated" in said for said in found.said)


def test_a_magnetic_group_is_refused_unless_the_crystals_own_stands_beside_it(read) -> None:
    """Its operators carry a fourth part; without them one atom would be the whole cell."""
    magnetic = "loop_\n_space_group_symop_magn_operation.xyz\n'x,y,z,+1'\n'x+1/2,y+1/2,z,-1'"
    with pytest.raises(StructureError, match="magnetic group"):
        read(cif(["Ni1 Ni 0 0 0"], extra=magnetic))
    both = f"_symmetry_space_group_name_H-M 'F m -3 m'\n{magnetic}"
    assert len(read(cif(["Ni1 Ni 0 0 0"], extra=both)).atoms) == 4
