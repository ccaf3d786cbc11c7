"""What became of an ion between two sites."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms

from screening.geometry import find_sites, minima_on_path, path_outcome, place
from tests.geometry.hosts import sheet, slab
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


def over_fcc(copies: int = 1, n_images: int = 5, end: int = 2) -> tuple[Atoms, list[Atoms]]:
    """Li on Cu(111) from one fcc hollow straight over hcp to the next fcc hollow and beyond."""
    host = slab("fcc111")
    fcc, hcp = (place(host, site, "Li") for site in find_sites(host, "slab")[:2])
    pair = fcc + hcp[-1:]
    step = pair.get_distance(len(host), len(host) + 1, mic=True, vector=True) * (1, 1, 0)
    images = [fcc.copy() for _ in range(n_images)]
    for image, share in zip(images, np.linspace(0, end * copies, n_images), strict=True):
        image.positions[-1] += share * step
        image.positions[-1, 2] += 0.2 * np.sin(np.pi * share) ** 2
    return host, images


def test_a_band_over_a_known_minimum_is_two_hops() -> None:
    """fcc to fcc along the line of hollows: hcp, then the top of an atom, then the next fcc."""
    host, images = over_fcc(end=1.5)
    known = [place(host, site, "Li") for site in find_sites(host, "slab")[:2]]
    assert minima_on_path(host, images, known, "slab") == (1,)
    assert minima_on_path(host, images[::-1], known, "slab") == (1,)


def test_a_copy_in_another_cell_counts_and_its_order_is_that_of_the_path() -> None:
    host, images = over_fcc(end=4, n_images=9)
    known = [place(host, site, "Li") for site in find_sites(host, "slab")[:2]]
    assert minima_on_path(host, images, known, "slab") == (1, 0)
    for image in images:
        image.positions[-1] += 2 * host.cell[0] - host.cell[1]
    assert minima_on_path(host, images, known, "slab") == (1, 0)


def test_a_band_between_neighbours_passes_no_other_minimum() -> None:
    host = sheet()
    (hop,) = hops_of(host, "sheet", "hollow-1")
    images = straight()
    known = [place(host, site, "Li") for site in find_sites(host, "sheet")]
    hollow, bridge, _ = range(3)
    assert minima_on_path(host, images, [known[hollow]], "sheet") == ()
    assert minima_on_path(host, images, known, "sheet") == (bridge,)
    assert hop.minima == (0, 0)


def test_few_images_and_noise_do_not_hide_a_minimum() -> None:
    host, images = over_fcc(end=1.5, n_images=3)
    known = [place(host, site, "Li") for site in find_sites(host, "slab")[:2]]
    rng = np.random.default_rng(2)
    for atoms in (*images, *known):
        atoms.positions += rng.normal(scale=0.02, size=atoms.positions.shape)
    assert minima_on_path(host, images, known, "slab") == (1,)
