"""A row whose adsorption energy is calibrated: what it says, and when it stays raw."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from screening.calculators import resolve
from screening.descriptors import Row
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.store import open_store
from screening.surrogate.correction import Hyperparameters
from screening.surrogate.features import CLASSES, FEATURES
from screening.surrogate.identity import engine_identity
from screening.surrogate.model import Calibration
from screening.surrogate.process import DOMAIN
from tests.pipeline.toolbox import TOY, TWICE, protocols, square, workflow
from tests.toys import E_ADS_EV

SHIFT_EV = 0.4


def constant(elements: tuple[str, ...], x: np.ndarray) -> Calibration:
    """A calibration whose training points all say: add `SHIFT_EV`."""
    return Calibration(
        engine=engine_identity(resolve(TOY).level()),
        reference="toy",
        x=x,
        y=np.full(len(x), SHIFT_EV),
        hosts=tuple(f"h{i}" for i in range(len(x))),
        keys=tuple(f"k{i}" for i in range(len(x))),
        spread=np.zeros(len(x)),
        elements={"metal": elements},
        hyperparameters=Hyperparameters.prior(len(FEATURES) - 1),
        factors=TWICE,
    )


def screen(tmp_path, model: Calibration | None) -> Row:
    flow = workflow(ions=("Li",), relax={"fmax": 1e-3, "max_steps": 300})
    store = open_store(tmp_path / "toy.db", create=True)
    pairs = protocols(flow, calibration=model)
    Driver(store, partial(make_executor, 1), 1, lambda _: None).run(pairs)
    (row,) = store.rows()
    return row


@pytest.fixture
def anywhere() -> np.ndarray:
    """Training points near what the egg box's ion looks like: see the reason if it fails."""
    rng = np.random.default_rng(0)
    x = rng.normal(scale=0.1, size=(12, len(FEATURES)))
    x[:, 0] = CLASSES["metal"]
    return x


def elements() -> tuple[str, ...]:
    return tuple(sorted(set(square().atoms.symbols)))


def test_inside_the_domain_the_row_is_calibrated_and_keeps_the_raw_value(
    tmp_path, monkeypatch, anywhere
) -> None:
    monkeypatch.setattr("screening.surrogate.process.DOMAIN", replace(DOMAIN, reach=100.0))
    model = constant(elements(), anywhere)
    row = screen(tmp_path, model)
    assert row["e_ads_raw_ev"] == pytest.approx(E_ADS_EV, abs=1e-3)
    assert row["e_ads_ev"] == pytest.approx(E_ADS_EV + SHIFT_EV, abs=0.15)
    assert row["e_ads_lower90_ev"] < row["e_ads_ev"] < row["e_ads_upper90_ev"]
    assert (row.values["e_ads_ev"].in_domain, row.calibration, row.flags) == (
        True,
        model.fingerprint,
        (),
    )


def test_every_site_is_calibrated_and_the_rows_is_one_of_them(
    tmp_path, monkeypatch, anywhere
) -> None:
    monkeypatch.setattr("screening.surrogate.process.DOMAIN", replace(DOMAIN, reach=100.0))
    row = screen(tmp_path, constant(elements(), anywhere))
    assert [site.e_ads.in_domain for site in row.table("sites")] == [True] * 3
    assert min(site.e_ads_ev for site in row.table("sites")) == row["e_ads_ev"]
    best = next(site for site in row.table("sites") if site.site == row["site"])
    assert best.e_ads == row.values["e_ads_ev"]


def test_outside_the_domain_the_row_stays_raw_and_says_so(tmp_path, anywhere) -> None:
    row = screen(tmp_path, constant(("Xe",), anywhere))
    assert row["e_ads_ev"] == row["e_ads_raw_ev"] == pytest.approx(E_ADS_EV, abs=1e-3)
    assert row.values["e_ads_ev"].in_domain is False
    assert row["e_ads_upper90_ev"] - row["e_ads_lower90_ev"] == pytest.approx(3.0 * SHIFT_EV)
    assert any("e_ads_ev is raw" in flag for flag in row.flags)
    assert all(
        site.e_ads_ev == site.e_ads.raw and not site.e_ads.in_domain for site in row.table("sites")
    )


def test_without_a_calibration_nothing_is_claimed(tmp_path) -> None:
    row = screen(tmp_path, None)
    assert row["e_ads_ev"] == pytest.approx(E_ADS_EV, abs=1e-3)
    assert (row["e_ads_raw_ev"], row.values["e_ads_ev"].in_domain, row.calibration) == (
        None,
        None,
        None,
    )


def test_a_calibrated_row_survives_storage(tmp_path, anywhere) -> None:
    row = screen(tmp_path, constant(("Xe",), anywhere))
    store = open_store(tmp_path / "other.db", create=True)
    store.save_row(row)
    assert store.rows() == [replace(row)]
