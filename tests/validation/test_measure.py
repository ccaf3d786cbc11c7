from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from reference_sets import frames, metal, raw, write_set

from screening.calculators import resolve
from screening.errors import StoreError
from screening.evaluate import relax_batch
from screening.evaluate.potential import Potential
from screening.surrogate.train import train
from screening.units import IONS
from screening.validation import measure, read_reference
from screening.validation.held_out import as_samples
from screening.validation.known import KnownEnergies
from screening.validation.measure import RELAX_FMAX_EV_A, RELAX_STEPS, Measured
from screening.validation.scores import score, score_groups

EMT = resolve("emt")
ADATOM = 8


def make_seeing():
    """The demonstration potential, with two features: atoms, and the sum of their squared heights.

    The sum of the heights would not do: relaxing conserves it.
    """
    calculator = EMT.make()
    calculator.latent = lambda structures: np.array([[len(a), squares(a)] for a in structures])
    return calculator


SEEING = replace(EMT, make=make_seeing)


def squares(atoms: Atoms) -> float:
    return float((atoms.positions[:, 2] ** 2).sum())


def relaxed(atoms: Atoms) -> Atoms:
    potential = Potential(EMT.make())
    (found,) = relax_batch([atoms], potential, fmax=RELAX_FMAX_EV_A, max_steps=RELAX_STEPS)
    return found.atoms


@pytest.fixture
def reference(tmp_path: Path):
    return read_reference(write_set(tmp_path / "set.extxyz", frames(lambda value: 0.25)))


def test_raw_values_use_the_bulk_frames_of_the_set(reference) -> None:
    measured = measure(reference, EMT)
    expected = [raw(index, ion) for index in range(7) for ion in IONS]
    assert [m.e_ads_raw_ev for m in measured] == pytest.approx(expected, abs=1e-6)
    assert all(m.e_ads_ev == m.e_ads_raw_ev and m.estimate is None for m in measured)


def test_a_constant_error_is_the_bias(reference) -> None:
    every, *groups = score_groups(measure(reference, EMT))
    assert every.group == "all"
    assert every.raw.mae_ev == pytest.approx(0.25, abs=1e-6)
    assert every.raw.bias_ev == pytest.approx(-0.25, abs=1e-6)
    assert every.raw.spearman == pytest.approx(1.0)
    assert [g.group for g in groups] == ["metal", *IONS]


def test_a_calibration_made_of_the_set_predicts_each_host_without_it(reference) -> None:
    calibration = train(as_samples(measure(reference, EMT)), EMT.level(), reference.level)
    measured = measure(reference, EMT, calibration)
    assert all(m.held_out for m in measured)
    inside = [m for m in measured if m.estimate and m.estimate.in_domain]
    assert score(inside, lambda m: m.e_ads_ev).mae_ev == pytest.approx(0.0, abs=0.05)


def test_an_element_that_the_engine_does_not_know_leaves_a_reason(tmp_path: Path) -> None:
    structures = frames(lambda value: 0.0, hosts=[0, 1])
    for frame in structures:
        frame.symbols[frame.symbols == "Cu"] = "Ti"
    reference = read_reference(write_set(tmp_path / "set.extxyz", structures))
    measured = measure(reference, EMT)
    assert [m.e_ads_raw_ev is None for m in measured] == [False] * 3 + [True] * 3
    assert measured[-1].reason == "emt does not know Ti"


def test_relaxing_lowers_the_energy_of_the_adsorbed_structure(tmp_path: Path) -> None:
    reference = read_reference(
        write_set(tmp_path / "s.extxyz", frames(lambda value: 0.0, hosts=[1]))
    )
    fixed, relaxed = measure(reference, EMT), measure(reference, EMT, relax=True)
    assert all(isinstance(m, Measured) and m.e_ads_raw_ev is not None for m in relaxed)
    assert [m.e_ads_raw_ev for m in relaxed] != pytest.approx([m.e_ads_raw_ev for m in fixed])


@pytest.fixture
def copper(tmp_path: Path):
    """One host of the set."""
    return read_reference(write_set(tmp_path / "cu.extxyz", frames(lambda value: 0.25, hosts=[1])))


def test_latent_changes_are_taken_per_ion_against_clean_host_and_bulk(copper) -> None:
    for m in measure(copper, SEEING, latent=True):
        ion = m.point.adsorbed.positions[ADATOM, 2] ** 2
        bulk = squares(metal(m.point.ion)) / len(metal(m.point.ion))
        assert m.change == pytest.approx([0.0, ion - bulk], abs=1e-6)
    assert all(m.change is None for m in measure(copper, SEEING))


