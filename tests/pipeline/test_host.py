"""The host stage: what follows from structures alone, each with a value or a reason."""

from __future__ import annotations

import pytest
from ase.build import bulk

from screening.builders import load_catalogue
from screening.descriptors import Row
from screening.descriptors.bound import Bound
from screening.descriptors.host import Host, host_facts
from screening.descriptors.reference import RelaxedState
from screening.resources import default_structures
from screening.units import BCC_LATTICE_A
from tests.pipeline.toolbox import protocols, workflow

CATALOGUE = load_catalogue(default_structures())


def facts(host: str, ion: str) -> Row:
    candidate = CATALOGUE.build(host)
    (pair,) = protocols(workflow(ions=(ion,)), candidate)
    level = pair.context.engine.level
    metal = RelaxedState(bulk(ion, "bcc", a=BCC_LATTICE_A[ion]), -1.0, True, level)
    bound = Bound(RelaxedState(candidate.atoms, 0.0, True, level), metal, (), ())
    with pytest.raises(StopIteration) as end:
        next(host_facts(Host(), pair, bound))
    return pair.failure("").with_found(end.value.value)


def test_an_alloy_of_the_ion_has_its_volume_change() -> None:
    row = facts("liag-110", "Li")
    # 3.168³ Å3 of LiAg from 4.0862³/4 Å3 of silver and 3.491³/2 Å3 of lithium
    assert row["volume_change"] == pytest.approx(3.168**3 / (4.0862**3 / 4) - 1, abs=1e-6)
    total = 4.0862**3 / 4 + 3.491**3 / 2
    assert row["volume_change_anode"] == pytest.approx(3.168**3 / total - 1, abs=1e-6)


@pytest.mark.parametrize(("host", "ion"), [("liag-110", "Na"), ("graphene", "Li"), ("cu-111", "K")])
def test_any_other_host_has_none_and_says_why(host: str, ion: str) -> None:
    row = facts(host, ion)
    assert (row["volume_change"], row["volume_change_anode"]) == (None, None)
    assert "volume change: " in " ".join(row.notes)


def test_the_misfit_comes_with_its_plane_and_area() -> None:
    row = facts("li-111", "Li")
    assert row["misfit_plane"] == "111"
    # The plane of 3.491 Å under metal of 3.51 Å
    assert row["misfit"] == pytest.approx(1 - 3.491 / 3.51, abs=1e-6)
    assert row["misfit_area_a2"] == pytest.approx(3**0.5 * 3.491**2, rel=1e-6)
