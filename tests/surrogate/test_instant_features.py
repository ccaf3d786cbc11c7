"""Features of hosts as built: what they see, what they must not depend on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111, graphene

from screening.builders import load_catalogue
from screening.surrogate.instant_features import INSTANT_FEATURES, describe_instant
from screening.units import IONS

ROOT = Path(__file__).parents[2]


def values(host: Atoms, ion: str = "Li") -> dict[str, float]:
    """Unscaled features by name."""
    scaled = describe_instant(host, (ion,))[0]
    pairs = zip(INSTANT_FEATURES.items(), scaled, strict=True)
    return {name: centre + scale * x for (name, (centre, scale)), x in pairs}


@pytest.fixture(scope="module")
def built() -> dict[str, Atoms]:
    catalogue = load_catalogue(ROOT / "structures")
    names = ("graphene", "graphene-pyridinic-N-3", "ti3c2o2", "ti3c2oh2", "cu-111")
    return {name: catalogue.build(name).atoms for name in names}


def test_each_kind_of_host_is_told_apart(built: dict[str, Atoms]) -> None:
    seen = {name: values(atoms) for name, atoms in built.items()}
    assert seen["graphene"]["sp2"] == 1
    assert seen["cu-111"]["metal_share"] == pytest.approx(1)
    assert seen["ti3c2oh2"]["hydrogen_share"] > 0.3
    assert seen["ti3c2o2"]["hydrogen_share"] == 0
    assert seen["graphene-pyridinic-N-3"]["dangling"] == pytest.approx(np.log(4))
    assert seen["graphene"]["dangling"] == seen["cu-111"]["dangling"] == 0


def test_neither_place_nor_order_nor_wrapping_matters(built: dict[str, Atoms]) -> None:
    for host in built.values():
        moved = host.copy()
        moved.translate([1.234, -0.77, 0.5])
        shuffled = moved[np.random.default_rng(0).permutation(len(moved))]
        expected = describe_instant(host, IONS)
        assert describe_instant(moved, IONS) == pytest.approx(expected, abs=1e-6)
        assert describe_instant(shuffled, IONS) == pytest.approx(expected, abs=1e-6)


def test_a_larger_cell_of_a_metal_is_only_a_lower_coverage() -> None:
    small, large = (fcc111("Cu", (n, n, 3), vacuum=8.0) for n in (2, 4))
    for slab in (small, large):
        slab.pbc = (True, True, False)
    one, other = values(small), values(large)
    assert other.pop("log_spacing") == pytest.approx(one.pop("log_spacing") + np.log(2))
    assert other == pytest.approx(one, abs=1e-6)


def test_a_layer_is_seen_from_above() -> None:
    sheet = graphene(size=(3, 3, 1), vacuum=10.0)
    sheet.pbc = (True, True, False)
    lid = sheet.copy()
    lid.positions[:, 2] += 3.3
    lid.symbols[:] = "Cu"
    assert values(sheet + lid)["metal_share"] == 1
    lid.positions[:, 2] -= 6.6
    assert values(sheet + lid)["metal_share"] == 0


def test_the_host_is_left_as_it_is(built: dict[str, Atoms]) -> None:
    before = built["ti3c2o2"].copy()
    describe_instant(built["ti3c2o2"], IONS)
    assert built["ti3c2o2"] == before
