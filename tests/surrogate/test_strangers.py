"""Hosts that no training host is like: there a second engine's opinion counts as well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from carbon_hosts import ION, SHEETS, sheet, with_ion

from screening.calculators import resolve
from screening.errors import LevelError, TaskError
from screening.evaluate.task import Engine
from screening.structure import Level
from screening.surrogate.latent import Change
from screening.surrogate.model import Calibration
from screening.surrogate.sample import Sample
from screening.surrogate.second import second_for, second_of
from screening.surrogate.shipped import MODELS
from screening.surrogate.train import held_out, train
from screening.units import IONS

LEVEL = resolve("emt").level()
SECOND = resolve("sevennet").level()


def off(name: str) -> float:
    """By what the engine misses a host, eV: nothing that its features show."""
    return float(np.random.default_rng(list(SHEETS).index(name)).normal(scale=0.4))


RAW_EV = -0.5


def samples(names: Sequence[str] = tuple(SHEETS)) -> list[Sample]:
    """A second engine is off by twice as much as the first, the same way."""
    return [
        Sample(
            name,
            sheet(name),
            with_ion(name, ion),
            (ION,),
            RAW_EV,
            RAW_EV + off(name),
            Change(second_ev=RAW_EV + 2 * off(name)),
        )
        for name in names
        for ion in IONS
    ]


*KNOWN, STRANGE = SHEETS


@pytest.fixture(scope="module")
def asking() -> Calibration:
    return train(samples(KNOWN), LEVEL, "toy", SECOND)


def error(second: Level | None) -> float:
    """Mean error on hosts left out, eV."""
    points = samples()
    estimates = held_out(points, LEVEL, second)
    assert all(estimate.in_domain for estimate in estimates)
    found = zip(estimates, points, strict=True)
    return float(np.mean([abs(e.e_ads_ev - s.e_ref_ev) for e, s in found]))


def test_where_two_engines_differ_tells_by_what_the_first_is_off() -> None:
    assert error(SECOND) < 0.5 * error(None)


def test_a_known_host_is_judged_without_the_second_engine(asking: Calibration) -> None:
    s = samples(KNOWN[:1])[0]
    host = asking.recognise(s.clean)
    assert not asking.asks_second(host)
    arguments = (s.clean, s.adsorbed, s.ions, s.e_raw_ev)
    assert asking.estimate(*arguments) == asking.estimate(*arguments, Change(second_ev=9.0))


def test_a_stranger_needs_it(asking: Calibration) -> None:
    s = samples([STRANGE])[0]
    assert asking.asks_second(asking.recognise(s.clean))
    with pytest.raises(TaskError, match="no second engine"):
        asking.estimate(s.clean, s.adsorbed, s.ions, s.e_raw_ev)
    found = asking.estimate(s.clean, s.adsorbed, s.ions, s.e_raw_ev, s.change)
    assert found.lower90_ev < found.e_ads_ev < found.upper90_ev


def test_an_anchor_teaches_strangers_too_and_makes_its_own_host_known(asking: Calibration) -> None:
    anchor, other = samples([STRANGE])[:2]
    known = asking.with_anchors([anchor], "toy")
    assert len(known.of_strangers.y) == len(asking.of_strangers.y) + 1
    assert not known.asks_second(known.recognise(other.clean))
    blind = replace(anchor, change=Change())
    with pytest.raises(TaskError, match="no second engine"):
        asking.with_anchors([blind], "toy")


def test_it_survives_the_trip_through_its_file(asking: Calibration, tmp_path: Path) -> None:
    path = tmp_path / "asking.json"
    path.write_text(json.dumps(asking.as_json(), allow_nan=False))
    again = Calibration.load(path)
    s = samples([STRANGE])[0]
    arguments = (s.clean, s.adsorbed, s.ions, s.e_raw_ev, s.change)
    assert again.estimate(*arguments) == asking.estimate(*arguments)


def test_the_shipped_calibration_asks_an_engine_that_is_here() -> None:
    engine = Engine.of(resolve("sevennet", options={"device": "cpu"}))
    shipped = Calibration.load(MODELS / "sevennet-7net-0.json")
    found = second_of(shipped, engine)
    assert found is not None
    assert found.level.model == "7net-l3i5"
    assert found.options["device"] == "cpu"


def test_another_engine_than_it_was_trained_with_is_refused(asking: Calibration) -> None:
    """`asking` was trained with 7net-0 as the second."""
    engine = Engine.of(resolve("sevennet"))
    with pytest.raises(LevelError, match="7net-l3i5"):
        second_of(asking, engine)
    assert second_for(Engine.of(resolve("emt"))) is None
    assert second_of(None, engine) is None
