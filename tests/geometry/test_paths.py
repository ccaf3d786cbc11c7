"""What became of an ion between two sites."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from screening.geometry import path_outcome
from tests.geometry.hosts import sheet
from tests.geometry.test_hops import hops_of


def straight(n_images: int = 3) -> list[Atoms]:
    """Li from hollow to hollow over graphene at constant height."""
    (hop,) = hops_of(sheet(3), "sheet", "hollow-1")
    images = []
    for share in np.linspace(0, 1, n_images + 2):
        images.append(hop.start.copy())
        images[-1].positions += share * (hop.end.positions - hop.start.positions)
    return images


def test_an_ion_that_stays_on_the_sheet_is_kept() -> None:
    assert path_outcome(straight(), "sheet") == ("kept", "")


def test_an_ion_that_lifts_off_on_the_way_has_desorbed() -> None:
    images = straight()
    images[2].positions[-1, 2] += 3.0
    outcome, detail = path_outcome(images, "sheet")
    assert outcome == "desorbed"
    assert detail.startswith("image 2: ")


def test_a_bond_that_breaks_on_the_way_only_is_a_torn_host() -> None:
    images = straight()
    images[1].positions[0, 2] += 1.6
    outcome, detail = path_outcome(images, "sheet")
    assert outcome == "reconstructed"
    assert "bond C0" in detail


def test_a_bond_that_is_broken_at_one_end_may_be_broken_on_the_way() -> None:
    images = straight()
    for image in images[2:]:
        image.positions[0, 2] += 1.6
    assert path_outcome(images, "sheet") == ("kept", "")


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (3.3, -1.2, 0.5)])
def test_the_outcome_does_not_depend_on_the_origin(shift: tuple[float, float, float]) -> None:
    images = straight()
    images[2].positions[-1, 2] += 3.0
    for image in images:
        image.positions += shift
    assert path_outcome(images, "sheet")[0] == "desorbed"
