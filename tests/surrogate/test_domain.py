"""What is believed of an estimate: near training points, far from them, above the free atom."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from screening.surrogate import instant
from screening.surrogate.domain import Estimate, blend, ceiling_ev
from screening.surrogate.process import DOMAIN
from screening.units import COHESIVE_EV, IONS

DISTANCES = np.linspace(0.0, 4.0, 401)


def test_the_correction_fades_without_a_step() -> None:
    shares = [DOMAIN.trust(d) for d in DISTANCES]
    assert shares[0] == DOMAIN.trust(DOMAIN.full * DOMAIN.reach) == 1.0
    assert (
        DOMAIN.trust(DOMAIN.reach)
        == DOMAIN.trust(DOMAIN.reach + 5.0)
        == DOMAIN.trust(float("inf"))
        == 0.0
    )
    assert all(0.0 <= before - after < 0.02 for before, after in pairwise(shares))


def test_the_interval_only_grows_on_the_way_out() -> None:
    widths = []
    for distance in DISTANCES:
        found = blend(-1.0, 0.8, 0.3, 1.5, DOMAIN.trust(distance))
        assert found.lower90_ev < found.e_ads_ev < found.upper90_ev
        widths.append(found.upper90_ev - found.lower90_ev)
    assert all(after >= before - 1e-12 for before, after in pairwise(widths))
    assert widths[0] == pytest.approx(0.6)
    assert widths[-1] == pytest.approx(3.0)


def test_neighbouring_structures_get_neighbouring_values() -> None:
    """Two starts in one minimum of a framework were an electronvolt apart."""
    values = [blend(-2.81, 1.02, 0.3, 1.5, DOMAIN.trust(d)).e_ads_ev for d in (1.99, 2.0, 2.01)]
    assert np.ptp(values) < 0.05


@pytest.mark.parametrize("ion", IONS)
def test_no_ion_is_above_the_free_atom(ion: str) -> None:
    assert ceiling_ev(ion) == pytest.approx(COHESIVE_EV["PBE"][ion] + 0.05)
    high = Estimate(3.0, 2.0, 4.0, in_domain=True).below_free_atom(ion)
    assert high.e_ads_ev == high.upper90_ev == high.lower90_ev == ceiling_ev(ion)
    low = Estimate(-1.0, -1.5, 9.0, in_domain=False, reason="far").below_free_atom(ion)
    assert (low.e_ads_ev, low.lower90_ev, low.reason) == (-1.0, -1.5, "far")
    assert low.upper90_ev == ceiling_ev(ion)
    kept = Estimate(-1.0, -1.5, -0.5, in_domain=True)
    assert kept.below_free_atom(ion) is kept


def test_a_domain_may_end_at_once() -> None:
    edge = instant.DOMAIN.reach
    assert [instant.DOMAIN.trust(d) for d in (0.0, edge, edge + 1e-9, np.nan)] == [1, 1, 0, 0]


def test_a_few_foreign_atoms_are_allowed_only_where_the_domain_says_so() -> None:
    doped = ["C"] * 31 + ["N"]
    assert DOMAIN.unknown(doped, {"C"}) == []
    assert DOMAIN.unknown(["N"] * 4 + ["C"] * 30, {"C"}) == ["N"]
    assert instant.DOMAIN.unknown(doped, {"C"}) == ["N"]
