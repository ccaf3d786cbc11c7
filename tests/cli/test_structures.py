from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase.build import bulk, fcc111
from ase.io import read, write

from screening.builders import load_catalogue

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
