"""Frames for the reference set come from a finished run, and what is there is not added twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.io import read

from benchmarks.reference_frames import main
from tests.pipeline.test_driver import BARRIER, TIGHT, drive
from tests.pipeline.toolbox import protocols, workflow
from tests.toys import HEIGHT_A, LATTICE_A


@pytest.fixture
def database(tmp_path: Path) -> Path:
    drive(tmp_path / "a.db", protocols(workflow(**TIGHT, **BARRIER)))
    return tmp_path / "a.db"


def test_hosts_best_sites_a_displaced_copy_and_saddles(tmp_path: Path, database: Path) -> None:
    target = tmp_path / "frames.extxyz"
    main(str(database), str(target))
    frames = read(target, ":")
    assert [atoms.info["bulk"] for atoms in frames[:3]] == ["Li", "Na", "K"]
    notes = [(a.info.get("ion"), a.info.get("note")) for a in frames[3:]]
    assert notes == [
        (None, None), ("K", "relaxed"), ("Li", "relaxed"), ("Li", "lowered"),
        ("K", "saddle"), ("Li", "saddle"),
    ]  # fmt: skip
    clean, relaxed, saddle = frames[3], frames[5], frames[8]
    top = clean.positions[0]
    over_hollow = (relaxed.positions[-1] - top) % LATTICE_A
    assert over_hollow[:2] == pytest.approx(np.full(2, LATTICE_A / 2), abs=1e-4)
    over_bridge = sorted((saddle.positions[-1] - top)[:2] % LATTICE_A)
    assert over_bridge == pytest.approx([0.0, LATTICE_A / 2], abs=1e-3)
    assert saddle.positions[-1, 2] - top[2] == pytest.approx(HEIGHT_A, abs=1e-3)


def test_what_is_there_is_not_added_again(tmp_path: Path, database: Path) -> None:
    target = tmp_path / "frames.extxyz"
    main(str(database), str(target))
    first = target.read_text()
    main(str(database), str(target))
    assert target.read_text() == first
