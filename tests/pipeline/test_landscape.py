"""Calibrated barriers where the engine's error is known at every point of the path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.units import kB

from screening.calculators import resolve
from screening.descriptors import Row
from screening.descriptors.paths import RESTS_ELSEWHERE
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.store import open_store
from screening.surrogate.correction import Hyperparameters
from screening.surrogate.features import FEATURES
from screening.surrogate.identity import engine_identity
from screening.surrogate.latent import Change, Components
from screening.surrogate.model import Calibration
from screening.surrogate.process import DOMAIN
from screening.surrogate.recognise import Shape
from tests.pipeline.graphene_world import (
    BARRIER_EV,
    BRIDGE,
    CORRUGATION_EV,
    E_HOLLOW_EV,
    HOLLOW,
    HOLLOW_A,
    LATTICE_A,
    METAL_LATENT,
    between,
    place,
    sheet,
)
from tests.pipeline.toolbox import TWICE, protocols, workflow
from tests.toys import HEIGHT_A

PATHS = ("best hop", "percolating", "scan")
SHIFT_EV = 0.4
COMPONENTS = Components(np.array([0.0, 0.0, 0.0]), np.eye(3)[1:])
"""The first is `place`, the second `between`."""

ANYWHERE_A = np.random.default_rng(0).uniform(0, 2.5, size=(40, 2))
SITES_A = np.array([HOLLOW_A, [LATTICE_A / 4, LATTICE_A / 48**0.5], [0.0, 0.0]])
"""Hollow, bridge and top, from the first atom."""

Correction = Callable[[float, float], float]


def seen_at(shift_a: np.ndarray) -> tuple[Atoms, Atoms, float]:
    """Clean sheet, the same with Li that far from the first atom, and `place` of the ion."""
    host = sheet().atoms
    adsorbed = host + Atoms("Li", [host.positions[0] + [*shift_a, HEIGHT_A]])
    return host, adsorbed, place(adsorbed.positions[-1])


def calibration(
    correction: Correction,
    name: str = "seeing",
    shifts: np.ndarray = ANYWHERE_A,
    *,
    host: float = 1e-4,
    noise: float = 1e-4,
) -> Calibration:
    """A calibration that knows the correction, linear in `place` and `between`, of one host."""
    rows, y = [], []
    model = Calibration(
        engine=engine_identity(resolve(maker(name)).level()),
        reference="toy",
        x=np.empty((0, 0)),
        y=np.empty(0),
        hosts=(),
        keys=(),
        spread=np.empty(0),
        elements={"carbon": ("C",)},
        hyperparameters=settings(host=host, noise=noise),
        factors=TWICE,
        components=COMPONENTS,
    )
    for shift in shifts:
        clean, adsorbed, c = seen_at(shift)
        change = Change(np.array([0.0, c, between(c)]))
        raw = E_HOLLOW_EV + CORRUGATION_EV * (HOLLOW - c)
        rows.append(model.features(clean, adsorbed, (len(clean),), raw, change))
        y.append(correction(c, between(c)))
    names = ("known",) * len(y)
    spread = np.zeros(len(y))
    return replace(model, x=np.array(rows), y=np.array(y), hosts=names, keys=names, spread=spread)


def settings(*, host: float, noise: float) -> Hyperparameters:
    """Settings by which the two components alone explain what the engine does wrong."""
    described = len(FEATURES) - 1
    linear = (*(1e-9,) * described, 1.0, 1.0)
    return Hyperparameters(linear, (1.0,) * len(linear), smooth=1e-9, host=host, noise=noise)


def maker(name: str) -> str:
    return f"tests.pipeline.graphene_world:make_{name}"


def screened(
    folder: Path,
    path: str,
    model: Calibration | None,
    name: str = "seeing",
) -> Row:
    flow = workflow(
        calculator=maker(name),
        ions=("Li",),
        relax={"fmax": 1e-5, "max_steps": 300},
        descriptors={"barrier": {"path": path, "images": 3, "fmax": 1e-4, "max_steps": 500}},
    )
    store = open_store(folder / "toy.db", create=True)
    pairs = protocols(flow, sheet(), calibration=model)
    Driver(store, partial(make_executor, 1), 1, lambda _: None).run(pairs)
    (row,) = store.rows()
    return row


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Row]:
    return partial(screened, tmp_path)


def close(value: float) -> object:
    return pytest.approx(value, abs=2e-6)


@pytest.mark.parametrize("path", PATHS)
def test_without_a_calibration_the_barrier_is_the_engines_and_claims_nothing(run, path) -> None:
    row = run(path, None)
    assert (row["e_ads_ev"], row["barrier_ev"]) == (close(E_HOLLOW_EV), close(BARRIER_EV))
    assert (row["barrier_raw_ev"], row["barrier_lower90_ev"], row["barrier_upper90_ev"]) == (
        None,
    ) * 3


@pytest.mark.parametrize("path", PATHS)
def test_a_correction_that_grows_towards_the_hollow_changes_the_barrier_by_its_difference(
    run, path
) -> None:
    """Bridge and hollow are four apart in `place`: at −0.1 eV each, the hop costs 0.4 eV more."""
    row = run(path, calibration(lambda c, _: SHIFT_EV - 0.1 * c))
    assert row["e_ads_ev"] == close(E_HOLLOW_EV + SHIFT_EV - 0.1 * HOLLOW)
    assert row["barrier_ev"] == close(BARRIER_EV + 0.1 * (HOLLOW - BRIDGE))
    assert row["barrier_raw_ev"] == close(BARRIER_EV)
    assert row["barrier_lower90_ev"] < row["barrier_ev"] < row["barrier_upper90_ev"]
    assert (row.status, row.flags) == ("ok", ())


@pytest.mark.parametrize("path", PATHS[1:])
def test_barrier_and_prefactor_of_a_rate_are_those_of_one_surface(run, path) -> None:
    """Along the hop this world is a cosine; corrected in proportion to it, it is a higher one."""
    row = run(path, calibration(lambda c, _: -0.02 * c))
    height = BARRIER_EV + 0.02 * (HOLLOW - BRIDGE)
    # Of ``E/2 (1 - cos(2 pi x / a))``, the curvature at the bottom: 2 pi² E / a².
    omega = np.sqrt(2 * np.pi**2 * height / LATTICE_A**2 * 16.02176634 / (6.94 * 1.66053906660e-27))
    attempt_thz = omega / (2 * np.pi) / 1e12
    (hop,) = row.table("hops")
    assert hop.prefactor_thz == pytest.approx(attempt_thz, rel=1e-4)
    rate = attempt_thz * np.exp(-height / (kB * row["temperature_k"]))
    assert row["diffusion_cm2_s"] == pytest.approx(1.5 * rate * LATTICE_A**2 * 1e-4, rel=1e-3)
    found = row.values["diffusion_cm2_s"]
    assert (found.scale, found.method) == ("calibrated", "cosine profile")
    assert row["barrier_easy_ev"] == close(row["barrier_ev"])


@pytest.mark.parametrize("path", PATHS[1:])
def test_without_a_calibration_both_are_the_engines(run, path) -> None:
    found = run(path, None).values["diffusion_cm2_s"]
    assert (found.scale, found.method) == ("engine", "Vineyard")


def test_an_ion_that_rests_elsewhere_has_no_diffusion_coefficient(run) -> None:
    """The vibrations where it rests are not known."""
    row = run("percolating", calibration(lambda _, b: 0.1 * b))
    assert RESTS_ELSEWHERE in row.flags
    assert (row["diffusion_cm2_s"], row.status) == (None, "ok")
    assert "diffusion: the ion rests at none of the known minima" in " ".join(row.notes)


@pytest.mark.parametrize("path", PATHS)
def test_a_constant_correction_leaves_the_barrier_and_its_interval_is_narrow(run, path) -> None:
    """What hosts differ by is unsure, and is the same on the bridge and in the hollow."""
    row = run(path, calibration(lambda c, _: SHIFT_EV, host=0.3, noise=1e-3))
    assert row["barrier_ev"] == pytest.approx(BARRIER_EV, abs=1e-4)
    assert row["barrier_upper90_ev"] - row["barrier_lower90_ev"] < 0.01
    assert row["e_ads_upper90_ev"] - row["e_ads_lower90_ev"] > 1.0


def test_on_a_host_of_the_reference_set_what_it_differs_by_is_known(run) -> None:
    model = calibration(lambda c, _: SHIFT_EV, host=0.3, noise=1e-3)
    known = replace(model, shapes={"known": Shape.of(sheet().atoms)})
    row = run("best hop", known)
    assert row["e_ads_ev"] == pytest.approx(E_HOLLOW_EV + SHIFT_EV, abs=1e-3)
    assert row["e_ads_upper90_ev"] - row["e_ads_lower90_ev"] < 0.01
    assert row["barrier_ev"] == pytest.approx(BARRIER_EV, abs=1e-4)


@pytest.mark.parametrize("path", PATHS)
def test_the_interval_of_a_barrier_does_not_go_below_zero(run, path) -> None:
    row = run(path, calibration(lambda c, _: 0.0, noise=0.3))
    assert row["barrier_lower90_ev"] == 0.0
    assert row["barrier_ev"] > 0.0
    assert row["barrier_upper90_ev"] > 0.5


def test_every_site_is_calibrated_and_one_that_is_surely_lower_is_the_rows(run) -> None:
    """A correction against the hollow puts the ion on top of an atom, where it is highest."""
    row = run("best hop", calibration(lambda c, _: 0.12 * c))
    energies = {site.site: (site.e_ads_ev, site.e_ads.raw) for site in row.table("sites")}
    for name, c in (("hollow-1", HOLLOW), ("bridge-1", BRIDGE), ("top-1", -1.5)):
        raw = E_HOLLOW_EV + CORRUGATION_EV * (HOLLOW - c)
        assert energies[name] == (close(raw + 0.12 * c), close(raw))
    assert row["site"] == "top-1"
    assert (row["e_ads_ev"], row["e_ads_raw_ev"]) == energies["top-1"]
    assert all(site.e_ads.in_domain for site in row.table("sites"))


def test_the_engines_site_stays_where_the_calibration_cannot_tell_sites_apart(run) -> None:
    """The same correction, from data that scatter by more than it tells the sites apart."""
    row = run("best hop", calibration(lambda c, _: 0.12 * c, noise=1.0))
    assert row["site"] == "hollow-1"
    sites = {site.site: site for site in row.table("sites")}
    assert row["e_ads_ev"] == sites["hollow-1"].e_ads_ev > sites["top-1"].e_ads_ev
    assert all(site.e_ads.in_domain for site in row.table("sites"))


def test_a_site_outside_the_domain_is_not_the_rows_however_low_its_raw_value(
    run, monkeypatch
) -> None:
    """A correction of 3 eV lifts hollow and bridge above it; the two are not on one scale."""
    monkeypatch.setattr("screening.surrogate.process.DOMAIN", replace(DOMAIN, reach=0.3))
    row = run("best hop", calibration(lambda c, _: 3.0, shifts=SITES_A[:2]))
    sites = {site.site: site for site in row.table("sites")}
    assert {name: site.e_ads.in_domain for name, site in sites.items()} == {
        "hollow-1": True, "bridge-1": True, "top-1": False,
    }  # fmt: skip
    assert sites["top-1"].e_ads_ev == sites["top-1"].e_ads.raw
    assert sites["top-1"].e_ads_ev < row["e_ads_ev"] - 2.0
    assert (row["site"], row.values["e_ads_ev"].in_domain) == ("hollow-1", True)


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_path_that_is_lowest_between_its_ends_is_flagged_and_still_has_a_barrier(
    run, path
) -> None:
    """`between` vanishes on all sites and is negative between hollow and bridge."""
    row = run(path, calibration(lambda _, b: 0.1 * b))
    assert row.flags == (RESTS_ELSEWHERE,)
    assert row["e_ads_ev"] == close(E_HOLLOW_EV)
    assert row["barrier_ev"] > BARRIER_EV + 0.1
    assert row["barrier_raw_ev"] == close(BARRIER_EV)


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_dip_between_the_ends_that_may_be_none_is_not_flagged(run, path) -> None:
    """The same correction, from data that scatter by more than the dip is deep."""
    row = run(path, calibration(lambda _, b: 0.1 * b, noise=1.0))
    assert row.flags == ()
    assert row["barrier_lower90_ev"] == 0.0


@pytest.mark.parametrize("path", PATHS)
def test_rounding_of_the_network_does_not_move_the_ion_from_its_site(run, path) -> None:
    row = run(path, calibration(lambda c, _: -0.1 * c, "trembling"), "trembling")
    assert row.flags == ()
    assert row["barrier_ev"] == pytest.approx(BARRIER_EV + 0.4, abs=1e-4)


@pytest.mark.parametrize("path", PATHS)
def test_where_the_adsorption_energy_is_raw_so_is_the_barrier(run, path) -> None:
    model = replace(calibration(lambda c, _: -0.1 * c), elements={"carbon": ("B",)})
    row = run(path, model)
    assert row.values["e_ads_ev"].in_domain is False
    assert (row["e_ads_ev"], row["barrier_ev"]) == (close(E_HOLLOW_EV), close(BARRIER_EV))
    assert (row["barrier_raw_ev"], row["barrier_lower90_ev"], row["barrier_upper90_ev"]) == (
        None,
    ) * 3
    assert len(row.flags) == 1
    assert row.flags[0].startswith("e_ads_ev is raw, no training host of its class has C")


@pytest.mark.parametrize("path", PATHS[:2])
def test_a_path_that_leaves_the_domain_has_a_raw_barrier_and_says_so(
    run, monkeypatch, path
) -> None:
    """The training points are those of the sites, and nothing between is near enough."""
    monkeypatch.setattr("screening.surrogate.process.DOMAIN", replace(DOMAIN, reach=0.3))
    sites = calibration(lambda c, _: -0.1 * c, shifts=SITES_A)
    row = run(path, sites)
    assert row["e_ads_ev"] == close(E_HOLLOW_EV - 0.1 * HOLLOW)
    assert (row["barrier_ev"], row["barrier_raw_ev"]) == (close(BARRIER_EV), None)
    (flag,) = row.flags
    assert flag.startswith("barrier_ev is raw, a structure on the path is unlike")


@pytest.mark.parametrize("path", PATHS[:2])
def test_latent_features_that_fail_on_the_path_leave_the_barrier_raw_with_a_flag(run, path) -> None:
    name = "blind_on_the_way"
    row = run(path, calibration(lambda c, _: SHIFT_EV - 0.1 * c, name), name)
    assert row["e_ads_ev"] == close(E_HOLLOW_EV + SHIFT_EV - 0.1 * HOLLOW)
    assert (row["barrier_ev"], row["barrier_raw_ev"]) == (close(BARRIER_EV), None)
    assert row.flags == (
        "barrier_ev is raw, the calculator returned a latent feature that is not finite",
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [("blind", "a latent feature that is not finite"), ("graphene", "gave no latent features")],
)
def test_latent_features_that_fail_leave_the_row_raw_and_partial_but_not_lost(
    run, name, reason
) -> None:
    row = run("best hop", calibration(lambda c, _: SHIFT_EV, name), name)
    assert (row["e_ads_ev"], row["barrier_ev"]) == (close(E_HOLLOW_EV), close(BARRIER_EV))
    assert (row["e_ads_raw_ev"], row.values["e_ads_ev"].in_domain, row.calibration) == (
        None,
        None,
        None,
    )
    assert row.status == "partial"
    assert row.reason.startswith("calibration: ")
    assert reason in row.reason


def test_latent_evaluations_are_counted_with_what_they_serve(run, tmp_path) -> None:
    """Metal, sheet and three sites; then metal, sheet, three images and their two ends."""
    raw = run("best hop", None)
    (tmp_path / "toy.db").unlink()
    row = run("best hop", calibration(lambda c, _: -0.1 * c))
    assert row.force_calls["calibration"] == 2 + 3
    assert row.force_calls["barrier"] == raw.force_calls["barrier"] + 2 + 5
    assert row.force_calls["adsorption"] == raw.force_calls["adsorption"]


def test_the_metals_own_features_do_not_enter_the_change(run) -> None:
    """They are large here, and the correction would see them.

    The correction leaves the ion below the free atom, where it would be cut off.
    """
    assert np.abs(METAL_LATENT).min() > 0
    row = run("best hop", calibration(lambda c, b: 0.3 * (c + b)))
    change = row.table("sites")[0].e_ads_ev - row.table("sites")[0].e_ads.raw
    assert change == close(0.3 * HOLLOW)
