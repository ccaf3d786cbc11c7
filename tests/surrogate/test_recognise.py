"""Which hosts count as one that the reference set holds."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc100, fcc111, graphene
from ase.neighborlist import neighbor_list
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


def turned_bond() -> Atoms:
    """Graphene 4 × 4 with one bond turned (Stone & Wales), its springs relaxed."""
    atoms = graphene(size=(4, 4, 1), vacuum=8.0)
    atoms.pbc = (True, True, False)
    first, second, shift, vector = neighbor_list("ijSD", atoms, 1.6)
    centre = atoms.cell.array[:2].sum(axis=0)[:2] / 2
    middles = (atoms.positions[first] + vector / 2)[:, :2]
    inside = np.flatnonzero((shift == 0).all(axis=1) & (first < second))
    bond = inside[np.linalg.norm(middles[inside] - centre, axis=1).argmin()]
    one, two = int(first[bond]), int(second[bond])
    across = np.cross([0.0, 0.0, 1.0], vector[bond])
    middle = atoms.positions[one] + vector[bond] / 2
    bonds = {(int(i), int(j), *map(int, s)) for i, j, s in zip(first, second, shift, strict=True)}
    for i in (one, two):
        for _, j, *s in [b for b in bonds if b[0] == i and b[1] not in {one, two}]:
            above = (atoms.positions[j] - middle) @ across > 0
            new = one if above else two
            bonds -= {(i, j, *s), (j, i, *(-x for x in s))}
            bonds |= {(new, j, *s), (j, new, *(-x for x in s))}
    atoms.positions[one], atoms.positions[two] = middle + across / 2, middle - across / 2
    _relax(atoms, sorted(bonds))
    return atoms


def _relax(atoms: Atoms, bonds: list[tuple[int, ...]]) -> None:
    """Springs of 1.42 Å along bonds, and of at least 2.3 Å between their other ends."""
    table = np.array(bonds)
    i, j, offset = table[:, 0], table[:, 1], table[:, 2:] @ atoms.cell.array
    angles = [(p, q) for p in range(len(table)) for q in range(len(table))
              if i[p] == i[q] and p != q]  # fmt: skip
    p, q = np.array(angles).T
    for _ in range(3000):
        x, force = atoms.positions, np.zeros_like(atoms.positions)
        ends = x[j] + offset
        for here, there, vector, wanted, push in (
            (i, j, ends - x[i], 1.42, 0.1),
            (j[p], j[q], ends[q] - ends[p], 2.46, 0.02),
        ):
            length = np.linalg.norm(vector, axis=1)
            pull = push * (1 - wanted / length)[:, None] * vector
            np.add.at(force, here, pull)
            np.add.at(force, there, -pull)
        atoms.positions += force


def test_a_topological_defect_is_another_host() -> None:
    """Formula and coordination are those of the pristine sheet; five- and seven-rings are not."""
    pristine = graphene(size=(4, 4, 1), vacuum=8.0)
    pristine.pbc = (True, True, False)
    defect = turned_bond()
    assert defect.get_chemical_formula() == pristine.get_chemical_formula()
    assert (np.bincount(neighbor_list("i", defect, 1.8)) == 3).all()
    assert not match(defect, {"pristine": Shape.of(pristine)})


def test_a_host_in_another_cell_is_known_less_surely() -> None:
    small, large = (graphene(size=(n, n, 1), vacuum=8.0) for n in (3, 4))
    found = match(large, {"small": Shape.of(small)})
    assert found
    assert found.other_cell
    assert found.likeness < 1.0
    both = {"small": Shape.of(small), "large": Shape.of(large)}
    assert match(large, both).key == "large"


def test_likeness_falls_with_the_difference_of_the_geometry() -> None:
    likeness = []
    for strain in (1.0, 1.003, 1.01, 1.02, 1.1):
        other = sheet("b")
        other.set_cell(other.cell * strain, scale_atoms=True)
        likeness.append(match(other, {"b": Shape.of(sheet("b"))}).likeness)
    assert likeness[0] == pytest.approx(1.0)
    assert all(a > b for a, b in itertools.pairwise(likeness))
    assert likeness[1] > 0.95
    assert likeness[-1] == 0.0


def test_a_shape_survives_json() -> None:
    shape = Shape.of(sheet("bn"))
    assert Shape.from_json(json.loads(json.dumps(asdict(shape)))) == shape
