"""Which hops a symmetry of the host carries onto their reverse, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.cluster import Icosahedron

from screening.geometry import find_sites, transported
from screening.geometry.hops import Hop
from tests.geometry.hosts import boron_doped, sheet, slab, tube
from tests.geometry.test_hops import hops_of, minima


def carried(host: Atoms, atoms: Atoms, hop: Hop) -> Atoms:
    assert hop.mirror is not None
    return transported(host, atoms, hop.mirror)


@pytest.mark.parametrize(
    ("host", "geometry"),
    [
        (sheet(1), "sheet"),
        (sheet(3), "sheet"),
        (slab("fcc100"), "slab"),
        (slab("fcc110"), "slab"),
        (tube(), "tube"),
        (Icosahedron("Cu", 2), "cluster"),
    ],
)
def test_the_mirror_carries_start_to_end_and_back(host: Atoms, geometry: str) -> None:
    for hop in hops_of(host, geometry, "hollow-1"):
        assert carried(host, hop.start, hop).positions == pytest.approx(hop.end.positions)
        assert carried(host, hop.end, hop).positions == pytest.approx(hop.start.positions, abs=1e-3)


def test_a_hop_between_different_sites_has_no_mirror() -> None:
    for hop in hops_of(slab("fcc111"), "slab", "hollow-1", "hollow-2"):
        assert hop.mirror is None


def test_a_relaxed_host_that_is_only_nearly_symmetric_still_gives_exact_ends() -> None:
    """Free atoms may deviate: the image of the start is an end of equal energy whatever they do."""
    host = sheet(3)
    noise = np.random.default_rng(1).normal(scale=0.01, size=host.positions.shape)
    host.positions += noise
    (hop,) = hops_of(host, "sheet", "hollow-1")
    assert carried(host, hop.end, hop).positions == pytest.approx(hop.start.positions, abs=1e-3)
    lengths = [np.sort(end.get_all_distances(mic=True).ravel()) for end in (hop.start, hop.end)]
    assert lengths[0] == pytest.approx(lengths[1], abs=1e-9)


def test_fixed_atoms_off_their_symmetric_places_forbid_the_mirror() -> None:
    host = slab("fcc100")
    fixed = host.constraints[0].index
    host.positions[fixed] += np.random.default_rng(1).normal(scale=0.02, size=(len(fixed), 3))
    (found,) = {hop.mirrored for hop in hops_of(host, "slab", "hollow-1")}
    assert found
    assert all(hop.mirror is None for hop in hops_of(host, "slab", "hollow-1"))


def test_a_cell_that_is_only_nearly_symmetric_forbids_the_mirror() -> None:
    host = sheet(3)
    sheared = host.cell.array @ np.array([[1, 0.002, 0], [0, 1, 0], [0, 0, 1]])
    host.set_cell(sheared, scale_atoms=True)
    for hop in hops_of(host, "sheet", "hollow-1"):
        # Only the twofold axis maps any lattice onto itself.
        assert hop.mirror is not None
        assert hop.mirror.rotation[:2, :2] == pytest.approx(-np.eye(2))


def test_doped_sheets_have_mirrors_for_hops_between_copies_only() -> None:
    host = boron_doped()
    labels = [s.label for s in find_sites(host, "sheet") if s.kind == "hollow"]
    assert minima(host, "sheet", *labels)
    for hop in hops_of(host, "sheet", *labels):
        assert (hop.mirror is not None) == (hop.minima[0] == hop.minima[1])
