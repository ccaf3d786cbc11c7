"""Tubes, ribbons, fullerenes and bowls: radii, coordination, edges, curvature."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from ase import Atoms

from screening.builders import build
from screening.builders.registry import Recipe
from screening.errors import InputError
from screening.structure import Candidate
from screening.structure.neighbours import close_pairs


def make(builder: str, **parameters: Any) -> Candidate:
    return build(Recipe(id="x", builder=builder, parameters=parameters))


def coordination(atoms: Atoms, symbol: str = "C") -> Counter[int]:
    first, *_ = close_pairs(atoms, 1.7)
    counts = np.bincount(first, minlength=len(atoms))
    return Counter(counts[atoms.symbols == symbol].tolist())


@pytest.mark.parametrize(
    ("n", "m", "atoms_a_cell", "period"),
    [(6, 0, 24, 4.261), (5, 5, 20, 2.460), (4, 2, 56, 11.2731)],
)
def test_a_nanotube_has_its_radius_period_and_three_neighbours(
    n: int, m: int, atoms_a_cell: int, period: float
) -> None:
    """Radius a sqrt(n² + nm + m²) / 2π (Saito et al., Physical Properties of CNTs, 1998)."""
    host = make("nanotube", n=n, m=m, cells=2)
    tube = host.atoms
    assert host.geometry == "tube"
    assert len(tube) == 2 * atoms_a_cell
    assert tube.cell[2] == pytest.approx([0, 0, 2 * period], abs=2e-3)
    centre = tube.positions[:, :2].mean(axis=0)
    radius = np.linalg.norm(tube.positions[:, :2] - centre, axis=1)
    expected = 2.46 * np.sqrt(n**2 + n * m + m**2) / (2 * np.pi)
    assert radius == pytest.approx([expected] * len(tube), abs=1e-3)
    assert coordination(tube) == {3: len(tube)}


def test_groups_on_a_tube_stand_outside() -> None:
    tube = make("nanotube", n=6, m=0, cells=2, groups=["epoxide", "hydroxyl"], seed=2).atoms
    centre = tube.positions[tube.symbols == "C", :2].mean(axis=0)
    radius = np.linalg.norm(tube.positions[:, :2] - centre, axis=1)
    assert radius[tube.symbols == "O"].min() > radius[tube.symbols == "C"].max() + 0.9


def test_a_tube_takes_the_motifs_of_a_sheet() -> None:
    tube = make("nanotube", n=6, m=0, cells=2, motif="pyridinic", dopant="N", count=3).atoms
    assert Counter(tube.symbols) == {"C": 44, "N": 3}
    assert coordination(tube, "N") == {2: 3}


def test_a_tube_with_m_above_n_is_refused() -> None:
    with pytest.raises(InputError, match="n not less than m"):
        make("nanotube", n=4, m=5)


@pytest.mark.parametrize(("edge", "period"), [("zigzag", 2.460), ("armchair", 4.261)])
def test_a_ribbon_is_periodic_along_a_and_closed_with_hydrogen(edge: str, period: float) -> None:
    host = make("nanoribbon", edge=edge, width=3, length=2, gap=9.0)
    atoms = host.atoms
    assert host.geometry == "sheet"
    assert atoms.cell.lengths()[0] == pytest.approx(2 * period, abs=2e-3)
    assert atoms.cell.lengths()[1] - np.ptp(atoms.positions[:, 1]) == pytest.approx(9.0)
    assert coordination(atoms) == {3: (atoms.symbols == "C").sum()}
    assert coordination(atoms, "H") == {1: (atoms.symbols == "H").sum()}
    assert np.ptp(atoms.positions[:, 2]) < 1e-9


def test_edge_groups_replace_edge_hydrogen() -> None:
    plain = Counter(make("nanoribbon", width=3, length=2).atoms.symbols)
    groups = ["carbonyl", "carboxyl", "fluoride", "hydroxyl"]
    closed = make("nanoribbon", width=3, length=2, edge_groups=groups).atoms
    change = Counter(closed.symbols)
    change.subtract(plain)
    assert {s: n for s, n in change.items() if n} == {"C": 1, "O": 4, "F": 1, "H": -2}


def test_edge_dopants_replace_edge_carbon_and_its_hydrogen() -> None:
    atoms = make("nanoribbon", width=3, length=2, edge_dopants=["N", "N"], seed=4).atoms
    assert Counter(atoms.symbols) == {"C": 22, "N": 2, "H": 6}
    assert coordination(atoms, "N") == {2: 2}
    with pytest.raises(InputError, match="no edge place for another N"):
        make("nanoribbon", width=3, length=1, edge_dopants=["N"] * 5)
    with pytest.raises(InputError, match="not a chemical element"):
        make("nanoribbon", edge_dopants=["Qq"])


def test_the_fullerene_is_a_closed_ball() -> None:
    ball = make("fullerene").atoms
    radius = np.linalg.norm(ball.positions - ball.positions.mean(axis=0), axis=1)
    assert coordination(ball) == {3: 60}
    assert radius == pytest.approx([3.55] * 60, abs=0.05)  # Hedberg et al., Science 254, 410 (1991)


@pytest.mark.parametrize(
    ("parameters", "formula"),
    [
        ({"core": "pentagon"}, "C20H10"),
        ({"core": "hexagon"}, "C21H12"),
        ({"core": "hexagon", "motif": "graphitic", "dopant": "N"}, "C20H12N"),
        ({"core": "hexagon", "motif": "pyridinic", "dopant": "N", "count": 2}, "C19H10N2"),
        ({"core": "hexagon", "motif": "pyrrolic", "dopant": "N"}, "C20H11N"),
        ({"core": "hexagon", "motif": "pyrrolic", "dopant": "S", "count": 3}, "C18H6S3"),
    ],
)
def test_a_bowl_is_a_known_molecule(parameters: dict[str, Any], formula: str) -> None:
    host = make("carbon-bowl", **parameters)
    assert (host.geometry, host.formula) == ("cluster", formula)


def test_a_bowl_is_curved_and_opens_downwards() -> None:
    atoms = make("carbon-bowl", core="pentagon").atoms
    carbon = atoms[atoms.symbols == "C"].positions
    core = carbon[carbon[:, 2] > carbon[:, 2].max() - 0.1]
    assert len(core) == 5
    assert 0.8 < core[:, 2].mean() - carbon[:, 2].min() < 1.9


@pytest.mark.parametrize(("motif", "neighbours"), [("graphitic", 3), ("pyridinic", 2)])
def test_nitrogen_on_a_bowl_has_the_neighbours_of_its_motif(motif: str, neighbours: int) -> None:
    atoms = make("carbon-bowl", motif=motif, dopant="N").atoms
    assert coordination(atoms, "N") == {neighbours: 1}


@pytest.mark.parametrize(
    ("parameters", "part"),
    [
        ({"motif": "graphitic"}, "needs a dopant"),
        ({"dopant": "N"}, "pristine bowl takes none"),
        ({"core": "pentagon", "motif": "pyrrolic", "dopant": "N"}, "sumanene"),
    ],
)
def test_a_bowl_that_cannot_be_is_refused(parameters: dict[str, Any], part: str) -> None:
    with pytest.raises(InputError, match=part):
        make("carbon-bowl", **parameters)
