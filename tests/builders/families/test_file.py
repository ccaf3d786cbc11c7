"""A user's own structure: recognised, turned into our frame, added, or refused in one line."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene, molecule, mx2, nanotube
from ase.constraints import FixAtoms
from ase.io import write

from screening.builders import add_structure, builder_names, load_catalogue
from screening.builders.bulk import crystal_of
from screening.builders.families.file import read_structure
from screening.builders.frame import recognise, to_frame
from screening.builders.slab import cut_slab
from screening.builders.validate import validate_structure
from screening.errors import InputError, RecipeError, StructureError
from screening.structure import Candidate, Geometry, fixed_indices
from screening.structure.neighbours import close_pairs


@pytest.fixture
def structures(tmp_path: Path) -> Path:
    folder = tmp_path / "structures"
    folder.mkdir()
    return folder


def foreign(kind: str) -> Atoms:
    """Return hosts as other programs write them: periodic in three directions."""
    atoms = {
        "sheet": lambda: mx2(size=(2, 2, 1), vacuum=7.0),
        "slab": lambda: fcc111("Cu", (2, 2, 4), vacuum=7.0),
        "tube": lambda: nanotube(6, 0, length=2, vacuum=6.0),
        "cluster": lambda: molecule("C6H6", vacuum=6.0),
    }[kind]()
    atoms.pbc = True
    return atoms


def distances(atoms: Atoms) -> np.ndarray:
    return np.sort(close_pairs(atoms, 4.0)[3])


KINDS: list[Geometry] = ["sheet", "slab", "tube", "cluster"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_geometry_is_recognised(kind: Geometry) -> None:
    assert recognise(foreign(kind)).geometry == kind


def test_bulk_is_recognised_as_no_surface() -> None:
    found = recognise(bulk("NaCl", "rocksalt", a=5.64, cubic=True))
    assert found.geometry is None
    assert "bulk crystal" in found.reason


def test_graphite_is_bulk_in_spite_of_its_layer_gap() -> None:
    layers = graphene(size=(1, 1, 1), vacuum=3.35 / 2)
    layers.pbc = True
    assert recognise(layers).geometry is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cycle", [0, 1, 2])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_frame_does_not_depend_on_axes_origin_or_orientation(
    kind: Geometry, cycle: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    original = foreign(kind)
    moved = original.copy()
    moved.positions += rng.uniform(-9, 9, 3)
    order = [cycle, (cycle + 1) % 3, (cycle + 2) % 3]
    moved.set_cell(moved.cell[order])
    moved.wrap()
    moved.rotate(rng.uniform(0, 90), rng.normal(size=3), rotate_cell=True)
    before = moved.copy()
    result = to_frame(moved, kind, 8.0, "x")
    validate_structure(result, kind, "x")
    assert moved == before
    assert recognise(moved).geometry == kind
    assert distances(result) == pytest.approx(distances(original), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_stays_as_it_is(kind: Geometry) -> None:
    once = to_frame(foreign(kind), kind, 8.0, "x")
    twice = to_frame(once, kind, 8.0, "x")
    assert np.allclose(once.positions, twice.positions, atol=1e-6)
    assert np.allclose(once.cell, twice.cell, atol=1e-6)
    assert fixed_indices(once).tolist() == fixed_indices(twice).tolist()


def test_a_left_handed_cell_is_turned() -> None:
    atoms = foreign("sheet")
    atoms.set_cell(atoms.cell[[1, 0, 2]])
    result = to_frame(atoms, "sheet", 8.0, "x")
    validate_structure(result, "sheet", "x")
    assert distances(result) == pytest.approx(distances(foreign("sheet")), abs=1e-6)


def test_a_slab_gets_its_lower_half_fixed_unless_it_says_otherwise() -> None:
    atoms = foreign("slab")
    atoms.set_constraint()
    result = to_frame(atoms, "slab", 8.0, "x")
    heights = result.positions[:, 2]
    assert len(fixed_indices(result)) == 8
    assert heights[fixed_indices(result)].max() < heights.mean()


def add(file: Path, structures: Path, **options: object) -> Candidate:
    return add_structure(file, "mine", "oxide", structures, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["host.cif", "POSCAR", "host.extxyz"])
def test_an_added_structure_is_a_candidate_like_any_other(
    tmp_path: Path, structures: Path, kind: Geometry, name: str
) -> None:
    write(tmp_path / name, foreign(kind))
    added = add(tmp_path / name, structures)
    built = load_catalogue(structures).build("mine")
    assert (built.id, built.family, built.geometry) == ("mine", "oxide", kind)
    assert np.allclose(built.atoms.positions, added.atoms.positions, atol=1e-6)
    assert built.recipe["source"] == name
    assert kind in str(built.recipe["note"])
    assert sorted(p.name for p in (structures / "user").iterdir()) == [
        "mine.extxyz",
        "mine.yaml",
    ]


@pytest.mark.parametrize("name", ["h.xsf", "h.gen", "h.res", "h.pdb"])
def test_other_text_formats_are_read(tmp_path: Path, name: str) -> None:
    atoms = foreign("slab")
    atoms.set_constraint()
    write(tmp_path / name, atoms)
    assert distances(read_structure(tmp_path / name)) == pytest.approx(distances(atoms), abs=2e-3)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_refused_in_one_line_or_still_sound(
    tmp_path: Path, structures: Path, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    path = tmp_path / ["h.cif", "POSCAR", "h.extxyz", "h.xsf"][seed % 4]
    write(path, foreign("sheet"))
    content = bytearray(path.read_bytes())
    place = int(rng.integers(len(content)))
    patch = [b"", b"nan", b"1e400", b"\n", b"9" * 400, b"-", b"\0", b"\xff"][seed % 8]
    content[place : place + int(rng.integers(1, 200))] = patch
    path.write_bytes(content)
    message = ""
    try:
        candidate = add(path, structures)
        validate_structure(candidate.atoms, candidate.geometry, "x")
    except InputError as error:
        message = str(error)
    assert "\n" not in message


def test_fixed_atoms_of_the_user_survive(tmp_path: Path, structures: Path) -> None:
    atoms = foreign("slab")
    atoms.set_constraint(FixAtoms([0, 1, 2, 3]))
    write(tmp_path / "POSCAR", atoms, format="vasp")
    add(tmp_path / "POSCAR", structures)
    assert len(fixed_indices(load_catalogue(structures).build("mine").atoms)) == 4


def test_a_bulk_crystal_needs_miller_indices_and_becomes_a_slab(
    tmp_path: Path, structures: Path
) -> None:
    write(tmp_path / "cu.cif", bulk("Cu", cubic=True))
    with pytest.raises(StructureError, match=r"bulk crystal.*Miller"):
        add(tmp_path / "cu.cif", structures)
    slab = add(tmp_path / "cu.cif", structures, miller=(1, 1, 1))
    assert slab.geometry == "slab"
    assert "cut along (1 1 1)" in slab.recipe["note"]
    assert set(slab.atoms.symbols) == {"Cu"}


def test_miller_indices_on_a_sheet_are_refused(tmp_path: Path, structures: Path) -> None:
    write(tmp_path / "a.cif", foreign("sheet"))
    with pytest.raises(StructureError, match="takes no Miller indices"):
        add(tmp_path / "a.cif", structures, miller=(1, 0, 0))


def test_every_step_is_said(tmp_path: Path, structures: Path) -> None:
    slab = fcc111("Cu", (2, 1, 3), vacuum=7.0)
    slab.set_constraint()
    slab.symbols[-1] = "Li"
    slab.pbc = True
    slab.set_cell(slab.cell[[2, 0, 1]])
    write(tmp_path / "a.vasp", slab)
    note = str(add(tmp_path / "a.vasp", structures).recipe["note"])
    for words in (
        "read as vasp", "layers of metal: a slab", "c is the file's a",
        "lower half fixed, 2 of 6 atoms: the file fixes none", "ions land on the top, CuLi",
        "holds 1 Li of its own", "images of an ion are 2.55 Å apart, CLOSER",
    ):  # fmt: skip
        assert words in note


@pytest.mark.parametrize(
    ("options", "length"), [({"size": (3, 2)}, 7.66), ({"spacing": 7.0}, 7.66), ({}, 2.55)]
)
def test_a_surface_cell_is_repeated_on_request(tmp_path, structures, options, length) -> None:
    slab = fcc111("Cu", (1, 1, 4), vacuum=7.0)
    write(tmp_path / "a.cif", slab)
    host = add(tmp_path / "a.cif", structures, **options).atoms
    assert host.cell.lengths()[0] == pytest.approx(length, abs=0.01)
    assert len(fixed_indices(host)) == len(host) / 2


@pytest.mark.parametrize("options", [{"size": (2, 1)}, {"spacing": 9.0}])
def test_a_repeated_slab_keeps_the_atoms_that_its_file_fixes(tmp_path, structures, options) -> None:
    slab = fcc111("Cu", (2, 2, 4), vacuum=7.0)
    slab.set_constraint(FixAtoms(np.flatnonzero(slab.get_tags() == 4)))
    write(tmp_path / "a.vasp", slab)
    host = add(tmp_path / "a.vasp", structures, **options).atoms
    assert len(host) > len(slab)
    assert len(fixed_indices(host)) == len(host) / 4


def test_a_tube_is_repeated_along_its_axis_and_a_cluster_is_not(tmp_path, structures) -> None:
    write(tmp_path / "t.cif", foreign("tube"))
    tube = add(tmp_path / "t.cif", structures, spacing=10.0).atoms
    assert tube.cell.lengths()[2] == pytest.approx(2 * foreign("tube").cell.lengths()[2])
    write(tmp_path / "c.xyz", molecule("C6H6"))
    with pytest.raises(StructureError, match="cluster does not repeat"):
        add_structure(tmp_path / "c.xyz", "c", "x", structures, size=(2, 1))


@pytest.mark.parametrize(
    ("options", "words"),
    [({"layers": 3}, "3.61"), ({"thickness": 9.0}, "9."), ({"size": (1, 1)}, "2.55"),
     ({"spacing": 7.0}, "7.2"), ({}, "5.1")],
)  # fmt: skip
def test_a_cut_takes_layers_thickness_size_and_spacing(
    tmp_path, structures, options, words
) -> None:
    write(tmp_path / "cu.cif", bulk("Cu", cubic=True))
    slab = add(tmp_path / "cu.cif", structures, miller=(1, 0, 0), **options).atoms
    found = [np.ptp(slab.positions[:, 2]), *slab.cell.lengths()[:2]]
    assert any(f"{value:.2f}".startswith(words) for value in found)


def test_options_of_a_cut_need_its_plane(tmp_path: Path, structures: Path) -> None:
    write(tmp_path / "cu.cif", bulk("Cu", cubic=True))
    with pytest.raises(RecipeError, match=r"--layers.*--miller"):
        add(tmp_path / "cu.cif", structures, layers=4)


def test_indices_refer_to_the_conventional_cell(tmp_path: Path, structures: Path) -> None:
    write(tmp_path / "p.cif", bulk("MgO", "rocksalt", a=4.21))
    host = add(tmp_path / "p.cif", structures, miller=(1, 0, 0))
    assert "conventional cell of Fm-3m" in str(host.recipe["note"])
    top = host.atoms.symbols[host.atoms.positions[:, 2] > host.atoms.positions[:, 2].max() - 0.1]
    assert set(top) == {"Mg", "O"}


@pytest.mark.parametrize("cubic", [True, False])
@pytest.mark.parametrize(("sign", "top"), [(1, "Ga"), (-1, "As")])
def test_a_polar_plane_means_the_same_face_in_the_primitive_cell(
    tmp_path, structures, cubic, sign, top
) -> None:
    write(tmp_path / "p.vasp", bulk("GaAs", "zincblende", a=5.65, cubic=cubic))
    host = add(tmp_path / "p.vasp", structures, miller=(sign, sign, sign)).atoms
    assert host.symbols[int(host.positions[:, 2].argmax())] == top


def test_a_crystal_of_a_long_formula_is_cut(tmp_path: Path, structures: Path) -> None:
    crystal = bulk("NaCl", "rocksalt", a=5.64, cubic=True).repeat((3, 2, 1))
    crystal.symbols[0] = "K"
    write(tmp_path / "p.vasp", crystal, sort=True)
    host = add(tmp_path / "p.vasp", structures, miller=(0, 0, 1), size=(1, 1))
    assert host.formula == "Cl48K2Na46"  # two of the crystal's cells


def test_the_crystal_of_a_cut_is_kept_with_its_recipe(tmp_path: Path, structures: Path) -> None:
    write(tmp_path / "p.cif", bulk("MgO", "rocksalt", a=4.21))
    add(tmp_path / "p.cif", structures, miller=(1, 0, 0), thickness=5.0)
    built = load_catalogue(structures).build("mine")
    crystal, cut = crystal_of(built.recipe)
    assert cut.miller == (1, 0, 0)
    assert cut.thickness == 5.0
    assert crystal.cell.lengths() == pytest.approx([4.21] * 3, abs=1e-4)
    assert distances(cut_slab(crystal, cut)) == pytest.approx(distances(built.atoms), abs=1e-4)
    write(tmp_path / "s.cif", foreign("slab"))
    slab = add_structure(tmp_path / "s.cif", "slab", "x", structures)
    with pytest.raises(RecipeError, match="cuts no crystal"):
        crystal_of(slab.recipe)


def test_a_polar_cut_is_flagged(tmp_path: Path, structures: Path) -> None:
    write(tmp_path / "p.cif", bulk("MgO", "rocksalt", a=4.21, cubic=True))
    assert "POLAR" in str(add(tmp_path / "p.cif", structures, miller=(1, 1, 1)).recipe["note"])


def test_atoms_on_top_of_each_other_are_named_before_a_crystal_is_cut(tmp_path, structures) -> None:
    crystal = bulk("Cu", cubic=True)
    crystal += Atoms("Cu", [crystal.positions[1]])
    write(tmp_path / "d.vasp", crystal)
    with pytest.raises(StructureError, match=r"d\.vasp: atoms 1 \(Cu\) and 4 \(Cu\) overlap"):
        add(tmp_path / "d.vasp", structures, miller=(1, 1, 1))


@pytest.mark.parametrize("name", ["my-POSCAR-2", "CONTCAR", "x-OUTCAR", "geometry.in.x"])
def test_an_id_is_no_hint_of_a_format(tmp_path: Path, structures: Path, name: str) -> None:
    write(tmp_path / "a.cif", foreign("sheet"))
    add_structure(tmp_path / "a.cif", name, "x", structures)
    assert load_catalogue(structures).build(name).geometry == "sheet"


def test_the_user_may_overrule_the_guess(tmp_path: Path, structures: Path) -> None:
    write(tmp_path / "a.cif", foreign("sheet"))
    assert add(tmp_path / "a.cif", structures, geometry="slab").geometry == "slab"
    with pytest.raises(StructureError, match="a tube needs vacuum"):
        add_structure(tmp_path / "a.cif", "other", "x", structures, geometry="tube")


def test_an_id_that_is_taken_or_unsafe_is_refused(tmp_path: Path, structures: Path) -> None:
    write(tmp_path / "a.cif", foreign("sheet"))
    add(tmp_path / "a.cif", structures)
    with pytest.raises(RecipeError, match="'mine' is taken"):
        add(tmp_path / "a.cif", structures)
    with pytest.raises(RecipeError, match="not valid"):
        add_structure(tmp_path / "a.cif", "../evil", "x", structures)


BAD: dict[str, tuple[bytes, str]] = {
    "empty.cif": (b"", "is empty"),
    "cut.cif": (b"data_x\n_cell_length_a 3\nloop_\n_atom_site_label\n", "cif"),
    "nan.xyz": (b"1\n\nC nan 0 0\n", "not finite"),
    "inf.xyz": (b"1\n\nC inf 0 0\n", "not finite"),
    "short.xyz": (b"3\n\nC 0 0 0\n", "cannot be read"),
    "none.xyz": (b"0\n\n", "no atoms"),
    "dummy.xyz": (b"1\n\nX 0 0 0\n", "unknown element"),
    "clash.xyz": (b"2\n\nC 0 0 0\nC 0 0 0.3\n", "overlap"),
    "words.txt": (b"hello\n", "no format"),
    "code.py": (b"raise SystemExit\n", "no format"),
    "data.pkl": (pickle.dumps({"a": 1}), "no format"),
    "old.traj": (b"- of Ulm" + bytes(64), "no format"),
    "binary.xyz": (b"1\n\nC 0 0 0\n\0\0", "no format"),
    "store.db": (b"SQLite format 3\0", "no format"),
    "store.json": (b'{"1": {"numbers": [6]}}', "no format"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_and_nothing_is_written(
    tmp_path: Path, structures: Path, name: str
) -> None:
    content, part = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        add(tmp_path / name, structures)
    message = str(caught.value)
    assert name in message
    assert part in message
    assert "\n" not in message
    assert list(structures.iterdir()) == []


@pytest.mark.parametrize("name", ["missing.cif", "."])
def test_a_file_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(StructureError, match="cannot be read"):
        read_structure(tmp_path / name)


def test_of_several_frames_the_last_is_taken(tmp_path: Path) -> None:
    frames = [foreign("cluster"), foreign("cluster")]
    frames[1].positions += 0.5
    write(tmp_path / "path.extxyz", frames)
    assert np.allclose(read_structure(tmp_path / "path.extxyz").positions, frames[1].positions)


def test_a_recipe_may_point_at_a_file_beside_it(structures: Path) -> None:
    write(structures / "own.cif", foreign("sheet"))
    recipe = "id: own\nbuilder: file\nparameters: {path: own.cif, geometry: sheet, vacuum: 9}\n"
    (structures / "own.yaml").write_text(recipe)
    candidate = load_catalogue(structures).build("own")
    assert "file" in builder_names()
    assert candidate.atoms.positions[:, 2].min() == pytest.approx(9.0)
