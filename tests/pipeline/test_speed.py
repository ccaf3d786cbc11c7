"""An engine is timed by a few calls where that is quick and allowed, else believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screening.builders import load_catalogue
from screening.calculators import resolve
from screening.pipeline.speed import HOSTS, seconds_per_atom
from screening.resources import default_structures
from tests.engines import needs

CATALOGUE = load_catalogue(default_structures())
NAMES = ("cu-111", "cu-100", "cu-110", "ag-111", "au-111", "pt-111")
SMALL = [CATALOGUE.build(name) for name in NAMES]


def counted(spec, calls: list[int], fail: bool = False):
    def make():
        engine = spec.make()
        real = engine.calculate

        def calculate(*arguments, **named):
            calls.append(1)
            if fail:
                raise RuntimeError("out of order")
            return real(*arguments, **named)

        engine.calculate = calculate
        return engine

    return replace(spec, make=make)


def test_a_quick_engine_is_tried_on_a_few_hosts() -> None:
    calls: list[int] = []
    found = seconds_per_atom(counted(resolve("emt"), calls), SMALL)
    assert len(calls) == len(SMALL) + 1 == HOSTS + 1
    assert 0 < found < 1
    calls.clear()
    assert seconds_per_atom(counted(resolve("emt"), calls), SMALL[:1]) > 0
    assert len(calls) == 2


def test_a_slow_one_is_believed() -> None:
    calls: list[int] = []
    spec = counted(replace(resolve("emt"), seconds_per_atom=60.0), calls)
    assert seconds_per_atom(spec, SMALL) == 60.0
    assert not calls


def test_one_that_fails_is_believed_too() -> None:
    spec = counted(resolve("emt"), [], fail=True)
    assert seconds_per_atom(spec, SMALL) == spec.seconds_per_atom


def test_code_of_a_user_is_not_run() -> None:
    def make() -> None:
        pytest.fail("made")

    spec = replace(resolve("emt"), name="tests.calculators.plug_in:factory", make=make)
    assert seconds_per_atom(spec, SMALL) == spec.seconds_per_atom


@needs("gpaw")
def test_density_functional_theory_says_that_it_is_slow() -> None:
    assert resolve("gpaw").seconds_per_atom > 1
