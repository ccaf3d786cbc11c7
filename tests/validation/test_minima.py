"""Ions that the reference level pushes on are relaxed at that level, and the set learns of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import add_adsorbate, bulk, fcc111
from ase.io import read, write
from typer.testing import CliRunner

from screening.calculators import resolve
from screening.cli.app import app
from screening.errors import InputError, LevelError
from screening.validation import read_reference
from screening.validation.compute import compute_missing
from screening.validation.merge import merge
from screening.validation.minima import RELAX, compute_minima

EMT = resolve("emt")
PUSHED_A = {"Li": 0.3, "Na": 0.15}


def reference_set(path: Path, site: str) -> Path:
    """Two ions on copper, put somewhat too high, as another engine might."""
    host = fcc111("Cu", (2, 2, 3), vacuum=8.0)
    host.info = {"host": "cu-111"}
    frames = [host]
    for ion, too_high in PUSHED_A.items():
        metal = bulk(ion, "bcc", a=4.0)
        metal.info = {"bulk": ion}
        slab = fcc111("Cu", (2, 2, 3), vacuum=8.0)
        add_adsorbate(slab, ion, 1.9 + too_high, site)
        slab.info = {"host": "cu-111", "ion": ion, "n_ions": 1, "note": "relaxed"}
        frames += [metal, slab]
    compute_missing(frames, EMT, path)
    return path


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return reference_set(tmp_path / "set.extxyz", "fcc")


def test_ions_come_to_rest_and_hosts_stay(reference: Path, tmp_path: Path) -> None:
    output = tmp_path / "minima.extxyz"
    assert compute_minima(reference, EMT, output).computed == 2
    host = read(reference, 0)
    for frame in read(output, ":"):
        assert frame.info["note"] == "minimum"
        assert np.linalg.norm(frame.get_forces()[-1]) < RELAX.fmax
        assert np.allclose(frame.positions[:-1], host.positions, atol=1e-9)
    before = read_reference(reference)
    assert len(merge(reference, [output]).added) == 2
    after = read_reference(reference)
    assert len(after.points) == len(before.points)
    for point in after.points:
        assert point.gain is not None
        assert point.gain.energy_ev > 0.01
        assert point.gain.step_a > 0.05
    assert compute_minima(reference, EMT, tmp_path / "more.extxyz").computed == 0


def test_no_ion_stays_on_a_hill_because_of_symmetry_alone(tmp_path: Path) -> None:
    """On top of an atom there is no force along the surface, and no minimum either."""
    reference, output = reference_set(tmp_path / "set.extxyz", "ontop"), tmp_path / "minima.extxyz"
    compute_minima(reference, EMT, output)
    tops = {p.ion: p.adsorbed.positions[-1, :2] for p in read_reference(reference).points}
    for frame in read(output, ":"):
        assert np.linalg.norm(frame.positions[-1, :2] - tops[frame.info["ion"]]) > 0.5


def test_the_strongest_push_comes_first_and_nothing_twice(reference: Path, tmp_path: Path) -> None:
    output = tmp_path / "minima.extxyz"
    pushes = {p.ion: np.linalg.norm(p.ion_forces) for p in read_reference(reference).points}
    compute_minima(reference, EMT, output)
    order = [frame.info["ion"] for frame in read(output, ":")]
    assert order == sorted(pushes, key=lambda ion: -pushes[ion])
    content = output.read_bytes()
    again = compute_minima(reference, EMT, output)
    assert (again.computed, again.reused) == (0, 2)
    assert output.read_bytes() == content


def test_another_level_and_hosts_that_the_set_has_not_are_refused(
    reference: Path, tmp_path: Path
) -> None:
    output = tmp_path / "minima.extxyz"
    with pytest.raises(InputError, match="no points of cu-100") as caught:
        compute_minima(reference, EMT, output, hosts=["cu-100"])
    assert "cu-111" in str(caught.value)
    frames = read(reference, ":")
    for frame in frames:
        frame.info["level"] = "another"
    write(reference, frames, format="extxyz")
    with pytest.raises(LevelError, match="another"):
        compute_minima(reference, EMT, output)
    assert not output.exists()


def test_the_command_says_what_it_did(reference: Path, tmp_path: Path) -> None:
    output = tmp_path / "minima.extxyz"
    command = ["settle-points", str(reference), "-o", str(output), "--calculator", "emt"]
    for said in ("computed 2, reused 0", "computed 0, reused 2"):
        found = CliRunner().invoke(app, [*command, "--hosts", "cu-111"])
        assert found.exit_code == 0, found.output
        assert said in found.output
