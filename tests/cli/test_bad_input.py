"""Every kind of wrong input: one line that says what and where, exit code 2, nothing written."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene
from ase.db import connect
from ase.io import write

from .conftest import RECIPES, WORKFLOW, snapshot

GOOD = "id: {id}\nbuilder: graphene\nparameters: {{size: [2, 2]}}\n"


@pytest.fixture
def refused(alkascreen, project: Path) -> Callable[..., str]:
    """Run a command that must be refused; return its one line."""

    def call(*arguments: str | Path) -> str:
        before = snapshot(project)
        result = alkascreen(*arguments)
        assert result.exit_code == 2, result.output
        assert snapshot(project) == before, "something was written"
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert line.isprintable()
        return line

    return call


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: tiny", "name: tiny\nionz: [Li]", ["tiny.yaml", "ionz", "unknown key", "ions"]),
        ("fmax: 0.1", "fmaks: 0.1", ["relax.fmaks", "unknown key", "fmax"]),
        ("fmax: 0.1", "fmax: 1e-2", ["relax.fmax", "1e-2"]),
        ("fmax: 0.1", "fmax: [0.1]", ["relax.fmax", "[0.1]"]),
        ("fmax: 0.1", "fmax: NO", ["relax.fmax", "quotes"]),
        ("fmax: 0.1", "fmax: -0.1", ["relax.fmax", "-0.1"]),
        ("fmax: 0.1", "fmax: .nan", ["relax.fmax"]),
        ("max_steps: 100", "max_steps: 0", ["relax.max_steps", "0"]),
        ("max_steps: 100", "max_steps: 9.5", ["relax.max_steps", "9.5"]),
        ("ions: [Li]", "ions: [NO]", ["ions", "quotes"]),
        ("ions: [Li]", "ions: [Rb]", ["ions", "Rb"]),
        ("ions: [Li]", "ions: []", ["ions", "empty"]),
        ("ions: [Li]", "ions: [Li, Li]", ["ions", "twice"]),
        ("ions: [Li]", "ions: [Li]\nions: [Na]", ["twice", "line"]),
        ("[cu-111]", "[cu-112]", ["cu-112", "cu-111"]),
        ("[cu-111]", "cu-111", ["candidates"]),
        ("calculator: emt", "calculator: emd", ["emd", "emt"]),
        ("calculator: emt", "calculator: no_such_module:make", ["no_such_module"]),
        ("calculator: emt", "calculator: emt\ndispersion: d4", ["dispersion", "d4", "d3bj"]),
        ("name: tiny", "name: a/b", ["name", "a/b"]),
        (WORKFLOW, "", ["tiny.yaml", "empty"]),
        (WORKFLOW, "- a\n", ["tiny.yaml", "list"]),
        (WORKFLOW, WORKFLOW[:40], ["tiny.yaml"]),
        (WORKFLOW, "a: [", ["tiny.yaml", "YAML"]),
        (WORKFLOW, "a: &x [1]\nb: *x\n", ["tiny.yaml", "alias"]),
        (WORKFLOW, "a: !!python/object/apply:os.mkdir [pwned]", ["tiny.yaml", "YAML"]),
        (WORKFLOW, "\x00\x01", ["tiny.yaml"]),
    ],
)
def test_wrong_workflow(refused, project: Path, old: str, new: str, words: list[str]) -> None:
    assert old in WORKFLOW
    path = project / "workflows/tiny.yaml"
    path.write_text(WORKFLOW.replace(old, new))
    line = refused("run", path)
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("--ions", "Li,Rb", "Rb"),
        ("--ions", "", "--ions"),
        ("--ions", "Li,,Na", "--ions"),
        ("--ions", "Li,Li", "--ions"),
        ("--only", "nothing-here", "nothing-here"),
        ("--only", "cu-111,", "--only"),
        ("--calculator", "no-such", "no-such"),
        ("--calculator", "emt:", "emt"),
    ],
)
def test_wrong_option_of_run(refused, option: str, value: str, word: str) -> None:
    assert word in refused("run", "workflows/tiny.yaml", option, value)


def test_an_element_that_the_calculator_does_not_know_stops_the_run_before_it_starts(
    refused, project: Path
) -> None:
    (project / "structures/mo.yaml").write_text(
        "id: mo-110\nbuilder: metal\nparameters: {element: Mo, miller: [1, 1, 0], layers: 3}\n"
    )
    line = refused("run", "workflows/tiny.yaml", "--only", "mo-110")
    assert all(word in line for word in ("mo-110", "Mo", "Cu"))


def test_a_workflow_that_is_not_there(refused) -> None:
    assert "workflows/none.yaml" in refused("run", "workflows/none.yaml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("builder: metal", "builder: metall", ["metall", "did you mean 'metal'"]),
        ("layers: 3", "layerz: 3", ["parameters", "layerz", "unknown key"]),
        ("layers: 3", "layers: -3", ["layers", "-3"]),
        ("layers: 3", "layers: 0", ["layers", "0"]),
        ("layers: 3", "layers: NO", ["layers"]),
        ("layers: 3", "layers: [3]", ["layers", "[3]"]),
        ("layers: 3", "layers: 1e-2", ["layers"]),
        ("size: [2, 2]", "size: [0, 2]", ["size"]),
        ("size: [2, 2]", "size: [-1, 2]", ["size"]),
        ("size: [2, 2]", "size: 2", ["size"]),
        ("element: Cu", "element: Xx", ["Xx"]),
        ("element: Cu", "element: NO", ["element", "quotes"]),
        ("id: graphene", "id: cu-111", ["cu-111", "twice"]),
        ("id: graphene", "id: a/b", ["a/b"]),
        ("id: graphene", "id: ../b", ["../b"]),
        ("id: graphene", "id: a..b", ["a..b"]),
        ("id: graphene", 'id: "a\\tb"', ["not valid"]),
        ("id: graphene", 'id: "a\\u202eb"', ["not valid"]),
        ("id: graphene", "id: NO", ["id"]),
        ("id: graphene", "id: nan", ["nan"]),
        ("id: graphene, ", "", ["id", "missing"]),
    ],
)
def test_wrong_recipe(refused, project: Path, old: str, new: str, words: list[str]) -> None:
    assert old in RECIPES
    (project / "structures/hosts.yaml").write_text(RECIPES.replace(old, new, 1))
    line = refused("run", "workflows/tiny.yaml", "--only", "*")
    assert "hosts.yaml" in line
    for word in words:
        assert word in line


def test_an_id_given_twice_in_two_files_names_both(refused, project: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (project / "structures" / name).write_text(GOOD.format(id="same"))
    line = refused("candidates")
    assert all(word in line for word in ("same", "a.yaml", "b.yaml"))


def overlapping() -> Atoms:
    sheet = graphene(size=(2, 2, 1), vacuum=8.0)
    sheet.positions[1] = sheet.positions[0] + 0.1
    return sheet


def with_nan() -> Atoms:
    sheet = graphene(size=(2, 2, 1), vacuum=8.0)
    sheet.positions[0, 0] = float("nan")
    return sheet


def slab_without_vacuum() -> Atoms:
    slab = fcc111("Cu", size=(2, 2, 4), vacuum=0.5)
    slab.pbc = True
    return slab


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (overlapping, "overlap"),
        (with_nan, "finite"),
        (slab_without_vacuum, "vacuum"),
        (lambda: bulk("Cu", cubic=True), "vacuum"),
        (Atoms, "atom"),
    ],
)
def test_a_structure_that_cannot_be_screened(refused, project: Path, make, word: str) -> None:
    write(project / "host.extxyz", make())
    line = refused("add", "host.extxyz", "--id", "mine", "--family", "own")
    assert "host.extxyz" in line
    assert word in line


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.cif", b""),
        ("truncated.cif", b"data_x\n_cell_length_a 3.0\nloop_\n_atom_site_label\n"),
        ("truncated.extxyz", b'4\nLattice="3 0 0 0 3 0 0 0 20" pbc="T T F"\nC 0 0 0\nC 1.4'),
        ("POSCAR", b"Cu\n1.0\n3 0 0\n0 3 0\n"),
        ("binary.cif", bytes(range(256))),
        ("noise.xyz", b"hello\nworld\n"),
        ("unknown.qqq", b"C 0 0 0\n"),
        ("picture.png", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_a_file_that_holds_no_structure(refused, project: Path, name: str, content: bytes) -> None:
    (project / name).write_bytes(content)
    assert name in refused("add", name, "--id", "mine", "--family", "own")


class _Bomb:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return _explode, ("pwned",)


def _explode(name: str) -> None:
    Path(name).write_text("a pickle was loaded")


@pytest.mark.parametrize("name", ["host.pckl", "host.pkl", "host.gpw", "host.traj", "host.cif"])
def test_a_pickle_is_never_loaded(refused, project: Path, name: str) -> None:
    (project / name).write_bytes(pickle.dumps(_Bomb()))
    assert name in refused("add", name, "--id", "mine", "--family", "own")


@pytest.mark.parametrize(
    "candidate_id", ["a/b", "../x", "a..b", "a\nb", "a\x1b[31mb", "", "-x", "1"]
)
def test_an_unsafe_id(refused, project: Path, candidate_id: str) -> None:
    write(project / "host.extxyz", graphene(size=(2, 2, 1), vacuum=8.0))
    line = refused("add", "host.extxyz", f"--id={candidate_id}", "--family", "own")
    assert "id" in line


@pytest.mark.parametrize("indices", ["1,1", "a,b,c", "0,0,0", "1,0,0,0", "1.5,0,0", ""])
def test_wrong_miller_indices(refused, project: Path, indices: str) -> None:
    write(project / "bulk.cif", bulk("Cu", cubic=True))
    line = refused("add", "bulk.cif", "--id", "cut", "--family", "own", "--miller", indices)
    assert "iller" in line


def test_an_id_that_is_already_there(refused, project: Path) -> None:
    write(project / "host.extxyz", graphene(size=(2, 2, 1), vacuum=8.0))
    line = refused("add", "host.extxyz", "--id", "graphene", "--family", "own")
    assert "graphene" in line


def test_add_without_a_folder_of_recipes(refused, project: Path, monkeypatch) -> None:
    write(project / "host.extxyz", graphene(size=(2, 2, 1), vacuum=8.0))
    monkeypatch.chdir(project / "results")
    line = refused("add", "../host.extxyz", "--id", "mine", "--family", "own")
    assert "alkascreen init" in line


@pytest.mark.parametrize("output", ["x.qqq", "x", "none/x.cif", "results", "workflows/tiny.yaml"])
def test_build_to_a_place_or_format_that_is_not_possible(refused, output: str) -> None:
    assert output in refused("build", "graphene", "-o", output)


@pytest.mark.parametrize("recipe", ["graphen", "none.yaml", "structures/hosts.yaml", "../x", ""])
def test_build_of_something_that_is_not_one_recipe(refused, recipe: str) -> None:
    refused("build", recipe, "-o", "x.cif")


def foreign_ase(path: Path) -> None:
    connect(path, type="db").write(Atoms("Cu"))


def foreign_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE systems (id INTEGER)")
    db.close()


@pytest.mark.parametrize("command", ["run", "rank", "export"])
@pytest.mark.parametrize(
    "make",
    [
        foreign_ase,
        foreign_sqlite,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(50)),
        lambda path: path.write_text("not a database"),
        lambda path: path.write_bytes(pickle.dumps(_Bomb())),
        lambda path: path.mkdir(),
    ],
)
def test_a_database_that_is_not_ours(refused, project: Path, command: str, make) -> None:
    path = project / "other.db"
    make(path)
    arguments = {
        "run": ["run", "workflows/tiny.yaml"],
        "rank": ["rank"],
        "export": ["export", "--format", "csv", "-o", "x.csv"],
    }[command]
    assert "other.db" in refused(*arguments, "--db", path)


def test_a_database_that_is_not_there(refused) -> None:
    assert "results/alkascreen.db" in refused("rank")


def test_a_database_where_none_can_be(refused) -> None:
    line = refused("run", "workflows/tiny.yaml", "--db", "workflows/tiny.yaml/x.db")
    assert "tiny.yaml/x.db" in line


@pytest.mark.parametrize("output", ["none/table.csv", "results", "workflows/tiny.yaml/table.csv"])
def test_a_table_that_cannot_be_written(refused, database, output: str) -> None:
    assert output in refused("export", "--format", "csv", "-o", output)


def test_weights_that_are_wrong(refused, database, project: Path) -> None:
    (project / "w.yaml").write_text("objectives: {a: {column: e_ads_ev, poor: NO, good: 1.0}}")
    line = refused("rank", "--weights", "w.yaml")
    assert all(word in line for word in ("w.yaml", "objectives.a.poor", "quotes"))
