"""The calibration as a user meets it: what it corrects, what it refuses, what it ships as."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111, graphene
from carbon_hosts import ION, SHEETS, sheet, with_ion
from reference_sets import METALS, raw, structure

from screening.calculators import resolve
from screening.errors import InputError, LevelError, TaskError
from screening.surrogate.domain import Estimate
from screening.surrogate.features import FEATURES, host_class, network_of
from screening.surrogate.latent import N_COMPONENTS, NOTHING, Change
from screening.surrogate.model import CELL_SLOPE, Calibration
from screening.surrogate.recognise import STRANGER
from screening.surrogate.sample import Sample, host_key
from screening.surrogate.shipped import MODELS
from screening.surrogate.train import held_out, train
from screening.units import IONS

LEVEL = resolve("emt").level()


def exact(value: float) -> float:
    """A linear error of the engine, as a reference would show it."""
    return value + 0.3 - 0.25 * value


def samples(hosts: range = range(len(METALS))) -> list[Sample]:
    return [
        Sample(METALS[i], structure(i), structure(i, ion), (8,), raw(i, ion), exact(raw(i, ion)))
        for i in hosts
        for ion in IONS
    ]


HIDDEN_EV = 0.5
"""What the reference adds for each unit of the latent feature that counts; no other feature of the
ion or its host tells its value."""


def change_of(name: str, ion: str) -> np.ndarray:
    """Eight latent features, of which the first counts."""
    number = list(SHEETS).index(name) * len(IONS) + IONS.index(ion)
    return np.random.default_rng(number).normal(size=8)


def sheets(*, latent: bool = True) -> list[Sample]:
    """An engine that misses on carbon what only its own latent features show."""
    return [
        Sample(
            name, sheet(name), with_ion(name, ion), (ION,), -0.5,
            -0.5 + HIDDEN_EV * change_of(name, ion)[0],
            Change(change_of(name, ion)) if latent else NOTHING,
        )
        for name in SHEETS for ion in IONS
    ]  # fmt: skip


@pytest.fixture(scope="module")
def seeing() -> Calibration:
    """Trained on metals without latent changes that count, and on sheets with them."""
    return train([*samples(), *sheets()], LEVEL, "toy")


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return train(samples(), LEVEL, "toy")


def test_a_linear_error_is_taken_out(calibration: Calibration) -> None:
    for index, ion in ((0, "Li"), (3, "Na"), (6, "K")):
        value = raw(index, ion)
        found = calibration.estimate(structure(index), structure(index, ion), (8,), value)
        assert found.in_domain
        assert found.e_ads_ev == pytest.approx(exact(value), abs=0.05)
        assert found.lower90_ev < exact(value) < found.upper90_ev


def test_hosts_left_out_are_calibrated_better_than_raw() -> None:
    points = sheets()
    estimates = held_out(points, LEVEL)
    inside = [(e, s) for e, s in zip(estimates, points, strict=True) if e.in_domain]
    assert len(inside) > len(points) / 2
    calibrated, raw_error = (
        np.mean([abs(value - s.e_ref_ev) for value, s in found])
        for found in (
            [(e.e_ads_ev, s) for e, s in inside],
            [(s.e_raw_ev, s) for _, s in inside],
        )
    )
    assert calibrated < 0.6 * raw_error


def test_a_host_of_a_new_element_keeps_the_raw_value_with_a_wide_interval(
    calibration: Calibration,
) -> None:
    clean, adsorbed = fcc111("Mg", (2, 2, 2), a=4.5, vacuum=8.0), structure(1, "Li")
    adsorbed.symbols[:8] = "Mg"
    found = calibration.estimate(clean, adsorbed, (8,), -0.2)
    assert (found.e_ads_ev, found.in_domain) == (-0.2, False)
    assert "Mg" in found.reason
    inner = calibration.estimate(structure(1), structure(1, "Li"), (8,), raw(1, "Li"))
    assert found.upper90_ev - found.lower90_ev > inner.upper90_ev - inner.lower90_ev


def test_a_few_atoms_of_a_new_element_are_no_reason_to_stay_raw(calibration: Calibration) -> None:
    assert calibration.foreign(Atoms(["Cu"] * 17 + ["Mg"])) == []
    assert calibration.foreign(Atoms(["Cu"] * 7 + ["Mg"])) == ["Mg"]


def test_elements_of_metals_say_nothing_about_sheets(calibration: Calibration) -> None:
    sheet = graphene(size=(3, 3, 1), vacuum=8.0)
    assert calibration.foreign(sheet) == ["C"]


def test_boron_nitride_is_a_class_of_its_own() -> None:
    assert host_class(graphene(size=(3, 3, 1), vacuum=8.0)) == "carbon"
    assert host_class(graphene("BN", a=2.5, size=(3, 3, 1), vacuum=8.0)) == "layer"
    assert host_class(structure(1)) == "metal"


def test_a_geometry_unlike_all_others_keeps_the_raw_value(calibration: Calibration) -> None:
    away = structure(1, "Li")
    away.positions[8, 2] += 6.0
    found = calibration.estimate(structure(1), away, (8,), 0.1)
    assert (found.e_ads_ev, found.in_domain) == (0.1, False)
    assert "unlike" in found.reason


def test_an_absurd_value_of_the_engine_is_not_corrected(calibration: Calibration) -> None:
    found = calibration.estimate(structure(1), structure(1, "Li"), (8,), -50.0)
    assert (found.e_ads_ev, found.in_domain) == (-50.0, False)


def test_a_training_host_can_be_left_out(calibration: Calibration) -> None:
    value = raw(1, "Li")
    arguments = (structure(1), structure(1, "Li"), (8,), value)
    judged = calibration.estimate(*arguments, without=host_key(structure(1)))
    others = [s for s in samples() if s.host != METALS[1]]
    kept = [h != METALS[1] for h in calibration.hosts]
    alone = replace(
        calibration,
        x=calibration.x[kept],
        y=calibration.y[kept],
        keys=tuple(host_key(s.clean) for s in others),
        hosts=tuple(s.host for s in others),
        spread=calibration.spread[kept],
    )
    expected = alone.estimate(*arguments)
    assert judged.e_ads_ev == pytest.approx(expected.e_ads_ev, abs=1e-9)


def test_it_survives_the_trip_through_its_file(calibration: Calibration, tmp_path: Path) -> None:
    path = tmp_path / "emt.json"
    path.write_text(json.dumps(calibration.as_json(), allow_nan=False))
    again = Calibration.load(path)
    assert again.fingerprint == calibration.fingerprint
    arguments = (structure(2), structure(2, "K"), (8,), raw(2, "K"))
    assert again.estimate(*arguments) == calibration.estimate(*arguments)


def test_training_hosts_are_recognised_and_others_are_not(calibration: Calibration) -> None:
    assert calibration.recognise(structure(2)).key == host_key(structure(2))
    assert not calibration.recognise(fcc111("Cu", (2, 2, 3), vacuum=8.0))


def test_a_host_that_is_known_is_surer_than_the_same_as_a_stranger(
    calibration: Calibration,
) -> None:
    arguments = (structure(2), structure(2, "K"), (8,), raw(2, "K"))
    unsure = replace(calibration.hyperparameters, host=0.5)
    known = replace(calibration, hyperparameters=unsure)
    widths = [
        found.upper90_ev - found.lower90_ev
        for found in (
            known.estimate(*arguments),
            replace(known, shapes={}).estimate(*arguments),
            known.estimate(*arguments, without=host_key(structure(2))),
        )
    ]
    assert widths[0] < 0.5 * min(widths[1:])


def test_training_is_reproducible_and_depends_on_the_data(calibration: Calibration) -> None:
    assert train(samples(), LEVEL, "toy").fingerprint == calibration.fingerprint
    assert train(samples(range(6)), LEVEL, "toy").fingerprint != calibration.fingerprint


def test_it_fits_its_own_engine_only(calibration: Calibration) -> None:
    assert calibration.fits(LEVEL)
    assert not calibration.fits(replace(LEVEL, weights="other"))
    assert not calibration.fits(replace(LEVEL, dispersion="d3bj"))


def test_too_few_hosts_are_refused() -> None:
    with pytest.raises(InputError, match="4 hosts are too few"):
        train(samples(range(4)), LEVEL, "toy")


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": "alkascreen-calibration"}', "cos\nsystem\n(S'id'\ntR.", "\x00"],
)
def test_a_file_that_is_no_calibration_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"bad\.json") as refused:
        Calibration.load(path)
    assert "\n" not in str(refused.value)


def test_a_calibration_of_other_features_is_refused(
    calibration: Calibration, tmp_path: Path
) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(calibration.as_json() | {"features": ["e_raw_ev"]}))
    with pytest.raises(InputError, match="other features"):
        Calibration.load(path)


def mean_error(points: list[Sample]) -> float:
    """Error on hosts whose points are left out."""
    model = train(points, LEVEL, "toy")
    errors = []
    for s in points:
        arguments = (s.clean, s.adsorbed, s.ions, s.e_raw_ev, s.change)
        found = model.estimate(*arguments, without=host_key(s.clean))
        errors.append(abs(found.e_ads_ev - s.e_ref_ev))
    return float(np.mean(errors))


def test_what_only_the_network_sees_is_learned_from_its_latent_change() -> None:
    assert mean_error(sheets()) < 0.5 * mean_error(sheets(latent=False))


def test_components_are_those_of_carbon_and_zero_on_other_hosts(seeing: Calibration) -> None:
    assert seeing.components is not None
    assert seeing.x.shape[1] == len(FEATURES) + N_COMPONENTS
    metals = np.array([name in METALS for name in seeing.hosts])
    parts = seeing.x[:, len(FEATURES) :]
    assert (parts[metals] == 0.0).all()
    assert parts[~metals].var(axis=0, ddof=1) == pytest.approx(np.ones(N_COMPONENTS))


def test_a_metal_needs_no_latent_change(seeing: Calibration) -> None:
    arguments = (structure(1), structure(1, "Na"), (8,), raw(1, "Na"))
    found = seeing.estimate(*arguments)
    assert found.in_domain
    assert found == seeing.estimate(*arguments, Change(np.full(8, 99.0)))


def test_a_latent_change_that_is_needed_and_missing_is_an_error(seeing: Calibration) -> None:
    with pytest.raises(TaskError, match="no latent features"):
        seeing.estimate(sheet("b"), with_ion("b", "Li"), (ION,), -0.5)


@pytest.mark.parametrize("points", [sheets(latent=False), sheets()[:12]])
def test_no_components_are_made_of_missing_changes_or_of_few_hosts(points: list[Sample]) -> None:
    model = train([*samples(), *points], LEVEL, "toy")
    assert model.components is None
    assert model.estimate(sheet("b"), with_ion("b", "Li"), (ION,), -0.5).in_domain


def test_a_calibration_with_components_survives_the_trip_through_its_file(
    seeing: Calibration, tmp_path: Path
) -> None:
    path = tmp_path / "seeing.json"
    path.write_text(json.dumps(seeing.as_json(), allow_nan=False))
    again = Calibration.load(path)
    assert again.fingerprint == seeing.fingerprint
    arguments = (sheet("n"), with_ion("n", "K"), (ION,), -0.5, Change(change_of("n", "K")))
    assert again.estimate(*arguments) == seeing.estimate(*arguments)


def two_heights(model: Calibration) -> list[np.ndarray]:
    """Features of Li low and high over one host; the network sees it too."""
    change = change_of("b", "Li")
    return [
        model.features(sheet("b"), with_ion("b", "Li", lift), (ION,), raw_ev, Change(change + lift))
        for lift, raw_ev in ((0.0, -0.5), (0.3, -0.3))
    ]


def test_a_difference_is_that_of_the_corrections_of_its_ends(seeing: Calibration) -> None:
    low, high = two_heights(seeing)
    corrections = [seeing.at(x, 0.0).e_ads_ev for x in (low, high)]
    mean, half = seeing.difference(low, high)
    assert mean == pytest.approx(corrections[1] - corrections[0], abs=1e-9)
    assert seeing.difference(high, low) == pytest.approx((-mean, half))


def test_what_hosts_differ_by_makes_no_difference_on_one_host_less_sure(
    seeing: Calibration,
) -> None:
    """An end on a host not seen before is unsure by the host's effect; the difference is not."""
    unsure = replace(seeing, hyperparameters=replace(seeing.hyperparameters, host=1.0))
    low, high = two_heights(seeing)
    _, half = unsure.difference(low, high)
    for x in (low, high):
        found = unsure.at(x, 0.0)
        assert half < 0.5 * unsure.factors.of("carbon") < (found.upper90_ev - found.lower90_ev) / 2


