from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ase.build import bulk, fcc111
from ase.io import read, write

from screening.builders import builder_names, get_builder, load_catalogue

from .conftest import snapshot


def test_candidates_are_listed_with_family_and_builder(alkascreen, project: Path) -> None:
    lines = [line.split() for line in alkascreen("candidates").stdout.splitlines()]
    assert ["cu-111", "metal", "metal"] in lines
    assert ["graphene", "carbon", "graphene"] in lines


def test_text_in_a_recipe_cannot_steer_the_terminal(alkascreen, project: Path) -> None:
    (project / "structures/evil.yaml").write_text(
        'id: evil\nbuilder: graphene\nsource: "\\e[2Jgone"\n'
    )
    assert "\x1b" not in alkascreen("candidates").stdout


@pytest.mark.parametrize("name", ["x.cif", "x.extxyz", "x.xyz", "x.vasp", "POSCAR", "x.json"])
def test_a_built_host_reads_back_the_same(alkascreen, project: Path, name: str) -> None:
    assert alkascreen("build", "graphene", "-o", name).exit_code == 0
    built = load_catalogue(project / "structures").build("graphene").atoms
    back = read(name)
    assert sorted(back.symbols) == sorted(built.symbols)
    assert back.cell.cellpar() == pytest.approx(built.cell.cellpar(), abs=1e-4)
    assert back.get_volume() == pytest.approx(built.get_volume(), rel=1e-5)


def test_a_built_host_carries_its_recipe(alkascreen, project: Path) -> None:
    alkascreen("build", "cu-111", "-o", "cu.extxyz")
    atoms = read("cu.extxyz")
    assert atoms.info["candidate"] == "cu-111"
    assert json.loads(atoms.info["recipe"])["parameters"]["element"] == "Cu"
    assert len(atoms.constraints) == 1


def test_a_recipe_file_can_be_built_without_a_catalogue(alkascreen, project: Path) -> None:
    (project / "own.yaml").write_text("id: own\nbuilder: graphene\nparameters: {size: [3, 3]}\n")
    assert alkascreen("build", "own.yaml", "-o", "own.cif").exit_code == 0
    assert len(read("own.cif")) == 18


def test_an_added_structure_is_a_candidate(alkascreen, project: Path) -> None:
    write("slab.cif", fcc111("Cu", size=(2, 2, 4), vacuum=8.0))
    result = alkascreen("add", "slab.cif", "--id", "my-slab", "--family", "own")
    assert result.exit_code == 0
    assert "slab" in result.stderr
    assert "my-slab" in alkascreen("candidates").stdout
    assert alkascreen("build", "my-slab", "-o", "again.cif").exit_code == 0


def test_a_slab_is_cut_from_a_bulk_crystal(alkascreen, project: Path) -> None:
    write("bulk.cif", bulk("Cu", cubic=True))
    result = alkascreen("add", "bulk.cif", "--id", "cut", "--family", "own", "--miller", "1,1,0")
    assert result.exit_code == 0
    assert load_catalogue(project / "structures").build("cut").geometry == "slab"


def test_a_wrong_guess_can_be_corrected(alkascreen, project: Path) -> None:
    write("slab.cif", fcc111("Cu", size=(2, 2, 4), vacuum=8.0))
    alkascreen("add", "slab.cif", "--id", "a", "--family", "own", "--geometry", "sheet")
    assert load_catalogue(project / "structures").build("a").geometry == "sheet"


def test_the_same_id_cannot_be_added_twice(alkascreen, project: Path) -> None:
    write("slab.cif", fcc111("Cu", size=(2, 2, 4), vacuum=8.0))
    alkascreen("add", "slab.cif", "--id", "my-slab", "--family", "own")
    before = snapshot(project)
    assert alkascreen("add", "slab.cif", "--id", "my-slab", "--family", "own").exit_code == 2
    assert snapshot(project) == before


def test_an_added_structure_names_its_sites(alkascreen, project: Path) -> None:
    write("slab.cif", fcc111("Cu", size=(2, 2, 4), vacuum=8.0))
    said = alkascreen("add", "slab.cif", "--id", "mine", "--family", "own").stderr
    assert "4 distinct adsorption sites: hollow-1, hollow-2, bridge-1, top-1" in said
    assert "alkascreen build mine --sites -o mine.png" in said


def test_a_picture_is_written_and_its_sites_are_named(alkascreen, project: Path) -> None:
    assert alkascreen("build", "cu-111", "-o", "plain.png").exit_code == 0
    result = alkascreen("build", "cu-111", "--sites", "-o", "marked.png")
    assert result.exit_code == 0
    assert "4 distinct adsorption sites" in result.stderr
    plain, marked = (project / "plain.png").read_bytes(), (project / "marked.png").read_bytes()
    assert plain.startswith(b"\x89PNG")
    assert marked.startswith(b"\x89PNG")
    assert plain != marked


def test_sites_are_marked_in_pictures_only(alkascreen, project: Path) -> None:
    before = snapshot(project)
    result = alkascreen("build", "cu-111", "--sites", "-o", "x.cif")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "Error: x.cif: --sites marks sites in pictures only (allowed: .png)"
    ]
    assert snapshot(project) == before


