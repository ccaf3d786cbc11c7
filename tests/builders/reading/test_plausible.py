"""What no structure can be is refused by name, whatever the format; what is small is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.builders import add_structure
from screening.builders.reading import read_file
from screening.errors import StructureError
from screening.geometry import find_sites

FLAT = "4.92 0 0 -2.46 4.26 0 0 0 20"


def extxyz(cell: str = FLAT, pbc: str = "T T F", last: str = "C 1.4 0 9", extra: str = "") -> str:
    head = f'Lattice="{cell}" Properties=species:S:1:pos:R:3{extra} pbc="{pbc}"'
    return "\n".join(["2", head, "C 0 0 9" + (" 1" if extra else ""), last, ""])


def refused(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    with pytest.raises(StructureError) as caught:
        read_file(folder / name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("cell", "axis"),
    [
        ("4.92 0 0 -2.46 4.26 0 0 0 1e300", "c"),
        ("1e200 0 0 0 4 0 0 0 20", "a"),
        ("4 0 0 0 1e-300 0 0 0 20", "b"),
        ("4.92 0 0 -2.46 4.26 0 0 0 1e8", "c"),
        ("4 0 0 0 0.01 0 0 0 20", "b"),
        ("1e160 0 0 0 1e160 0 0 0 1e160", "a"),
    ],
)
@pytest.mark.parametrize("pbc", ["T T F", "T T T", "F F F"])
def test_a_cell_of_impossible_size_is_refused(tmp_path: Path, cell, axis, pbc) -> None:
    assert f"cell vector {axis} is" in refused(tmp_path, "x.extxyz", extxyz(cell, pbc))


@pytest.mark.parametrize("cell", ["4 0 0 8 0 0 0 0 20", "4 0 0 0 4 0 4 4 0", "4 0 0 0 0 5 0 0 -9"])
def test_a_cell_without_volume_is_refused(tmp_path: Path, cell: str) -> None:
    assert "in a plane or on a line" in refused(tmp_path, "x.extxyz", extxyz(cell))


def test_a_periodic_direction_needs_a_vector(tmp_path: Path) -> None:
    text = refused(tmp_path, "x.extxyz", extxyz("4 0 0 0 4 0 0 0 0", "T T T"))
    assert "periodic along c" in text
    scale = "x\n0\n4 0 0\n0 4 0\n0 0 20\nCu\n1\nDirect\n0 0 0\n"
    assert "periodic along a" in refused(tmp_path, "x.vasp", scale)


@pytest.mark.parametrize("far", ["1e300", "1e20", "-20000", "1e155"])
def test_an_atom_far_away_is_refused(tmp_path: Path, far: str) -> None:
    assert "atom 1 (C)" in refused(tmp_path, "x.extxyz", extxyz(last=f"C 1.4 0 {far}"))
    assert "atom 1 (C)" in refused(tmp_path, "x.xyz", f"2\n\nC 0 0 0\nC 1.4 0 {far}\n")


@pytest.mark.parametrize("column", ["occupancy", "occupancies", "occ"])
def test_a_column_of_occupancies_counts(tmp_path: Path, column: str) -> None:
    extra = f":{column}:R:1"
    half = extxyz(last="C 1.4 0 9 0.5", extra=extra)
    assert "occupied in part" in refused(tmp_path, "x.extxyz", half)
    (tmp_path / "full.extxyz").write_text(extxyz(last="C 1.4 0 9 1", extra=extra))
    assert len(read_file(tmp_path / "full.extxyz").atoms) == 2


@pytest.mark.parametrize(
    ("name", "text", "sites"),
    [
        ("one.xyz", "1\n\nC 0 0 0\n", 2),
        ("coord", "$coord\n 0 0 0 c\n$end\n", 2),
        ("co.xyz", "2\n\nC 0 0 0\nO 1.13 0 0\n", 6),
    ],
)
def test_the_smallest_clusters_have_sites(tmp_path: Path, name: str, text: str, sites: int) -> None:
    (tmp_path / "structures").mkdir()
    (tmp_path / name).write_text(text)
    host = add_structure(tmp_path / name, "x", "t", tmp_path / "structures")
    assert len(find_sites(host.atoms, host.geometry)) == sites


def test_a_chain_is_no_tube(tmp_path: Path) -> None:
    (tmp_path / "structures").mkdir()
    text = '2\nLattice="5 0 0 0 20 0 0 0 20" Properties=species:S:1:pos:R:3 pbc="T F F"\n'
    (tmp_path / "x.extxyz").write_text(f"{text}Cu 0 0 0\nCu 2.5 0 0\n")
    with pytest.raises(StructureError, match="has no wall"):
        add_structure(tmp_path / "x.extxyz", "x", "t", tmp_path / "structures", geometry="tube")


NIO = ("0 0 0", "0.5 0.5 0", "0.5 0 0.5", "0 0.5 0.5")
UPPER = {
    "geometry.in": "".join(
        [
            "lattice_vector 4.18 0 0\nlattice_vector 0 4.18 0\nlattice_vector 0 0 4.18\n",
            *(f"atom_frac {place} NI\n" for place in NIO),
        ]
    ),
    "x.gen": "\n".join(
        [
            "4 F",
            "NI",
            *(f"{i} 1 {place}" for i, place in enumerate(NIO, 1)),
            "0 0 0\n4.18 0 0\n0 4.18 0\n0 0 4.18\n",
        ]
    ),
    "x.res": "\n".join(
        [
            "TITL x",
            "CELL 1.0 4.18 4.18 4.18 90 90 90",
            "LATT -1",
            "SFAC NI",
            *(f"NI{i} 1 {place} 11.00000" for i, place in enumerate(NIO, 1)),
            "END\n",
        ]
    ),
}


@pytest.mark.parametrize("name", UPPER)
def test_upper_case_symbols_of_other_programs(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(UPPER[name])
    found = read_file(tmp_path / name)
    assert list(found.atoms.symbols) == ["Ni"] * 4
    assert any("as Ni" in said for said in found.said)


@pytest.mark.parametrize("sof", ["0.5", "10.5"])
def test_a_site_of_shelx_that_is_occupied_in_part_is_refused(tmp_path: Path, sof: str) -> None:
    text = UPPER["x.res"].replace("11.00000", sof, 1)
    assert "occupied in part: NI1 0.5" in refused(tmp_path, "x.res", text)


@pytest.mark.parametrize("name", UPPER)
def test_an_unknown_species_is_named(tmp_path: Path, name: str) -> None:
    assert "unknown element 'Qq'" in refused(tmp_path, name, UPPER[name].replace("NI", "Qq"))
