"""How many ions make a monolayer, and which layer counts."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bcc110, bulk

from screening.descriptors.coverage import CoverageRow, best_layer
from screening.descriptors.layers import (
    coverage_counts,
    least_distance,
    monolayer_count,
    plane_density,
    theta,
)
from screening.errors import TaskError


def test_the_densest_plane_is_that_of_a_bcc_110_slab() -> None:
    slab = bcc110("Li", (1, 1, 3), a=3.5, vacuum=5)
    area = np.linalg.norm(np.cross(*slab.cell.array[:2]))
    assert plane_density(bulk("Li", "bcc", a=3.5)) == pytest.approx(1 / area)


def test_any_cell_of_the_metal_gives_the_same_density() -> None:
    primitive = bulk("Na", "bcc", a=4.2)
    cubic = bulk("Na", "bcc", a=4.2, cubic=True).repeat(2)
    assert plane_density(primitive) == pytest.approx(plane_density(cubic))
    assert least_distance(primitive) == pytest.approx(0.75 * 4.2 * np.sqrt(3) / 2)


@pytest.mark.parametrize(
    ("ion", "lattice_a", "cells", "count"),
    [
        ("Li", 3.43, 9, 6),
        ("Na", 4.2, 9, 4),
        ("K", 5.3, 9, 2),
        ("Li", 3.43, 16, 10),
        ("K", 5.3, 4, 1),
    ],
)
def test_a_monolayer_on_graphene_is_as_dense_as_the_metal(ion, lattice_a, cells, count) -> None:
    area = cells * 2.46**2 * np.sqrt(3) / 2
    metal = bulk(ion, "bcc", a=lattice_a)
    assert monolayer_count(area, metal) == count
    best = min(range(1, 30), key=lambda n: abs(theta(n, area, metal) - 1))
    assert count == best


def test_a_slab_of_the_metal_itself_has_coverage_one() -> None:
    slab = bcc110("K", (3, 2, 3), a=5.3, vacuum=5)
    area = np.linalg.norm(np.cross(*slab.cell.array[:2]))
    metal = bulk("K", "bcc", a=5.3)
    assert monolayer_count(area, metal) == 6
    assert theta(6, area, metal) == pytest.approx(1)


@pytest.mark.parametrize("cells", [1, 3])
def test_a_cell_without_a_fitting_number_is_refused(cells: int) -> None:
    area = cells * 2.46**2 * np.sqrt(3) / 2
    with pytest.raises(TaskError, match=r"holds no commensurate monolayer.*larger cell"):
        monolayer_count(area, bulk("K", "bcc", a=5.3))


@pytest.mark.parametrize(
    ("fractions", "full", "counts"),
    [
        ((0.5, 1.0), 6, (1, 3, 6)),
        ((0.5, 1.0), 5, (1, 3, 5)),
        ((0.5, 1.0), 1, (1,)),
        ((0.01, 1.0), 2, (1, 2)),
        ((1 / 3, 2 / 3, 1.0), 9, (1, 3, 6, 9)),
    ],
)
def test_coverages_are_whole_distinct_and_start_at_one(fractions, full, counts) -> None:
    assert coverage_counts(fractions, full) == counts


def test_a_layer_that_came_off_counts_only_if_there_is_no_other() -> None:
    off = CoverageRow(3, 0.5, -2.0, outcome="desorbed", reason="3 of 3 ions left the host")
    good = CoverageRow(3, 0.5, 0.1, outcome="kept")
    better = CoverageRow(3, 0.5, -0.1, outcome="intercalated")
    assert best_layer([off, good]) == good
    assert best_layer([off, good, better]) == better
    assert best_layer([off]) == off
