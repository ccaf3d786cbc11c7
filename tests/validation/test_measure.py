from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.db import connect
from reference_sets import frames, labelled, metal, raw, write_set

from screening import Adsorption, Screen
from screening.builders.hosts import host_from
from screening.calculators import resolve
from screening.evaluate import relax_batch
from screening.evaluate.potential import Potential
from screening.evaluate.task import Engine, Task, TaskResult
from screening.geometry import find_sites, place
from screening.pipeline.store import open_store
from screening.surrogate.train import train
from screening.units import IONS
from screening.validation import measure, read_reference
from screening.validation.held_out import as_samples
from screening.validation.measure import RELAX, Measured
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


SEEING = resolve("tests.validation.test_measure:make_seeing")


def squares(atoms: Atoms) -> float:
    return float((atoms.positions[:, 2] ** 2).sum())


def relaxed(atoms: Atoms) -> Atoms:
    potential = Potential(EMT.make())
    soft = [ADATOM] if len(atoms) > ADATOM else []
    (found,) = relax_batch(
        [atoms], potential, fmax=RELAX.fmax, max_steps=RELAX.max_steps, soft=soft
    )
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
    for m in measure(copper, SEEING, training=True):
        ion = m.point.adsorbed.positions[ADATOM, 2] ** 2
        bulk = squares(metal(m.point.ion)) / len(metal(m.point.ion))
        assert m.change.latent == pytest.approx([0.0, ion - bulk], abs=1e-6)
    assert all(m.change.latent is None for m in measure(copper, SEEING))


def test_latent_changes_of_relaxed_structures_are_theirs(copper) -> None:
    point = copper.points[0]
    (first, *_) = measure(copper, SEEING, relax=True, training=True)
    expected = squares(relaxed(point.adsorbed)) - squares(relaxed(point.clean))
    assert first.change.latent == pytest.approx([0.0, expected], abs=1e-6)
    assert abs(expected - point.adsorbed.positions[ADATOM, 2] ** 2) > 0.1


def test_an_engine_without_latent_features_still_trains(reference) -> None:
    measured = measure(reference, EMT, training=True)
    assert all(m.change.latent is None and m.e_ads_raw_ev is not None for m in measured)
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


def test_an_energy_that_no_ion_can_have_is_a_failure_and_not_an_error(
    reference, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "a.db", create=True)
    task = Task("points", Engine.of(EMT), (reference.points[0].adsorbed,))
    store.save(task, TaskResult(task.key, task.kind, atoms=task.structures[0], energy_ev=-900.0))
    first, *others = measure(reference, EMT, store=store)
    assert first.e_ads_raw_ev is None
    assert "no adsorption energy" in first.reason
    assert all(m.e_ads_raw_ev is not None for m in others)


@pytest.mark.parametrize("relax", [False, True])
def test_what_the_store_holds_is_not_computed_again(copper, tmp_path: Path, relax: bool) -> None:
    db = tmp_path / "kept.db"
    first = measure(copper, SEEING, relax=relax, training=True, store=open_store(db, create=True))
    kept = db.read_bytes()
    again = measure(copper, SEEING, relax=relax, training=True, store=open_store(db))
    assert db.read_bytes() == kept
    assert again == first
    assert all(
        np.array_equal(a.change.latent, b.change.latent) for a, b in zip(again, first, strict=True)
    )


def test_a_host_is_computed_once_for_all_its_ions(copper, tmp_path: Path) -> None:
    measure(copper, EMT, store=open_store(tmp_path / "a.db", create=True))
    rows = list(connect(tmp_path / "a.db").select())
    assert len(rows) == 1 + 2 * len(IONS)
    assert {row.kind for row in rows} == {"points"}


def test_relaxing_a_set_reuses_what_a_screen_relaxed(tmp_path: Path) -> None:
    """Same tasks, same keys: the host of a screen is that of the set."""
    db = tmp_path / "screen.db"
    bulk, clean, *_ = frames(lambda value: 0.25, hosts=[1])[2:]
    candidate = host_from("copper", clean)
    screen = Screen(calculator="emt", ions=("K",), descriptors=[Adsorption(max_sites=1)])
    screen.run({"copper": candidate}, store=db)
    (host,) = connect(db).select(kind="host")
    adsorbed = place(candidate.atoms, find_sites(candidate.atoms, candidate.geometry)[0], "K")
    known = [labelled(candidate.atoms, 0.0, host="copper")]
    known += [labelled(adsorbed, -1.0, host="copper", ion="K", n_ions=1)]
    for frame in known:
        frame.set_constraint(candidate.atoms.constraints)
    measure(
        read_reference(write_set(tmp_path / "cu.extxyz", [bulk, *known])),
        EMT,
        relax=True,
        store=open_store(db),
    )
    assert [row.ctime for row in connect(db).select(kind="host")] == [host.ctime]


def test_workers_give_what_this_process_gives(copper) -> None:
    assert measure(copper, EMT, jobs=2) == measure(copper, EMT)
