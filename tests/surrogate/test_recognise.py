"""Which hosts count as one that the reference set holds."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import fcc100, fcc111, graphene
from carbon_hosts import SHEETS, sheet

from screening.surrogate.recognise import Shape, match


def same(one: Atoms, other: Atoms) -> bool:
    found = match(one, {"other": Shape.of(other)})
    return bool(found) and not found.other_cell


@pytest.mark.parametrize("name", SHEETS)
def test_a_host_is_itself_wherever_it_stands_and_however_it_is_numbered(name: str) -> None:
    other = sheet(name)[::-1]
    other.translate([0.7, 0.4, 1.0])
    other.rotate(30.0, "z", rotate_cell=True)
    other.wrap()
    assert same(sheet(name), other)


def test_relaxing_with_another_engine_or_another_vacuum_makes_no_other_host() -> None:
    other = sheet("b")
    other.set_cell(other.cell * 1.003, scale_atoms=True)
    other.rattle(0.01, seed=1)
    other.center(vacuum=12.0, axis=2)
    assert same(sheet("b"), other)


def test_other_dopants_are_another_host() -> None:
    for one in SHEETS:
        assert [name for name in SHEETS if same(sheet(one), sheet(name))] == [one]


@pytest.mark.parametrize("second", [1, 12, 16])
def test_the_same_dopants_at_other_distances_are_another_host(second: int) -> None:
    """Atom 8 is a second neighbour of the first; these are its first, fifth and sixth ones."""
    hosts = []
    for place in (8, second):
        host = graphene(size=(4, 4, 1), vacuum=8.0)
        host.symbols[[0, place]] = "B"
        hosts.append(host)
    assert not same(*hosts)


def test_another_coverage_or_thickness_is_another_host() -> None:
    small, large = (graphene(size=(n, n, 1), vacuum=8.0) for n in (3, 4))
    assert not same(small, large)
    thin, thick = (fcc111("Al", (2, 2, n), vacuum=8.0) for n in (3, 4))
    assert not same(thin, thick)


def test_another_face_of_the_same_metal_is_another_host() -> None:
    assert not same(fcc111("Al", (2, 2, 3), vacuum=8.0), fcc100("Al", (2, 2, 3), vacuum=8.0))


def test_the_host_is_left_as_it_was() -> None:
    host = sheet("b")
    match(host, {"itself": Shape.of(host)})
    assert host == sheet("b")
