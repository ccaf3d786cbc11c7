"""What an ion has still to gain where only the engine relaxed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read
from reference_sets import LEVEL, frames, metal, metal_energy, structure, write_set
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from screening.calculators import resolve
from screening.errors import InputError
from screening.evaluate import relax_batch
from screening.evaluate.potential import Potential
from screening.surrogate.recognise import Shape, match
from screening.surrogate.sample import REFERENCE_EV, Computed, Sample, find, host_key
from screening.validation import measure, read_reference
from screening.validation.held_out import as_samples
from screening.validation.measure import Measured
from screening.validation.relaxed import FLOOR_EV_A2, LIMIT_A, NOTHING, SHARE, gain_of

EMT = resolve("emt")
ION = 8


def test_in_a_harmonic_well_the_gain_is_exact() -> None:
    stiffness = np.diag([2.0, 4.0, 8.0])
    force = np.array([0.2, -0.4, 0.8])
    found = gain_of(force[None], stiffness[None])
    assert found.energy_ev == pytest.approx((0.2**2 / 2 + 0.4**2 / 4 + 0.8**2 / 8) / 2, abs=1e-12)
    assert found.step_a == pytest.approx(np.linalg.norm([0.1, 0.1, 0.1]), abs=1e-12)
    assert found.error_ev == pytest.approx(SHARE * found.energy_ev)
    assert found.believed


def test_how_a_structure_is_turned_does_not_matter() -> None:
    turn = Rotation.from_rotvec([0.3, -0.8, 0.5]).as_matrix()
    stiffness, force = np.diag([0.2, 3.0, 5.0]), np.array([0.1, 0.3, -0.4])
    turned = gain_of((turn @ force)[None], (turn @ stiffness @ turn.T)[None])
    assert turned.energy_ev == pytest.approx(gain_of(force[None], stiffness[None]).energy_ev)


@pytest.mark.parametrize("curvature", [-3.0, 0.0, 0.3])
def test_soft_and_falling_directions_are_taken_for_stiffer_than_they_are(curvature: float) -> None:
    found = gain_of(np.array([[0.3, 0.0, 0.0]]), np.diag([curvature, 5.0, 5.0])[None])
    assert found.energy_ev == pytest.approx(0.3**2 / FLOOR_EV_A2 / 2)


def test_a_long_step_is_not_believed_and_leaves_the_value_unsure() -> None:
    near, far = (
        gain_of(np.array([[0.0, 0.0, force]]), 2 * np.eye(3)[None])
        for force in (1.99 * LIMIT_A, 2.01 * LIMIT_A)
    )
    assert near.believed
    assert (far.believed, far.energy_ev) == (False, 0.0)
    assert far.error_ev > near.error_ev


def test_ions_count_alike() -> None:
    forces, stiffness = np.array([[0.0, 0.0, 0.4], [0.0, 0.0, 0.0]]), np.stack([np.eye(3) * 2] * 2)
    assert gain_of(forces, stiffness).energy_ev == pytest.approx(0.4**2 / 2 / 2 / 2)


def at_rest(index: int, ion: str) -> Atoms:
    """A slab with an ion that the demonstration potential relaxed."""
    potential = Potential(EMT.make())
    (found,) = relax_batch([structure(index, ion)], potential, fmax=1e-3, max_steps=500)
    return found.atoms


def pushed_set(path: Path, push: np.ndarray, note: str = "relaxed") -> Path:
    """A reference that is the demonstration potential and a constant force on the ion."""
    slab = at_rest(1, "Li")
    clean = slab[:ION]
    energies = [p.energy_ev for p in Potential(EMT.make()).compute([slab, clean])]
    forces = np.zeros((len(slab), 3))
    forces[ION] = push
    found = [metal("Li"), clean, slab]
    infos = [{"bulk": "Li"}, {"host": "cu"}, {"host": "cu", "ion": "Li", "n_ions": 1, "note": note}]
    values = [metal_energy("Li"), energies[1], energies[0]]
    for atoms, info, value in zip(found, infos, values, strict=True):
        atoms.info = {"level": LEVEL, **info}
        given = forces[: len(atoms)]
        atoms.calc = SinglePointCalculator(atoms, energy=value, forces=given)
    return write_set(path, found)


def measured(path: Path, push: np.ndarray, note: str = "relaxed") -> Measured:
    (found,) = measure(read_reference(pushed_set(path, push, note)), EMT, training=True)
    return found


def settled(push: np.ndarray) -> tuple[np.ndarray, float]:
    """Way of the ion to the minimum of that reference, Å, and what it gains, eV."""
    slab, potential = at_rest(1, "Li"), Potential(EMT.make())

    def reference(shift: np.ndarray) -> float:
        moved = slab.copy()
        moved.positions[ION] += shift
        return potential.compute([moved])[0].energy_ev - float(push @ shift)

    found = minimize(reference, np.zeros(3), bounds=[(-0.3, 0.3)] * 3)
    return found.x, reference(np.zeros(3)) - found.fun


def minimum_of(slab: Atoms, shift: np.ndarray, gain_ev: float, force: float = 0.0) -> Atoms:
    """The frame of a minimum that is that far away, and that much lower."""
    frame = slab.copy()
    frame.positions[ION] += shift
    frame.info["note"] = "minimum"
    forces = np.zeros((len(frame), 3))
    forces[ION, 2] = force
    energy = slab.get_potential_energy() - gain_ev
    frame.calc = SinglePointCalculator(frame, energy=energy, forces=forces)
    return frame


def test_the_estimate_is_near_what_relaxing_at_the_reference_level_finds(tmp_path: Path) -> None:
    push = np.array([0.05, 0.0, -0.3])
    _, true = settled(push)
    found = measured(tmp_path / "set.extxyz", push).gain
    assert abs(found.energy_ev - true) < 2 * found.error_ev
    assert found.energy_ev == pytest.approx(true, rel=0.5)


def test_a_minimum_that_the_reference_found_takes_the_place_of_the_estimate(tmp_path: Path) -> None:
    push = np.array([0.05, 0.0, -0.3])
    shift, true = settled(push)
    path = pushed_set(tmp_path / "set.extxyz", push)
    *rest, slab = read(path, ":")
    write_set(path, [*rest, slab, minimum_of(slab, shift, true)])
    (found,) = measure(read_reference(path), EMT, training=True)
    assert found.gain.energy_ev == pytest.approx(true)
    assert found.gain.step_a == pytest.approx(np.linalg.norm(shift))
    assert found.gain.error_ev == 0.0
    (sample,) = as_samples([found])
    assert sample.e_ref_ev == pytest.approx(found.point.e_ads_ref_ev - true)


def test_displaced_copies_follow_a_minimum_in_the_same_site(tmp_path: Path) -> None:
    path = pushed_set(tmp_path / "set.extxyz", np.array([0.0, 0.0, 0.5]))
    *rest, slab = read(path, ":")
    copy = minimum_of(slab, np.array([0.0, 0.0, 0.3]), -0.1)
    copy.info["note"] = "raised"
    write_set(path, [*rest, slab, copy, minimum_of(slab, np.array([0.3, 0.0, 0.0]), 0.2)])
    relaxed, raised = measure(read_reference(path), EMT, training=True)
    assert relaxed.gain.energy_ev == raised.gain.energy_ev == pytest.approx(0.2)


def test_a_minimum_in_another_site_is_a_point_and_the_old_place_keeps_its_energy(
    tmp_path: Path,
) -> None:
    path = pushed_set(tmp_path / "set.extxyz", np.array([0.0, 0.0, 0.5]))
    *rest, slab = read(path, ":")
    slab.info["grid_ev"] = 0.03
    write_set(path, [*rest, slab, minimum_of(slab, np.array([1.4, 0.0, 0.0]), 0.2)])
    here, there = measure(read_reference(path), EMT, training=True)
    assert here.gain == there.gain == NOTHING
    assert (here.point.note, there.point.note) == ("relaxed", "minimum")
    assert there.e_ads_ref_ev == pytest.approx(here.e_ads_ref_ev - 0.2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"force": 0.2}, "forces"),
        ({"gain_ev": -0.1}, "lower"),
        ({"twice": True}, "has one already"),
        ({"ion": "Na"}, "of no point"),
    ],
)
def test_a_minimum_that_cannot_be_one_is_refused(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    path = pushed_set(tmp_path / "set.extxyz", np.array([0.0, 0.0, 0.5]))
    *rest, slab = read(path, ":")
    shift = np.array([0.0, 0.0, 0.1])
    bad = minimum_of(slab, shift, change.get("gain_ev", 0.05), change.get("force", 0.0))
    bad.symbols[ION] = bad.info["ion"] = change.get("ion", "Li")
    also = [metal("Na")] if "ion" in change else [bad] if "twice" in change else []
    for atoms in also:
        if atoms is not bad:
            atoms.info = {"level": LEVEL, "bulk": "Na"}
            atoms.calc = SinglePointCalculator(atoms, energy=metal_energy("Na"))
    write_set(path, [*rest, slab, *also, bad])
    with pytest.raises(InputError, match=reason) as caught:
        read_reference(path)
    assert "frame" in str(caught.value)


def test_what_is_learned_is_the_relaxed_value_and_the_file_keeps_its_own(tmp_path: Path) -> None:
    found = measured(tmp_path / "set.extxyz", np.array([0.0, 0.0, 0.5]))
    assert found.e_ads_ref_ev == found.point.e_ads_ref_ev - found.gain.energy_ev
    (sample,) = as_samples([found])
    assert sample.e_ref_ev == found.e_ads_ref_ev < found.point.e_ads_ref_ev
    assert sample.spread_ev == found.gain.error_ev > 0.0


@pytest.mark.parametrize(("push", "note"), [(0.04, "relaxed"), (0.5, "raised")])
def test_nothing_is_to_gain_at_a_minimum_nor_for_copies_without_one(
    tmp_path: Path, push: float, note: str
) -> None:
    found = measured(tmp_path / "set.extxyz", np.array([0.0, 0.0, push]), note)
    assert found.gain == NOTHING


def test_where_the_engine_itself_pushes_nothing_is_said(tmp_path: Path) -> None:
    """The geometry is another engine's: its own Hessian says nothing of this one's minimum."""
    reference = read_reference(write_set(tmp_path / "set.extxyz", frames(lambda value: 0.2)))
    assert all(m.gain == NOTHING for m in measure(reference, EMT, training=True))


def test_a_value_that_is_an_estimate_has_the_wider_interval() -> None:
    clean, adsorbed = structure(1), structure(1, "Li")
    widths = []
    for spread in (0.0, 0.1):
        sample = Sample("cu", clean, adsorbed, (ION,), 0.1, 0.2, spread_ev=spread)
        known = match(clean, {host_key(clean): Shape.of(clean)})
        found = find([Computed.of(sample)], known, "Li", adsorbed, 0.1)
        assert found is not None
        widths.append(found.upper90_ev - found.e_ads_ev)
    assert widths[0] == pytest.approx(REFERENCE_EV)
    assert widths[1] > 0.16
