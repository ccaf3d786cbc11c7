from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms
from reference_sets import METALS, energy, frames, labelled, metal, structure, write_set

from screening.calculators import resolve
from screening.cli.app import app
from screening.errors import InputError
from screening.pipeline.store import open_store
from screening.units import IONS
from screening.validation.compute import compute_missing, read_frames
from screening.validation.growth import fit_seconds, plan

EMT = resolve("emt")
COMPUTED, QUEUED = range(5), (5, 6)


def timed(structures: list[Atoms]) -> list[Atoms]:
    for atoms in structures:
        atoms.info["seconds"] = 0.5 * len(atoms) ** 2
    return structures


def bare(index: int, ion: str | None = None, note: str = "relaxed") -> Atoms:
    atoms = structure(index, ion)
    atoms.info = {"host": f"{METALS[index]}-111".lower()}
    if ion:
        atoms.info |= {"ion": ion, "n_ions": 1, "note": note}
    return atoms


def queued() -> list[Atoms]:
    """Two new hosts, what is computed already, and one ion raised on a computed host."""
    raised = bare(0, "Li", "raised")
    raised.positions[-1, 2] += 0.4
    old = [a for index in COMPUTED for a in (bare(index), *(bare(index, ion) for ion in IONS))]
    new = [a for index in QUEUED for a in (*(bare(index, ion) for ion in IONS), bare(index))]
    return [*old, *new, raised]


def as_computed(structures: list[Atoms]) -> list[Atoms]:
    metals = [symbol.lower() for symbol in METALS]
    indices = [metals.index(str(a.info["host"]).split("-")[0]) for a in structures]
    return [
        labelled(a, energy(index, a.info.get("ion")), **a.info)
        for index, a in zip(indices, structures, strict=True)
    ]


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set.extxyz", timed(frames(lambda value: 0.2 * value, COMPUTED)))


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    return write_set(tmp_path / "queue.extxyz", queued())


def names(structures: list[Atoms]) -> list[tuple[str, str, str]]:
    return [tuple(str(a.info.get(n, "")) for n in ("host", "ion", "note")) for a in structures]


def test_what_is_not_computed_comes_once_and_clean_hosts_before_their_ions(
    queue: Path, reference: Path
) -> None:
    found = plan(queue, reference, EMT)
    order = names([a for step in found.steps for a in step.frames])
    new = [(f"{METALS[i].lower()}-111", ion) for i in QUEUED for ion in ("", *IONS)]
    assert sorted(entry[:2] for entry in order) == sorted([*new, ("al-111", "Li")])
    for index in QUEUED:
        mine = [ion for host, ion, _ in order if host == f"{METALS[index].lower()}-111"]
        assert mine[0] == ""
    assert [len(step.frames) for step in found.steps].count(2) == len(QUEUED)
    assert not found.skipped
    assert found.after_ev < found.before_ev


def test_costs_are_those_of_the_frames_and_the_limits_hold(queue: Path, reference: Path) -> None:
    clean, adsorbed = (0.5 * n**2 for n in (8, 9))
    every = plan(queue, reference, EMT).steps
    for step in every:
        expected = adsorbed + (clean if len(step.frames) == 2 else 0.0)
        assert step.seconds == pytest.approx(expected, rel=1e-9)
    (only,) = plan(queue, reference, EMT, points=1).steps
    assert names(list(only.frames)) == names(list(every[0].frames))
    within = plan(queue, reference, EMT, seconds=80.0).steps
    assert within
    assert sum(step.seconds for step in within) <= 80.0
    with pytest.raises(InputError, match="no point can be computed in 1 s"):
        plan(queue, reference, EMT, seconds=1.0)


def test_a_metal_that_the_set_lacks_is_computed_before_its_first_ion(tmp_path: Path) -> None:
    known = [a for a in frames(lambda v: 0.0, COMPUTED) if "K" not in a.info.values()]
    potassium = metal("K")
    potassium.info = {"bulk": "K"}
    queue = write_set(tmp_path / "queue.extxyz", [bare(0, "K"), bare(1, "K"), potassium])
    found = plan(queue, write_set(tmp_path / "set.extxyz", timed(known)), EMT)
    first, second = found.steps
    assert [str(a.symbols[-1]) for a in first.frames] == ["K", "K"]
    assert first.frames[0].info == {"bulk": "K"}
    assert len(second.frames) == 1


def test_a_point_that_the_engine_cannot_do_is_skipped_with_its_reason(
    tmp_path: Path, reference: Path
) -> None:
    structures = [bare(5), bare(5, "Li"), bare(6), bare(6, "Li")]
    for atoms in structures[:2]:
        atoms.symbols[atoms.symbols == METALS[5]] = "Ti"
    queue = write_set(tmp_path / "queue.extxyz", structures)
    found = plan(queue, reference, EMT)
    assert [step.point.host for step in found.steps] == [f"{METALS[6].lower()}-111"]
    (reason,) = found.skipped
    assert reason.endswith("Li: emt does not know Ti")


def test_energies_of_the_engine_are_kept_and_files_stay_as_they_are(
    queue: Path, reference: Path, tmp_path: Path
) -> None:
    db, before = tmp_path / "kept.db", [p.read_bytes() for p in (queue, reference)]
    plan(queue, reference, EMT, store=open_store(db, create=True))
    kept = db.read_bytes()
    plan(queue, reference, EMT, store=open_store(db))
    assert db.read_bytes() == kept
    assert [p.read_bytes() for p in (queue, reference)] == before


def test_times_follow_a_power_of_the_number_of_atoms() -> None:
    structures = timed([Atoms(f"Cu{n}") for n in (1, 4, 9, 16)])
    assert fit_seconds(structures, "")(Atoms("Al30")) == pytest.approx(450.0, rel=1e-9)
    with pytest.raises(InputError, match="no frame states its time"):
        fit_seconds([Atoms("Cu")], "set.extxyz")


def test_the_expected_time_is_the_mean_of_scattered_times() -> None:
    structures = [Atoms("Cu4", info={"seconds": s}) for s in (10.0, 40.0, 100.0)]
    assert fit_seconds(structures, "")(Atoms("Cu4")) == pytest.approx(50.0, rel=1e-9)


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as end:
        app(["next-points", *arguments])
    return int(end.value.code or 0)


def test_the_command_writes_frames_that_single_points_computes(
    queue: Path, reference: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "next.extxyz"
    given = [str(queue), str(reference), "-o", str(output)]
    assert run([*given, "--points", "3", "--calculator", "emt"]) == 0
    table = capsys.readouterr().out
    chosen = read_frames(output)
    assert all(host in table for host, _, _ in names(chosen))
    assert "expected error on a new host" in table
    assert compute_missing(chosen, EMT, tmp_path / "done.extxyz").computed == len(chosen)
    grown = [*read_frames(reference), *timed(as_computed(chosen))]
    more = plan(queue, write_set(tmp_path / "grown.extxyz", grown), EMT)
    assert len(more.steps) == len(plan(queue, reference, EMT).steps) - 3


def test_the_command_says_in_one_line_that_nothing_is_left(
    tmp_path: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(reference), str(reference), "-o", str(tmp_path / "next.extxyz")]
    assert run([*given, "--hours", "1", "--calculator", "emt"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "no point is left to compute" in error
    assert not (tmp_path / "next.extxyz").exists()
