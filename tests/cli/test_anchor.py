"""`alkascreen anchor` as a user meets it; engine and reference are the demonstration potential."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read, write
from reference_sets import frames

from screening.calculators import resolve
from screening.pipeline.store import open_store
from screening.surrogate import shipped
from screening.surrogate.anchors import anchors_beside, load_anchors
from screening.surrogate.train import train
from screening.validation import measure, read_reference
from screening.validation.compute import compute_missing, level_text, read_frames
from screening.validation.held_out import as_samples
from tests.engines import needs

DB = "results/alkascreen.db"
EMT = resolve("emt")
OFFSET_EV = 0.4
"""What the toy reference adds on training hosts; on the screen's own it adds nothing."""


@pytest.fixture
def screened(project: Path, alkascreen, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A finished screen whose engine has a calibration, and a reference set with its metals."""
    points = project / "set.extxyz"
    write(points, [labelled(a) for a in frames(lambda _: OFFSET_EV)], format="extxyz")
    reference = read_reference(points)
    model = train(as_samples(measure(reference, EMT)), EMT.level(), reference.level)
    folder = project / "models"
    folder.mkdir()
    (folder / "emt.json").write_text(json.dumps(model.as_json()))
    monkeypatch.setattr(shipped, "MODELS", folder)
    monkeypatch.setattr("screening.anchoring._shipped_set", lambda: points)
    shipped._shipped.cache_clear()
    assert alkascreen("run", "workflows/tiny.yaml", "--jobs", "1").exit_code == 0
    yield project
    shipped._shipped.cache_clear()


def labelled(atoms):
    """A frame that says it is of the demonstration potential's level, and how long it took."""
    atoms.info |= {"level": level_text(EMT.level()), "seconds": 1.0}
    return atoms


def reordered(atoms):
    """The same result with its atoms in another order, as other codes write them."""
    other = atoms[::-1]
    other.calc = SinglePointCalculator(other, energy=atoms.get_potential_energy())
    return other


def row(project: Path):
    (found,) = open_store(str(project / DB)).rows()
    return found


def test_an_anchored_row_has_the_value_of_the_reference_and_says_so(screened, alkascreen) -> None:
    before = row(screened).values["e_ads_ev"]
    assert before.scale == "calibrated"
    result = alkascreen("anchor", "--db", DB, "--hosts", "cu-111", "--calculator", "emt")
    assert result.exit_code == 0, result.output
    after = row(screened).values["e_ads_ev"]
    assert after.scale == "reference"
    # The demonstration potential is its own reference here: the value is the engine's own again.
    assert after.value == pytest.approx(before.raw, abs=0.01)
    assert after.upper90 - after.lower90 < before.upper90 - before.lower90 + 0.11


def test_a_later_run_keeps_the_anchors_and_computes_nothing_anew(screened, alkascreen) -> None:
    alkascreen("anchor", "--db", DB, "--hosts", "cu-111", "--calculator", "emt")
    again = alkascreen("run", "workflows/tiny.yaml", "--jobs", "1")
    assert again.exit_code == 0
    assert row(screened).values["e_ads_ev"].scale == "reference"
    (anchor,) = load_anchors(anchors_beside(DB))
    assert anchor.sample.host == "cu-111"
    second = alkascreen("anchor", "--db", DB, "--hosts", "cu-111", "--calculator", "emt")
    assert "0 computed" in second.output
    assert len(load_anchors(anchors_beside(DB))) == 1


def test_a_run_anchors_its_best_hosts_if_its_workflow_says_so(screened, alkascreen) -> None:
    workflow = screened / "workflows/tiny.yaml"
    workflow.write_text(workflow.read_text() + "anchors: 1\nreference: emt\n")
    plan = alkascreen("run", workflow, "--dry-run")
    assert "anchors on 1 hosts: 2 single points by emt" in plan.output
    assert not anchors_beside(DB).exists()
    first = alkascreen("run", workflow, "--jobs", "1")
    assert first.exit_code == 0, first.output
    assert "anchors: 3 single points computed, 0 reused" in first.output
    assert row(screened).values["e_ads_ev"].scale == "reference"
    assert len(load_anchors(anchors_beside(DB))) == 1
    second = alkascreen("run", workflow, "--jobs", "1")
    assert "anchors: 0 single points computed, 0 reused" in second.output
    assert row(screened).values["e_ads_ev"].scale == "reference"


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        pytest.param("anchors: 1", "not the level of the calibration", marks=needs("gpaw")),
        ("anchors: 1\nreference: emt\ncalibration: none", "no calibration"),
        ("anchors: 1\nreference: nothing", "nothing"),
        ("anchors: -1", "anchors"),
    ],
)
def test_anchors_that_cannot_be_are_refused_before_anything_runs(
    screened, alkascreen, lines: str, word: str
) -> None:
    workflow = screened / "workflows/tiny.yaml"
    workflow.write_text(workflow.read_text() + lines + "\n")
    for command in (("--db", "new.db"), ("--dry-run",)):
        result = alkascreen("run", workflow, *command)
        assert result.exit_code == 2
        assert word in result.stderr
        assert result.stderr.count("\n") == 1
    assert not Path("new.db").exists()