def test_a_picture_without_matplotlib_names_the_extra(
    alkascreen, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = alkascreen("build", "cu-111", "-o", "x.png")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "pip install 'alkascreen[report]'" in result.stderr


def test_matplotlib_is_imported_for_pictures_only(project: Path) -> None:
    code = (
        "import sys; from screening.cli.app import app\n"
        "try: app(['build', 'cu-111', '-o', sys.argv[1]])\n"
        "except SystemExit: print('matplotlib' in sys.modules)"
    )

    def imported(output: str) -> str:
        command = [sys.executable, "-c", code, output]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert imported("x.cif") == "False"
    assert imported("x.png") == "True"


def test_the_review_is_listed_row_by_row(alkascreen, project: Path) -> None:
    (project / "structures/one.yaml").write_text("id: one\nbuilder: graphene\nreview: [R20]\n")
    result = alkascreen("candidates", "--review")
    lines = [line.split() for line in result.stdout.splitlines()[1:]]
    assert [line[0] for line in lines] == [f"R{number:02d}" for number in range(1, 21)]
    assert lines[-1][-2:] == ["1", "one"]
    assert lines[0][-2:] == ["0", "none"]
    assert "1 of 20 rows have a candidate; none: R01, R02" in result.stderr


def test_a_folder_is_added_and_each_file_names_its_host(alkascreen, project: Path) -> None:
    folder = project / "mine"
    (folder / "tio2").mkdir(parents=True)
    slab = fcc111("Cu", size=(2, 2, 4), vacuum=8.0)
    for name in ("a.cif", "b c.vasp", "POSCAR_1x1", "2d.xyz"):
        write(folder / name, slab, format="vasp" if "POSCAR" in name else None)
    write(folder / "tio2/POSCAR", slab)
    (folder / "notes.txt").write_text("no structure")
    (folder / "broken.cif").write_text("data_x\n")
    result = alkascreen("add", "mine", "mine/tio2/POSCAR")
    assert result.exit_code == 2
    assert "added 5 of 6 files" in result.stderr
    assert "Error: mine/broken.cif: " in result.stderr
    added = {path.stem for path in (project / "structures/user").glob("*.yaml")}
    assert added == {"a", "b-c", "POSCAR_1x1", "host-2d", "tio2"}


def test_one_id_for_several_files_is_refused(alkascreen, project: Path) -> None:
    for name in ("a.cif", "b.cif"):
        write(name, fcc111("Cu", size=(2, 2, 4), vacuum=8.0))
    before = snapshot(project)
    result = alkascreen("add", "a.cif", "b.cif", "--id", "x")
    assert result.exit_code == 2
    assert "one id for 2 files" in result.stderr
    assert snapshot(project) == before


def test_a_folder_without_structures_is_refused(alkascreen, project: Path) -> None:
    (project / "empty").mkdir()
    assert "holds no structure files" in alkascreen("add", "empty").stderr


@pytest.mark.parametrize(
    ("option", "value"), [("--size", "2"), ("--size", "0,1"), ("--size", "a,b"), ("--frame", "7")]
)
def test_wrong_options_of_add_are_refused(alkascreen, project: Path, option, value) -> None:
    write("slab.cif", fcc111("Cu", size=(2, 2, 4), vacuum=8.0))
    before = snapshot(project)
    result = alkascreen("add", "slab.cif", option, value)
    assert result.exit_code == 2
    assert value in result.stderr
    assert snapshot(project) == before


def test_add_says_what_it_read_guessed_and_changed(alkascreen, project: Path) -> None:
    write("slab.cif", fcc111("Cu", size=(2, 2, 4), vacuum=8.0))
    lines = alkascreen("add", "slab.cif", "--spacing", "7").stderr.splitlines()
    assert lines[0] == "added slab: Cu48, slab, 48 atoms"
    said = "\n".join(lines)
    for words in ("read as cif", "layers of metal: a slab", "lower half fixed", "ions land on the"):
        assert words in said


def test_builders_are_listed_with_what_they_build(alkascreen) -> None:
    lines = alkascreen("builders").stdout.splitlines()
    assert [line.split()[0] for line in lines] == builder_names()
    assert any("Slab of a pure metal" in line for line in lines)


@pytest.mark.parametrize("name", builder_names())
def test_every_parameter_of_a_builder_is_shown(alkascreen, name: str) -> None:
    text = alkascreen("builders", name).stdout
    for key, field in get_builder(name, "x").parameters.model_fields.items():
        need = "required" if field.is_required() else "default"
        assert re.search(rf"(?m)^{key}: .*, {need}", text)


def test_required_parameters_come_first_with_their_values_and_meaning(alkascreen) -> None:
    text = alkascreen("builders", "alloy").stdout
    assert text.index("compound: LiAg | LiAu") < text.index("thickness: ")
    assert "Least distance between the outermost atomic planes, Å" in text
    assert "did you mean 'metal'" in alkascreen("builders", "metall").stderr


def test_a_matrix_with_an_unknown_parameter_is_refused_when_candidates_are_listed(
    alkascreen, project: Path
) -> None:
    text = "id: m\nbuilder: graphene\nparameters: {motif: graphitic}\nmatrix: {dopent: [B, P]}\n"
    (project / "structures/m.yaml").write_text(text)
    result = alkascreen("candidates")
    assert result.exit_code == 2
    assert "m.yaml: m: matrix: dopent: unknown key" in result.stderr
    (project / "structures/m.yaml").write_text(text.replace("dopent: [B, P]", "dopant: [B, NO]"))
    assert "quotes" in alkascreen("candidates").stderr
