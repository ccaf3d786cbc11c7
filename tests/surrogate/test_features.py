from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene, molecule, mx2
from ase.data import covalent_radii
from reference_sets import structure

from screening.surrogate.features import CLASSES, FEATURES, REACH, describe, host_class

NAMES = list(FEATURES)


def features(**changes: object) -> dict[str, float]:
    arguments = {"clean": structure(1), "adsorbed": structure(1, "Na"), "ions": (8,)}
    x = describe(**(arguments | changes), e_raw_ev=0.3)  # type: ignore[arg-type]
    return dict(zip(NAMES, x, strict=True))


def test_values_are_scaled_as_stated() -> None:
    x = features()
    assert x["e_raw_ev"] == pytest.approx(0.3)
    assert x["ion_ionisation_ev"] == pytest.approx((5.139 - 5.0) / 0.5)
    assert x["chi_near"] == pytest.approx((1.90 - 2.5) / 0.5)
    assert x["class"] == CLASSES["metal"]
    assert x["acceptor"] == 0.0


def test_moves_and_renumbering_change_nothing() -> None:
    before = features()
    moved = structure(1, "Na")
    moved.translate([1.3, -0.7, 0.4])
    moved.wrap()
    order = [3, 1, 0, 2, 7, 6, 5, 4, 8]
    assert features(adsorbed=moved[order]) == pytest.approx(before, abs=1e-6)


def test_an_ion_far_away_has_no_neighbours_but_finite_features() -> None:
    away = structure(1, "Na")
    away.positions[8, 2] += 6.0
    x = features(adsorbed=away)
    assert x["contact"] == pytest.approx((REACH - 1.1) / 0.1)
    assert np.isfinite(list(x.values())).all()


@pytest.mark.parametrize(("dopant", "sign"), [("B", -1), ("N", 1)])
def test_a_hole_in_the_network_accepts_the_electron_and_a_full_one_does_not(
    dopant: str, sign: int
) -> None:
    sheet = graphene(size=(3, 3, 1), vacuum=8.0)
    sheet.symbols[0] = dopant
    with_ion = sheet + Atoms("Li", [sheet.positions[9] + [0.0, 0.0, 2.2]])
    x = features(clean=sheet, adsorbed=with_ion, ions=(18,))
    assert x["class"] == 1.0
    assert sign * x["acceptor"] > 0.9


def on_graphene(symbols: str) -> Atoms:
    """A sheet and what lies on it, in a chain of touching atoms."""
    sheet = graphene(size=(4, 4, 1), vacuum=8.0)
    above = Atoms(symbols)
    radii = covalent_radii[above.numbers]
    above.positions[:, 0] = np.cumsum(radii) + np.concatenate([[0.0], np.cumsum(radii)[:-1]])
    above.positions += sheet.positions[5] + [0.0, 0.0, 2.2]
    return sheet + above


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (molecule("C6H6"), "carbon"),
        (graphene("BN", a=2.5, vacuum=8.0), "layer"),
        (fcc111("Cu", (2, 2, 2), vacuum=8.0), "metal"),
        (bulk("LiAl", "zincblende", a=6.37), "metal"),
        (bulk("Si"), "metal"),
        (bulk("MgO", "rocksalt", a=4.2), "compound"),
        (bulk("LiH", "rocksalt", a=4.1), "compound"),
        (mx2("MoS2", vacuum=8.0), "compound"),
        (mx2("MoTe2", a=3.52, thickness=3.6, vacuum=8.0), "compound"),
        (bulk("C"), "compound"),
        (on_graphene("Cu"), "carbon"),
        (on_graphene("Sn4"), "supported"),
        (on_graphene("NiO"), "supported"),
        (on_graphene("OH"), "carbon"),
        (on_graphene("Cu").repeat((2, 2, 1)), "carbon"),
        (on_graphene("NiO").repeat((2, 2, 1)), "supported"),
    ],
)
def test_hosts_are_told_apart_by_what_takes_the_ions_electron(host: Atoms, expected: str) -> None:
    assert host_class(host) == expected


def test_a_metal_and_a_compound_differ_in_class_though_neither_has_a_network() -> None:
    metal, oxide = fcc111("Cu", (2, 2, 2), vacuum=8.0), bulk("MgO", "rocksalt", a=4.2)
    found = [
        dict(
            zip(
                NAMES,
                describe(host, host + Atoms("Li", [[0, 0, 9.9]]), (len(host),), 0.0),
                strict=True,
            )
        )
        for host in (metal, oxide)
    ]
    assert [x["class"] for x in found] == [CLASSES["metal"], CLASSES["compound"]]
    assert [x["acceptor"] for x in found] == [0.0, 0.0]


def test_structures_are_left_as_they_were() -> None:
    clean, adsorbed = structure(1), structure(1, "Na")
    before = clean.copy(), adsorbed.copy()
    describe(clean, adsorbed, (8,), 0.0)
    assert (clean, adsorbed) == before