def test_a_budget_and_anchors_do_not_go_together(screened, alkascreen) -> None:
    workflow = screened / "workflows/tiny.yaml"
    workflow.write_text(workflow.read_text() + "anchors: 1\nreference: emt\n")
    result = alkascreen("run", workflow, "--budget", 1)
    assert result.exit_code == 2
    assert "then 'alkascreen anchor'" in result.stderr


def test_a_dry_run_says_what_settles_most_and_writes_nothing(screened, alkascreen) -> None:
    result = alkascreen("anchor", "--db", DB, "--hosts", "cu-111", "--dry-run")
    assert "cu-111" in result.output
    assert not anchors_beside(DB).exists()


@needs("gpaw")
def test_a_reference_of_another_level_is_refused(screened, alkascreen) -> None:
    result = alkascreen(
        "anchor", "--db", DB, "--hosts", "cu-111", "--calculator", "emt:alkali", "--top", "1"
    )
    other = alkascreen("anchor", "--db", DB, "--hosts", "cu-111", "--calculator", "gpaw")
    assert other.exit_code == 2
    assert "not the level of the calibration" in other.stderr
    assert result.exit_code == 0


def test_inputs_go_out_and_results_of_another_code_come_back(screened, alkascreen) -> None:
    folder = screened / "inputs"
    out = alkascreen("anchor", "--db", DB, "--hosts", "cu-111", "--write", folder)
    assert out.exit_code == 0, out.output
    places = sorted(p for p in folder.iterdir() if p.is_dir())
    assert {"POSCAR", "kpoints.txt", "structure.extxyz"} <= {p.name for p in places[0].iterdir()}
    results = screened / "elsewhere.extxyz"
    compute_missing(read_frames(folder / "frames.extxyz"), EMT, results)
    done = read(results, ":")
    for place, atoms in zip(places, done[:-1], strict=False):
        write(place / "result.extxyz", reordered(atoms), format="extxyz")
    partly = alkascreen("anchor", "--db", DB, "--read", folder)
    assert partly.exit_code == 2  # the ion's own energy is still missing
    write(places[-1] / "result.extxyz", reordered(done[-1]), format="extxyz")
    back = alkascreen("anchor", "--db", DB, "--read", folder)
    assert back.exit_code == 0, back.output
    assert row(screened).values["e_ads_ev"].scale == "reference"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--hosts", "nowhere"), "nowhere"), (("--read", "nowhere"), "not a folder of reference")],
)
def test_what_is_not_there_is_refused_in_one_line(screened, alkascreen, arguments, word) -> None:
    result = alkascreen("anchor", "--db", DB, *arguments)
    assert result.exit_code == 2
    assert word in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_of_something_else_is_no_anchor(screened, alkascreen) -> None:
    anchors_beside(DB).write_text("[]")
    result = alkascreen("run", "workflows/tiny.yaml", "--jobs", "1")
    assert result.exit_code == 2
    assert "cannot read anchors" in result.stderr
