from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.db import connect
from ase.io import read, write

from screening.calculators import resolve
from screening.errors import CalculatorError, StructureError
from screening.validation.compute import (
    VACUUM_A,
    compute_missing,
    frame_key,
    read_frames,
    trim_vacuum,
)
from tests.engines import needs
from tests.faults.process import wait_until

EMT = resolve("emt")


def frames() -> list[Atoms]:
    metal = bulk("K", "bcc", a=5.2)
    metal.info = {"bulk": "K"}
    host = fcc111("Cu", (2, 2, 3), vacuum=6.0)
    host.info = {"host": "Cu111"}
    adsorbed = host.copy()
    adsorbed.append("K")
    adsorbed.positions[-1] = host.positions[-1] + [0, 0, 3.0]
    adsorbed.info = {"host": "Cu111", "ion": "K", "n_ions": 1}
    return [metal, host, adsorbed]


def test_results_carry_what_a_reference_set_needs(tmp_path: Path) -> None:
    output = tmp_path / "reference.extxyz"
    assert compute_missing(frames(), EMT, output).computed == 3
    calculator = EMT.make()
    for given, found in zip(frames(), read_frames(output), strict=True):
        assert found.info.items() >= given.info.items()
        assert EMT.level().fingerprint in found.info["level"]
        energy = calculator.get_potential_energy(given)
        assert found.get_potential_energy() == pytest.approx(energy, abs=1e-6)
        assert np.allclose(found.get_forces(), calculator.get_forces(given), atol=1e-6)
        assert found.pbc.tolist() == given.pbc.tolist()


def test_only_what_is_missing_is_computed_whatever_the_order(tmp_path: Path) -> None:
    output = tmp_path / "reference.extxyz"
    compute_missing(frames()[:1], EMT, output)
    counts = compute_missing(frames()[::-1], EMT, output)
    assert (counts.computed, counts.reused, counts.failed) == (2, 1, 0)
    text = output.read_bytes()
    assert compute_missing(frames(), EMT, output).computed == 0
    assert output.read_bytes() == text


@needs("sevenn")
def test_key_follows_structure_and_level_only() -> None:
    atoms = frames()[2]
    key = frame_key(atoms, EMT.level())
    renamed = atoms.copy()
    renamed.info = {"host": "another name"}
    assert frame_key(renamed, EMT.level()) == key
    assert frame_key(atoms, resolve("sevennet").level()) != key
    moved = atoms.copy()
    moved.positions[-1, 2] += 0.01
    assert frame_key(moved, EMT.level()) != key


def test_a_failure_is_noted_with_its_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    output = tmp_path / "reference.extxyz"
    picky = resolve("tests.validation.test_compute:no_slabs")
    counts = compute_missing(frames(), picky, output)
    assert (counts.computed, counts.failed) == (1, 2)
    (kept,) = read_frames(output)
    assert kept.info["bulk"] == "K"
    rows = list(connect(tmp_path / "reference.db").select(status="failed"))
    assert sorted(row.get("tag_ion", "") for row in rows) == ["", "K"]
    assert all("no slabs here" in row.data["result"]["reason"] for row in rows)


def test_failures_are_tried_again_only_where_that_is_asked_for(tmp_path: Path) -> None:
    output, tried = tmp_path / "reference.extxyz", tmp_path / "tried"
    once = resolve("tests.validation.test_compute:fails_once", "none", {"note": str(tried)})
    assert compute_missing(frames()[:1], once, output).failed == 1
    assert compute_missing(frames()[:1], once, output).failed == 1
    assert compute_missing(frames()[:1], once, output, retry=True).computed == 1


def fails_once(note: str):
    calculator = EMT.make()
    calculate = calculator.calculate

    def stumble(atoms, *arguments):
        if not Path(note).exists():
            Path(note).mkdir()  # a file would be a part of the level
            raise RuntimeError("a passing fault")
        calculate(atoms, *arguments)

    calculator.calculate = stumble
    return calculator


def no_slabs():
    calculator = EMT.make()
    calculate = calculator.calculate

    def refuse(atoms, *arguments):
        if not atoms.pbc.all():
            raise RuntimeError("no slabs\nhere")
        calculate(atoms, *arguments)

    calculator.calculate = refuse
    return calculator


def test_unknown_elements_are_refused_before_the_first_point(tmp_path: Path) -> None:
    output = tmp_path / "reference.extxyz"
    with pytest.raises(CalculatorError, match="does not know Ti"):
        compute_missing([*frames(), bulk("Ti")], EMT, output)
    assert not output.exists()


def test_inputs_stay_as_they_are(tmp_path: Path) -> None:
    given = frames()
    compute_missing(given, EMT, tmp_path / "reference.extxyz")
    for atoms, fresh in zip(given, frames(), strict=True):
        assert atoms == fresh
        assert atoms.info == fresh.info
        assert atoms.calc is None


def test_kill_at_any_time_leaves_whole_frames_and_the_rerun_finishes(tmp_path: Path) -> None:
    source, output = tmp_path / "frames.extxyz", tmp_path / "reference.extxyz"
    many = []
    for step in range(60):
        atoms = frames()[2]
        atoms.positions[-1, 2] += 0.01 * step
        many.append(atoms)
    write(source, many)
    command = [sys.executable, "-c", "from screening.cli import main; main()", "single-points"]
    command += [str(source), "-o", str(output), "--calculator", "tests.faults.engines:slow"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(lambda: output.exists() or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < len(read_frames(output)) < 60
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    keys = [atoms.info["key"] for atoms in read(output, ":")]
    assert len(keys) == len(set(keys)) == 60


@pytest.mark.parametrize("content", ["", "2\n", "not a structure\n"])
def test_unreadable_frames_are_one_clear_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "frames.extxyz"
    path.write_text(content)
    with pytest.raises(StructureError, match="frames"):
        read_frames(path)


def test_trimmed_frames_of_a_host_share_one_cell_and_keep_their_shape() -> None:
    metal, host, adsorbed = frames()
    raised = adsorbed.copy()
    raised.positions[-1, 2] += 0.5
    trimmed = trim_vacuum([metal, host, adsorbed, raised])
    assert trimmed[0] == metal
    heights = [atoms.cell[2, 2] for atoms in trimmed[1:]]
    assert np.ptp(heights) == 0.0
    assert trimmed[3].positions[:, 2].max() == pytest.approx(heights[0] - VACUUM_A)
    for atoms, given in zip(trimmed[1:], [host, adsorbed, raised], strict=True):
        assert np.allclose(atoms.get_all_distances(), given.get_all_distances())
        assert atoms.positions[0, 2] == pytest.approx(VACUUM_A)
