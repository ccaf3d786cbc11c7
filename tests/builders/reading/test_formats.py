"""POSCAR, XYZ and the formats of other programs: what ASE skips is read, or refused by name."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from ase.build import fcc111, molecule
from ase.constraints import FixAtoms, FixCartesian
from ase.io import write

from screening.builders.constraints import with_fixed_atoms
from screening.builders.reading import read_file
from screening.errors import StructureError
from screening.structure import fixed_indices

POSCAR = """{comment}
1.0
5.1 0 0
0 5.1 0
0 0 20
{species}2 1
{selective}Direct
0.0 0.0 0.30{flags[0]}
0.5 0.5 0.30{flags[1]}
0.5 0.0 0.40{flags[2]}
"""


def poscar(
    species: str = "Cu O\n", comment: str = "a slab", flags: tuple[str, ...] = (), word: str = ""
) -> str:
    rows = [f" {flag}" for flag in flags] or [""] * 3
    selective = f"{word or 'Selective dynamics'}\n" if flags else ""
    return POSCAR.format(comment=comment, species=species, selective=selective, flags=rows)


def read(folder: Path, name: str, text: str, frame: str | None = None):
    (folder / name).write_text(text)
    return read_file(folder / name, frame)


@pytest.mark.parametrize(
    "species", ["Cu O", "CU O", "cu o", "Cu_pv O_s", "Cu/6a2f O/11", "Cu O ! remark", "Cu2+ O2-"]
)
def test_species_of_a_poscar(tmp_path: Path, species: str) -> None:
    found = read(tmp_path, "POSCAR", poscar(f"{species}\n"))
    assert list(found.atoms.symbols) == ["Cu", "Cu", "O"]


@pytest.mark.parametrize("comment", ["Li on Cu 111", "slab", "", "Cu", "Cu O H", "CuO unit cell"])
def test_a_poscar_without_species_is_refused_if_its_comment_is_no_list_of_them(
    tmp_path: Path, comment: str
) -> None:
    with pytest.raises(StructureError, match="no line names the species"):
        read(tmp_path, "POSCAR", poscar("", comment))


def test_the_comment_of_vasp_4_is_used_if_it_is_the_list_and_that_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, "POSCAR", poscar("", "Cu O"))
    assert list(found.atoms.symbols) == ["Cu", "Cu", "O"]
    assert any("comment line" in said for said in found.said)


@pytest.mark.parametrize("word", ["Selective dynamics", "selective", "S", "sd"])
@pytest.mark.parametrize(
    ("held", "free"),
    [("F F F", "T T T"), ("f f f", "t t t"), (".FALSE. .FALSE. .FALSE.", ".TRUE. .TRUE. .TRUE."),
     (".F. .F. .F.", ".T. .T. .T."), ("false false false", "True True True")],
)  # fmt: skip
def test_flags_are_read_as_vasp_reads_them(tmp_path: Path, word, held, free) -> None:
    text = poscar(flags=(held, free, free), word=word)
    atoms, said = with_fixed_atoms(read(tmp_path, "x.vasp", text).atoms)
    assert fixed_indices(atoms).tolist() == [0]
    assert said == []


@pytest.mark.parametrize(
    ("flags", "fixed", "words"),
    [
        ("T T F", [0], "not in all directions, are fixed"),
        ("F F T", [], "in the plane only are free"),
        ("T F F", [0], "not in all directions, are fixed"),
        ("F T T", [], "in the plane only are free"),
    ],
)
def test_a_partial_flag_is_settled_and_said(tmp_path: Path, flags, fixed, words) -> None:
    text = poscar(flags=(flags, "T T T", "T T T"))
    atoms, said = with_fixed_atoms(read(tmp_path, "x.vasp", text).atoms)
    assert fixed_indices(atoms).tolist() == fixed
    assert words in said[0]


@pytest.mark.parametrize("flags", ["x y z", "T T", "0 0 0"])
def test_flags_that_are_none_are_refused(tmp_path: Path, flags: str) -> None:
    with pytest.raises(StructureError, match=r"line \d+.*flags"):
        read(tmp_path, "x.vasp", poscar(flags=(flags, "T T T", "T T T")))


@pytest.mark.parametrize("count", ["2 1 1", "-2 1", "1.5 1", "5 1", "1000000000 1"])
def test_counts_that_do_not_fit_are_refused(tmp_path: Path, count: str) -> None:
    with pytest.raises(StructureError, match=r"counts|positions for|structure has"):
        read(tmp_path, "POSCAR", poscar().replace("2 1\n", f"{count}\n"))


@pytest.mark.parametrize("mask", [["F F F", "T T T"], ["F", "T"]])
def test_a_move_mask_of_one_or_three_columns_fixes_the_same_atoms(tmp_path: Path, mask) -> None:
    width = len(mask[0].split())
    rows = [f"Cu 0 0 {2 * i} {mask[i > 1]}" for i in range(4)]
    head = f'Lattice="3 0 0 0 3 0 0 0 20" Properties=species:S:1:pos:R:3:move_mask:L:{width}'
    found = read(tmp_path, "x.xyz", "\n".join(["4", head, *rows, ""]))
    assert fixed_indices(with_fixed_atoms(found.atoms)[0]).tolist() == [0, 1]


def test_constraints_that_tie_atoms_are_not_kept_and_named() -> None:
    from ase.constraints import FixBondLengths

    atoms = fcc111("Cu", (1, 1, 3), vacuum=8.0)
    atoms.set_constraint([FixAtoms([0]), FixBondLengths([[1, 2]])])
    plain, said = with_fixed_atoms(atoms)
    assert fixed_indices(plain).tolist() == [0]
    assert "FixBondLengths" in said[0]


def test_cartesian_masks_follow_the_normal_of_a_cell_in_any_axes() -> None:
    atoms = fcc111("Cu", (1, 1, 3), vacuum=8.0)
    atoms.pbc = True
    atoms.rotate(90, "x", rotate_cell=True)
    atoms.set_constraint(FixCartesian([0], mask=(False, True, False)))
    assert fixed_indices(with_fixed_atoms(atoms)[0]).tolist() == [0]


@pytest.mark.parametrize("species", ["D", "T", "CU", "cu", "NI"])
def test_species_of_xyz_are_normalised_and_said(tmp_path: Path, species: str) -> None:
    found = read(tmp_path, "x.xyz", f"2\n\n{species} 0 0 0\nO 0 0 2\n")
    expected = {"D": "H", "T": "H"}.get(species, species.capitalize())
    assert list(found.atoms.symbols) == [expected, "O"]
    assert any(f"{species} as {expected}" in said for said in found.said)


@pytest.mark.parametrize("count", [10**9, 2001, 5])
def test_a_count_that_the_file_does_not_hold_is_refused_at_once(tmp_path: Path, count: int) -> None:
    with pytest.raises(StructureError, match=r"structure has|positions for|claims"):
        read(tmp_path, "x.extxyz", f"{count}\n\nC 0 0 0\n")


def test_of_several_frames_the_last_is_taken_and_said(tmp_path: Path) -> None:
    frames = [molecule("H2O"), molecule("CO2"), molecule("NH3")]
    write(tmp_path / "x.xyz", frames)
    assert "frame 3 of 3, the last" in read_file(tmp_path / "x.xyz").said
    assert len(read_file(tmp_path / "x.xyz", "1").atoms) == 3
    with pytest.raises(StructureError, match="1 to 3"):
        read_file(tmp_path / "x.xyz", "4")


PDB = """CRYST1    3.615    3.615    3.615  90.00  90.00  90.00 {group:<11s}   4
HETATM    1 CU   CU  A   1       0.000   0.000   0.000  {occupancy}  0.00          CU
END
"""


@pytest.mark.parametrize(
    ("group", "atoms"), [("F m -3 m", 4), ("P 1", 1), ("I m -3 m", 2), ("P 21 21 21", 4)]
)
def test_the_space_group_of_a_pdb_is_applied(tmp_path: Path, group: str, atoms: int) -> None:
    assert len(read(tmp_path, "x.pdb", PDB.format(group=group, occupancy="1.00")).atoms) == atoms


def test_a_pdb_that_is_occupied_in_part_or_of_no_group_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StructureError, match="in part"):
        read(tmp_path, "x.pdb", PDB.format(group="P 1", occupancy="0.50"))
    with pytest.raises(StructureError, match="not known"):
        read(tmp_path, "x.pdb", PDB.format(group="X 9", occupancy="1.00"))


@pytest.mark.parametrize(
    ("name", "text"),
    [("coord", "$coord\n0 0 0 cu\n$periodic 2\n$cell\n 9 9 60\n$end\n"),
     ("coord", "$coord\n0 0 0 cu\n$lattice\n9 0 0\n0 9 0\n0 0 9\n$end\n"),
     ("x.res", "TITL x\nCELL 1 3 3 3 90 90 90\nLATT 4\nSFAC Cu\nCu1 1 0 0 0 1\nEND\n"),
     ("x.res", "TITL x\nCELL 1 3 3 3 90 90 90\nLATT -1\nSYMM -x,-y,-z\nSFAC Cu\nCu1 1 0 0 0 1\n"),
     ("x.cfg", "Number of particles = 1000000000\nA = 1.0 Angstrom\n")],
)  # fmt: skip
def test_what_is_not_read_from_a_format_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(StructureError, match=r"periodic|symmetry|structure has"):
        read(tmp_path, name, text)


@pytest.mark.parametrize(
    "name",
    ["x-POSCAR.extxyz", "POSCAR.xyz", "CONTCAR_2.cif", "my-OUTCAR.extxyz", "a.POSCAR.cif",
     "x.json", "x.traj", "geometry.in", "POSCAR_tio2", "slab.CONTCAR", "no-ending"],
)  # fmt: skip
def test_the_ending_tells_the_format_then_the_name_then_the_content(tmp_path, name) -> None:
    slab = fcc111("Cu", (2, 2, 3), vacuum=8.0)
    slab.pbc = True
    forms = {".extxyz": "extxyz", ".xyz": "extxyz", ".cif": "cif", ".json": "json", ".in": "aims",
             ".traj": "traj"}  # fmt: skip
    write(tmp_path / "draft", slab, format=forms.get(Path(name).suffix, "vasp"))
    (tmp_path / "draft").rename(tmp_path / name)
    found = read_file(tmp_path / name).atoms
    assert len(found) == len(slab)
    assert np.sort(found.get_all_distances(mic=True).ravel()) == pytest.approx(
        np.sort(slab.get_all_distances(mic=True).ravel()), abs=1e-4
    )


def test_structures_of_pymatgen_are_read_with_their_flags(tmp_path: Path) -> None:
    from pymatgen.io.ase import AseAtomsAdaptor

    slab = fcc111("Cu", (2, 2, 3), vacuum=8.0)
    slab.pbc = True
    slab.set_constraint(FixAtoms([0, 1, 2, 3]))
    AseAtomsAdaptor.get_structure(slab).to(filename=str(tmp_path / "x.json"))
    found = read_file(tmp_path / "x.json").atoms
    assert len(found) == 12
    assert fixed_indices(found).tolist() == [0, 1, 2, 3]
    data = json.loads((tmp_path / "x.json").read_text())
    data["sites"][0]["species"][0]["occu"] = 0.5
    (tmp_path / "y.json").write_text(json.dumps(data))
    with pytest.raises(StructureError, match="in part"):
        read_file(tmp_path / "y.json")


POSCAR_OF_COPPER = "Cu\n1.0\n3.6 0 0\n0 3.6 0\n0 0 3.6\nCu\n1\nDirect\n0 0 0\n"


@pytest.mark.parametrize(
    ("suffix", "packed"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
def test_packed_files_are_unpacked_and_it_is_said(tmp_path: Path, suffix: str, packed) -> None:
    path = tmp_path / f"POSCAR{suffix}"
    path.write_bytes(packed(POSCAR_OF_COPPER.encode()))
    found = read_file(path)
    assert str(found.atoms.symbols) == "Cu"
    assert found.said[:2] == (f"unpacked POSCAR{suffix}", "read as vasp")
    path.write_bytes(packed(POSCAR_OF_COPPER.encode())[:-9])
    with pytest.raises(StructureError, match="cannot be read"):
        read_file(path)


def test_a_packed_bomb_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "x.cif.gz").write_bytes(gzip.compress(b"#" * 60_000_000))
    with pytest.raises(StructureError, match="too large"):
        read_file(tmp_path / "x.cif.gz")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_is_read_whatever_its_encoding_and_line_ends(tmp_path, encoding, end) -> None:
    path = tmp_path / "x.vasp"
    path.write_bytes(POSCAR_OF_COPPER.replace("\n", end).encode(encoding))
    assert str(read_file(path).atoms.symbols) == "Cu"


@pytest.mark.parametrize(
    ("column", "held", "free"),
    [("fixed:L:1", "T", "F"), ("frozen:I:1", "1", "0"), ("move_mask:L:1", "F", "T"),
     ("selective_dynamics:L:3", "F F F", "T T T"), ("movable:I:1", "0", "1")],
)  # fmt: skip
def test_columns_that_hold_atoms_by_other_names_are_read(tmp_path, column, held, free) -> None:
    head = f'2\nLattice="4 0 0 0 4 0 0 0 20" Properties=species:S:1:pos:R:3:{column} pbc="T T T"'
    (tmp_path / "x.extxyz").write_text(f"{head}\nC 0 0 0 {held}\nC 0 0 1.5 {free}\n")
    found = read_file(tmp_path / "x.extxyz")
    atoms, _ = with_fixed_atoms(found.atoms)
    assert fixed_indices(atoms).tolist() == [0]


def test_a_cell_that_its_file_calls_aperiodic_is_mentioned(tmp_path: Path) -> None:
    head = '2\nLattice="4 0 0 0 4 0 0 0 20" Properties=species:S:1:pos:R:3 pbc="F F F"'
    (tmp_path / "x.extxyz").write_text(f"{head}\nC 0 0 0\nC 0 0 1.5\n")
    assert "its cell is not used" in "; ".join(read_file(tmp_path / "x.extxyz").said)


@pytest.mark.parametrize("command", ["ZERR 1 0 0 0 0 0 0", "PLAN 1 0 0 0 0", "SIZE 1 2 3 4 5"])
def test_commands_of_shelx_are_no_atoms(tmp_path: Path, command: str) -> None:
    head = f"TITL x\nCELL 1.0 4 4 4 90 90 90\n{command}\nLATT -1\nSFAC NI O\n"
    (tmp_path / "x.res").write_text(f"{head}NI1 1 0 0 0 11.0\nO1 2 0.5 0.5 0.5 11.0\nEND\n")
    assert sorted(read_file(tmp_path / "x.res").atoms.symbols) == ["Ni", "O"]