def test_a_structure_differs_from_itself_by_the_noise_of_two_evaluations(
    seeing: Calibration,
) -> None:
    mean, half = seeing.difference(*[two_heights(seeing)[0]] * 2)
    assert mean == 0.0
    factor = seeing.factors.of("carbon", 1.0)
    assert half == pytest.approx(factor * seeing.hyperparameters.noise * 2**0.5, rel=1e-6)


def test_structures_and_changes_are_left_as_they_were(seeing: Calibration) -> None:
    clean, adsorbed, change = sheet("n"), with_ion("n", "K"), change_of("n", "K")
    before = clean.copy(), adsorbed.copy(), change.copy()
    seeing.estimate(clean, adsorbed, (ION,), -0.5, Change(change))
    assert (clean, adsorbed) == before[:2]
    assert (change == before[2]).all()


def test_an_anchor_makes_its_host_known_and_keeps_its_own_value(calibration: Calibration) -> None:
    """The reference is 0.4 eV higher on this host than on all others: for each of its ions."""
    model = train(samples(range(6)), LEVEL, "toy")
    model = replace(model, hyperparameters=replace(model.hyperparameters, host=0.5))
    host = samples(range(6, 7))
    anchor, other = (replace(s, e_ref_ev=s.e_ref_ev + 0.4) for s in host[:2])
    known = model.with_anchors([anchor], "toy")
    exact = known.estimate(anchor.clean, anchor.adsorbed, anchor.ions, anchor.e_raw_ev)
    assert (exact.e_ads_ev, exact.scale) == (anchor.e_ref_ev, "reference")
    before, after = (
        m.estimate(other.clean, other.adsorbed, other.ions, other.e_raw_ev) for m in (model, known)
    )
    assert abs(after.e_ads_ev - other.e_ref_ev) < 0.3 * abs(before.e_ads_ev - other.e_ref_ev)
    assert after.upper90_ev - after.lower90_ev < before.upper90_ev - before.lower90_ev
    assert model.with_anchors([], "toy") is model
    assert known.fingerprint != model.fingerprint


def test_an_anchor_of_another_level_is_refused(calibration: Calibration) -> None:
    with pytest.raises(LevelError, match="anchors of 'elsewhere'"):
        calibration.with_anchors(samples(range(1)), "elsewhere")


def test_what_is_known_of_a_sheet_is_carried_to_another_cell_with_its_doubt() -> None:
    """Rigid bands: a larger cell takes the electron lower, and the correction follows in part."""
    model = Calibration.load(MODELS / "sevennet-7net-0.json")
    large = graphene(size=(6, 6, 1), a=2.468, vacuum=8.0)
    host = model.recognise(large)
    assert host.other_cell
    known = Estimate(0.5, 0.4, 0.6, in_domain=True)
    found = model._in_cell(known, large, host)
    change = network_of(large).uptake_ev() - network_of(model.shapes[host.key].atoms).uptake_ev()
    assert change < 0.0
    assert found.e_ads_ev == pytest.approx(0.5 + CELL_SLOPE * change)
    assert found.upper90_ev - found.lower90_ev > 0.2 + 0.1 * abs(change)
    assert model._in_cell(known, large, STRANGER) is known
