"""Rooms between the layers of a host."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import mx2
from ase.data import covalent_radii

from screening.geometry import Site, classify, find_sites, place
from screening.geometry.galleries import galleries
from tests.geometry.hosts import mxene_oxide, sheet, slab


def bilayer(one: Atoms, gap: float, shift: tuple[float, float] = (0.0, 0.0)) -> Atoms:
    """Two copies of a sheet, `gap` between the nearest atoms."""
    lower, upper = one.copy(), one.copy()
    upper.positions += (*shift, float(np.ptp(one.positions[:, 2])) + gap)
    both = lower + upper
    both.center(vacuum=8.0, axis=2)
    return both


def pillared(metal: str = "Sn", bonded: bool = True) -> Atoms:
    """Ti2CO2 bilayer, one pillar in the cell: on the lower sheet or half way."""
    host = bilayer(mxene_oxide(), 5.3)
    oxygen = np.flatnonzero(host.numbers == 8)
    heights = np.unique(np.round(host.positions[oxygen, 2], 3))
    wall = oxygen[np.abs(host.positions[oxygen, 2] - heights[1]) < 0.01]
    pair = host.positions[wall[0]], host.positions[wall[1]]
    lift = 1.2 if bonded else 2.65
    place_of_pillar = (*((pair[0] + pair[1]) / 2)[:2], heights[1] + lift)
    host.append(metal)
    host.positions[-1] = place_of_pillar
    return host


def inner(sites: tuple[Site, ...]) -> list[Site]:
    return [site for site in sites if site.face in ("floor", "roof")]


def test_ordinary_sheets_slabs_and_clusters_on_sheets_have_none() -> None:
    crowded = sheet(4)
    cluster = Atoms("Cu4", [(0, 0, 0), (2.5, 0, 0), (1.25, 2.2, 0), (1.25, 0.7, 2.1)])
    cluster.positions += (3.0, 3.0, crowded.positions[0, 2] + 3.0)
    for host, geometry in [
        (sheet(), "sheet"), (mxene_oxide(), "sheet"), (slab("fcc111"), "slab"),
        (slab("fcc110"), "slab"), (crowded + cluster, "sheet"),
    ]:  # fmt: skip
        assert galleries(host, geometry) == []


@pytest.mark.parametrize("bonded", [True, False])
def test_the_gallery_of_a_pillared_sheet_has_sites_beside_its_pillar(bonded: bool) -> None:
    host = pillared(bonded=bonded)
    pillar = len(host) - 1
    sites = inner(find_sites(host, "sheet"))
    assert {site.face for site in sites} == {"floor", "roof"}
    distances = []
    for site in sites:
        placed = place(host, site, "Li")
        distances.append(placed.get_distance(len(host), pillar, mic=True))
        lengths = placed.get_distances(len(host), range(len(host)), mic=True)
        sums = covalent_radii[host.numbers] + covalent_radii[3]
        assert (lengths / sums).min() > 0.849
    assert 2.2 < min(distances) < 2.9


def test_expanded_graphite_takes_an_ion_between_six_atoms_above_and_six_below() -> None:
    """LiC6 (AA, 3.70 Å) holds Li near twelve carbons; AB graphite (3.35 Å) has no room."""
    host = bilayer(sheet(), 3.70)
    hollow = next(site for site in inner(find_sites(host, "sheet")) if site.kind == "hollow")
    distances = place(host, hollow, "Li").get_distances(len(host), range(len(host)), mic=True)
    assert (np.sort(distances)[:12] < 2.45).all()
    bond = 2.46 / np.sqrt(3)
    assert inner(find_sites(bilayer(sheet(), 3.35, (0.0, bond)), "sheet")) == []


def test_a_sulfide_takes_an_ion_in_its_octahedral_place() -> None:
    host = bilayer(mx2("TiS2", a=3.41, size=(2, 2, 1), thickness=2.85, vacuum=8.0, kind="1T"), 2.85)
    host.pbc = (True, True, False)
    hollows = [site for site in inner(find_sites(host, "sheet")) if site.kind == "hollow"]
    nearest = [
        np.sort(place(host, s, "Li").get_distances(len(host), range(len(host)), mic=True))[:6]
        for s in hollows
    ]
    octahedra = [d for d in nearest if np.ptp(d) < 0.15]
    assert len(octahedra) == 1
    assert octahedra[0].mean() == pytest.approx(2.43, abs=0.05)


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (1.3, -2.2, 5.1)])
def test_galleries_do_not_depend_on_origin_or_vacuum(shift: tuple[float, float, float]) -> None:
    host = pillared()
    expected = [(s.label, s.multiplicity) for s in find_sites(host, "sheet")]
    host.cell[2, 2] += 7.0
    host.positions += shift
    host.wrap(pbc=(True, True, False))
    assert [(s.label, s.multiplicity) for s in find_sites(host, "sheet")] == expected


def test_a_slab_has_the_gallery_under_a_lifted_layer() -> None:
    host = bilayer(sheet(), 4.5)
    assert {site.face for site in find_sites(host, "slab")} == {"top", "floor", "roof"}


def test_an_ion_placed_in_a_gallery_is_kept_and_one_that_enters_it_is_intercalated() -> None:
    host = pillared()
    sites = find_sites(host, "sheet")
    first = inner(sites)[0]
    inside = place(host, first, "Na")
    kept = classify(host, inside, inside, sites, first, "sheet")
    assert (kept.label, kept.final_site) == ("kept", first.label)
    outer = next(site for site in sites if site.face == "top")
    entered = classify(host, place(host, outer, "Na"), inside, sites, outer, "sheet")
    assert (entered.label, entered.final_site) == ("intercalated", first.label)
    left = classify(host, inside, place(host, outer, "Na"), sites, first, "sheet")
    assert (left.label, left.final_site) == ("migrated", outer.label)