def test_latent_changes_of_relaxed_structures_are_theirs(copper) -> None:
    point = copper.points[0]
    (first, *_) = measure(copper, SEEING, relax=True, latent=True)
    expected = squares(relaxed(point.adsorbed)) - squares(relaxed(point.clean))
    assert first.change == pytest.approx([0.0, expected], abs=1e-6)
    assert abs(expected - point.adsorbed.positions[ADATOM, 2] ** 2) > 0.1


def test_an_engine_without_latent_features_still_trains(reference) -> None:
    measured = measure(reference, EMT, latent=True)
    assert all(m.change is None and m.e_ads_raw_ev is not None for m in measured)
    assert train(as_samples(measured), EMT.level(), reference.level).components is None


def test_relaxed_energies_are_calibrated_at_the_relaxed_structures(reference, copper) -> None:
    calibration = train(as_samples(measure(reference, EMT)), EMT.level(), reference.level)
    unseen = replace(calibration, keys=tuple(f"k{i}" for i in range(len(calibration.keys))))
    point = copper.points[0]
    (first, *_) = measure(copper, EMT, unseen, relax=True)
    clean, adsorbed = relaxed(point.clean), relaxed(point.adsorbed)
    assert first.e_ads_raw_ev is not None
    at_rest = unseen.estimate(clean, adsorbed, point.ions, first.e_ads_raw_ev)
    as_given = unseen.estimate(point.clean, point.adsorbed, point.ions, first.e_ads_raw_ev)
    assert first.e_ads_ev == pytest.approx(at_rest.e_ads_ev, abs=1e-9)
    assert first.e_ads_ev != pytest.approx(as_given.e_ads_ev, abs=1e-9)


def test_known_relaxed_energies_are_used_where_their_structures_are_not_needed(copper) -> None:
    known = KnownEnergies()
    first = measure(copper, SEEING, relax=True, known=known)
    unable = replace(SEEING, make=lambda: pytest.fail("computed again"))
    again = measure(copper, unable, relax=True, known=known)
    assert [m.e_ads_raw_ev for m in again] == [m.e_ads_raw_ev for m in first]
    needed = measure(copper, SEEING, relax=True, latent=True, known=known)
    assert [m.e_ads_raw_ev for m in needed] == [m.e_ads_raw_ev for m in first]
    assert all(m.change is not None for m in needed)


def test_an_energy_that_no_ion_can_have_is_a_failure_and_not_an_error(reference) -> None:
    known = KnownEnergies()
    known.add(reference.points[0].adsorbed, EMT.level(), -900.0, relaxed=False)
    first, *others = measure(reference, EMT, known=known)
    assert first.e_ads_raw_ev is None
    assert "no adsorption energy" in first.reason
    assert all(m.e_ads_raw_ev is not None for m in others)


def test_known_energies_are_not_computed_again(reference, tmp_path: Path) -> None:
    path = tmp_path / "energies.json"
    first = measure(reference, EMT, known=KnownEnergies(path))
    unable = replace(EMT, make=lambda: pytest.fail("computed again"))
    again = measure(reference, unable, known=KnownEnergies(path))
    assert [m.e_ads_raw_ev for m in again] == [m.e_ads_raw_ev for m in first]


def test_known_energies_are_those_of_a_level_and_of_a_geometry(reference) -> None:
    atoms, known = reference.points[0].clean, KnownEnergies()
    known.add(atoms, EMT.level(), -1.0, relaxed=False)
    other = replace(EMT.level(), version="another")
    moved = atoms.copy()
    moved.positions[0] += 0.01
    assert known.find(atoms, EMT.level(), relaxed=False) == -1.0
    assert known.find(atoms, EMT.level(), relaxed=True) is None
    assert known.find(atoms, other, relaxed=False) is None
    assert known.find(moved, EMT.level(), relaxed=False) is None


@pytest.mark.parametrize("content", ["", "[1]", '{"a": NaN}', '{"a": "b"}'])
def test_a_file_of_something_else_is_not_a_cache(tmp_path: Path, content: str) -> None:
    path = tmp_path / "energies.json"
    path.write_text(content)
    with pytest.raises(StoreError, match=r"energies\.json"):
        KnownEnergies(path)
    assert path.read_text() == content
