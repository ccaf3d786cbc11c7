"""Sites are told apart by what surrounds them."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import graphene

from screening.geometry import find_sites, most_different
from screening.geometry.environment import surroundings
from screening.structure import Lattice


def doped_sheet(size: int = 5) -> Atoms:
    sheet = graphene(size=(size, size, 1), vacuum=8)
    sheet.pbc = (True, True, False)
    sheet.symbols[0] = "N"
    return sheet


def test_all_sites_are_kept_where_there_are_few() -> None:
    sheet = doped_sheet()
    sites = find_sites(sheet, "sheet")
    assert most_different(sheet, sites, len(sites)) == list(range(len(sites)))


def test_the_dopant_and_each_kind_of_site_are_among_the_chosen() -> None:
    sheet = doped_sheet()
    sites = find_sites(sheet, "sheet")
    chosen = [sites[i] for i in most_different(sheet, sites, 8)]
    assert len({site.label for site in chosen}) == 8
    assert {site.kind for site in chosen} == {"hollow", "bridge", "top"}
    assert any(site.support == (0,) for site in chosen)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (3.1, -1.7)])
def test_surroundings_do_not_depend_on_the_origin_or_the_vacuum(shift) -> None:
    sheet = doped_sheet(4)
    sites = find_sites(sheet, "sheet")
    moved = sheet.copy()
    moved.positions += (*shift, 2.0)
    moved.cell[2, 2] += 7
    again = find_sites(moved, "sheet")
    assert [site.label for site in again] == [site.label for site in sites]
    assert surroundings(moved, again) == pytest.approx(surroundings(sheet, sites), abs=1e-6)


def test_far_sites_of_a_sheet_see_the_same() -> None:
    sheet = doped_sheet(9)
    sites = [site for site in find_sites(sheet, "sheet") if site.kind == "hollow"]
    away = Lattice.of(sheet).minimum_image([s.anchor - sheet.positions[0] for s in sites])
    far = [s for s, vector in zip(sites, away, strict=True) if np.linalg.norm(vector) > 9]
    vectors = surroundings(sheet, far[:2])
    assert vectors[0] == pytest.approx(vectors[1], abs=1e-3)
