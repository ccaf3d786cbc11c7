"""What became of an ion, and of its host."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.cluster import Icosahedron

from screening.geometry import Outcome, classify, find_sites, motif_changed, place
from tests.geometry.hosts import boron_doped, janus, mxene_oxide, sheet, slab, tube, vacancy


def relaxed(
    host: Atoms, label: str, ion_shift: tuple[float, float, float] = (0, 0, 0), *,
    geometry: str = "sheet", ion: str = "Li", drift: tuple[float, float, float] = (0, 0, 0),
    moved: dict[int, tuple[float, float, float]] | None = None,
) -> Outcome:  # fmt: skip
    """Outcome after the ion moved by `ion_shift`, some atoms moved, and all drifted."""
    sites = find_sites(host, geometry)
    start = next(site for site in sites if site.label == label)
    initial = place(host, start, ion)
    final = initial.copy()
    final.set_constraint()
    final.positions[-1] += ion_shift
    for index, shift in (moved or {}).items():
        final.positions[index] += shift
    final.positions += drift
    return classify(host, initial, final, sites, start, geometry)


def step(host: Atoms, one: str, other: str) -> np.ndarray:
    """Vector between the anchors of two sites, shortest image, in the plane."""
    anchors = {site.label: np.array(site.anchor) for site in find_sites(host, "sheet")}
    pair = Atoms("X2", [anchors[one], anchors[other]], cell=host.cell, pbc=host.pbc)
    return pair.get_distance(0, 1, mic=True, vector=True) * (1, 1, 0)


def test_ion_that_only_sinks_is_kept() -> None:
    outcome = relaxed(sheet(), "hollow-1", (0.1, 0.1, -0.3))
    assert (outcome.label, outcome.final_site) == ("kept", "hollow-1")
    assert outcome.host_disp_a == pytest.approx(0.0, abs=1e-9)


def test_ion_that_slides_from_top_to_hollow_migrated() -> None:
    host = sheet()
    outcome = relaxed(host, "top-1", tuple(step(host, "top-1", "hollow-1")))
    assert (outcome.label, outcome.final_site) == ("migrated", "hollow-1")


def test_an_equivalent_copy_of_a_site_is_the_same_site() -> None:
    host = sheet()
    outcome = relaxed(host, "hollow-1", tuple(host.cell[0] / 3))
    assert (outcome.label, outcome.final_site) == ("kept", "hollow-1")
    doped = boron_doped()
    turned = np.array([[-0.5, -np.sqrt(0.75), 0], [np.sqrt(0.75), -0.5, 0], [0, 0, 1]])
    site = find_sites(doped, "sheet")[0]
    boron = doped.positions[7]
    offset = np.array(site.anchor) - boron
    outcome = relaxed(doped, "hollow-1", tuple(turned @ offset - offset))
    assert (outcome.label, outcome.final_site) == ("kept", "hollow-1")


@pytest.mark.parametrize(
    ("make", "geometry"),
    [
        (boron_doped, "sheet"), (vacancy, "sheet"), (janus, "sheet"), (mxene_oxide, "sheet"),
        (lambda: slab("fcc111"), "slab"), (lambda: tube(5, 5, 1), "tube"),
        (lambda: Icosahedron("Cu", 2), "cluster"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ion", ["Li", "K"])
def test_an_ion_that_does_not_move_is_kept_at_every_site(make, geometry: str, ion: str) -> None:
    host = make()
    sites = find_sites(host, geometry)
    for site in sites:
        placed = place(host, site, ion)
        outcome = classify(host, placed, placed, sites, site, geometry)
        assert outcome == Outcome("kept", site.label, pytest.approx(0.0, abs=1e-9))


def test_the_other_side_of_the_cell_is_no_migration() -> None:
    host = sheet()
    outcome = relaxed(host, "bridge-1", tuple(host.cell[0] + 2 * host.cell[1]))
    assert (outcome.label, outcome.final_site) == ("kept", "bridge-1")


def test_a_sheet_may_float() -> None:
    outcome = relaxed(sheet(), "hollow-1", drift=(0.4, -3.3, 0.7), moved={3: (0, 0, 0.2)})
    assert (outcome.label, outcome.final_site) == ("kept", "hollow-1")
    assert outcome.host_disp_a == pytest.approx(0.2, abs=1e-9)


def test_a_cluster_may_turn() -> None:
    host = Icosahedron("Cu", 2)
    sites = find_sites(host, "cluster")
    initial = place(host, sites[0], "Li")
    final = initial.copy()
    final.rotate(25.0, (1, 2, 3))
    final.positions += (1.0, 2.0, 3.0)
    outcome = classify(host, initial, final, sites, sites[0], "cluster")
    assert (outcome.label, outcome.final_site) == ("kept", "hollow-1")
    assert outcome.host_disp_a == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("ion", "rise"), [("Li", 2.0), ("K", 2.5)])
def test_ion_out_of_touch_desorbed(ion: str, rise: float) -> None:
    outcome = relaxed(sheet(), "hollow-1", (0, 0, rise), ion=ion)
    assert (outcome.label, outcome.final_site) == ("desorbed", None)


def test_a_large_ion_that_stands_higher_is_still_bound() -> None:
    """3.3 Å over carbon is out of touch for Li, an ordinary height for K."""
    rises = {ion: 3.3 - height for ion, height in (("Li", 1.74), ("K", 2.72))}
    assert relaxed(sheet(), "hollow-1", (0, 0, rises["Li"]), ion="Li").label == "desorbed"
    assert relaxed(sheet(), "hollow-1", (0, 0, rises["K"]), ion="K").label == "kept"


def test_ion_under_the_outer_layer_intercalated() -> None:
    bilayer = sheet(2)
    bilayer.positions[:, 2] = 8.0
    upper = bilayer.copy()
    upper.positions += (0, 1.42, 3.6)
    bilayer += upper
    bilayer.cell[2, 2] = 24.0
    outcome = relaxed(bilayer, "hollow-1", (0, 0, -3.5))
    assert outcome.label == "intercalated"
    assert relaxed(bilayer, "hollow-1", (0, 0, -0.1)).label == "kept"


def test_ion_that_takes_the_place_of_a_metal_atom_incorporated() -> None:
    host = slab("fcc100")
    top = int(host.positions[:, 2].argmax())
    sites = find_sites(host, "slab")
    start = next(site for site in sites if site.kind == "top")
    initial = place(host, start, "Li")
    final = initial.copy()
    final.set_constraint()
    final.positions[-1] = host.positions[top]
    final.positions[top] += (1.28, 1.28, 2.0)
    outcome = classify(host, initial, final, sites, start, "slab")
    assert outcome.label == "incorporated"
    assert outcome.final_site is None
    assert "broke" in outcome.detail
    assert outcome.host_disp_a == pytest.approx(np.sqrt(2 * 1.28**2 + 4), abs=1e-6)


def test_host_that_loses_a_bond_under_an_adsorbed_ion_reconstructed() -> None:
    outcome = relaxed(sheet(4), "hollow-1", moved={20: (0, 0, -1.6)})
    assert outcome.label == "reconstructed"
    assert outcome.detail.startswith("bond C")
    assert outcome.final_site == "hollow-1"


@pytest.mark.parametrize("pull", [1.0, 1.2])
def test_a_host_with_an_atom_pulled_out_is_not_what_it_was(pull: float) -> None:
    outcome = relaxed(sheet(4), "hollow-1", moved={20: (0, 0, pull)})
    assert outcome.label == "reconstructed"
    assert outcome.detail == f"C20 moved by {pull:.2f} Å"
    assert outcome.host_disp_a == pytest.approx(pull)


def test_an_ordinary_relaxation_is_none() -> None:
    assert relaxed(sheet(4), "hollow-1", moved={20: (0, 0, 0.5), 3: (0.3, 0, 0)}).label == "kept"


def test_a_cluster_that_slides_on_its_sheet_is_a_changed_host() -> None:
    host = sheet(4)
    upper = Atoms("Cu3", [(0, 0, 0), (2.5, 0, 0), (1.25, 2.17, 0)])
    upper.positions += (1.0, 1.0, host.positions[0, 2] + 3.2)
    host += upper
    slid = {32 + i: (0.8, 0.8, 0.0) for i in range(3)}
    label = next(s.label for s in find_sites(host, "sheet") if s.face == "bottom")
    assert relaxed(host, label).label == "kept"
    assert relaxed(host, label, moved=slid).label == "reconstructed"


def test_hydrogen_may_swing_about_its_bond() -> None:
    host = sheet(4)
    oxygen, hydrogen = host.positions[10] + (0, 0, 1.45), host.positions[10] + (0.9, 0, 1.8)
    host += Atoms("OH", [oxygen, hydrogen])
    outcome = relaxed(host, "hollow-1-bottom", moved={33: (-1.8, 0, 0)})
    assert (outcome.label, outcome.host_disp_a) == ("kept", pytest.approx(1.8))


def test_outcomes_on_a_tube() -> None:
    host = tube()
    sites = find_sites(host, "tube")
    start = next(site for site in sites if site.label == "hollow-1")
    initial = place(host, start, "Li")
    turned = initial.copy()
    centre = host.positions[:, :2].mean(axis=0)
    x, y = initial.positions[-1, :2] - centre
    turned.positions[-1, :2] = centre[0] - y, centre[1] + x
    assert classify(host, initial, turned, sites, start, "tube").final_site == "hollow-1"


def test_motif_is_kept_by_small_and_common_displacements() -> None:
    host = mxene_oxide()
    moved = host.copy()
    moved.rattle(0.08, seed=2)
    moved.positions += (4.0, 1.0, 0.2)
    moved.wrap(pbc=(True, True, False))
    assert motif_changed(host, moved) == ""


def test_motif_is_lost_when_a_dopant_leaves_or_a_bond_forms() -> None:
    host = boron_doped()
    away = host.copy()
    away.positions[7, 2] += 2.0
    assert "B7" in motif_changed(host, away)
    apart = Atoms("Cu2", [(0, 0, 0), (0, 0, 4.2)])
    bonded = Atoms("Cu2", [(0, 0, 0), (0, 0, 2.5)])
    assert motif_changed(apart, bonded) == "bond Cu0–Cu1 formed (4.20 to 2.50 Å)"
    assert motif_changed(bonded, apart) == "bond Cu0–Cu1 broke (2.50 to 4.20 Å)"


def test_inputs_are_left_untouched() -> None:
    host = slab("fcc111")
    sites = find_sites(host, "slab")
    initial = place(host, sites[0], "Li")
    final = initial.copy()
    final.positions[-1] += 0.1
    copies = host.copy(), initial.copy(), final.copy()
    classify(host, initial, final, sites, sites[0], "slab")
    assert (host, initial, final) == copies
    assert len(final.constraints) == 1
