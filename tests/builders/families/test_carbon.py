"""Sheets of carbon as a referee would check them: bonds, coordination, stoichiometry, motifs."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from ase import Atoms

from screening.builders import build
from screening.builders.families.carbon import INTERLAYER_A
from screening.builders.registry import Recipe
from screening.errors import InputError
from screening.structure import Candidate, fixed_indices
from screening.structure.neighbours import close_pairs


def graphene(**parameters: Any) -> Candidate:
    return build(Recipe(id="g", builder="graphene", parameters=parameters))


def refusal(builder: str = "graphene", **parameters: Any) -> str:
    with pytest.raises(InputError) as caught:
        build(Recipe(id="g", builder=builder, parameters=parameters))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def bonds(atoms: Atoms, symbol: str, cutoff: float = 2.0) -> dict[str, list[float]]:
    """Distances from the atoms of an element to their neighbours, by the neighbours' element."""
    found: dict[str, list[float]] = {}
    for i, j, _, distance in zip(*close_pairs(atoms, cutoff), strict=True):
        if atoms.symbols[i] == symbol:
            found.setdefault(atoms.symbols[j], []).append(float(distance))
    return found


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 4), (7, 2)])
def test_graphene_of_any_size(size: tuple[int, int]) -> None:
    host = graphene(size=size)
    assert (host.geometry, host.family) == ("sheet", "carbon")
    assert len(host.atoms) == 2 * size[0] * size[1]
    assert host.atoms.cell.lengths()[:2] == pytest.approx(2.46 * np.array(size), abs=1e-9)
    assert host.atoms.cell.angles() == pytest.approx([90, 90, 120])
    lengths = bonds(host.atoms, "C", 1.6)["C"]
    assert len(lengths) == 3 * len(host.atoms)
    assert lengths == pytest.approx([2.46 / np.sqrt(3)] * len(lengths), abs=1e-9)


def test_graphene_is_flat_and_centred_in_its_vacuum() -> None:
    atoms = graphene(vacuum=10.0).atoms
    assert atoms.positions[:, 2] == pytest.approx([10.0] * len(atoms), abs=1e-9)
    assert atoms.cell[2] == pytest.approx([0, 0, 20.0], abs=1e-9)


@pytest.mark.parametrize("dopant", ["B", "N", "O", "F", "Si", "P", "S"])
def test_a_graphitic_dopant_has_three_carbon_neighbours(dopant: str) -> None:
    atoms = graphene(motif="graphitic", dopant=dopant).atoms
    assert Counter(atoms.symbols) == {"C": 17, dopant: 1}
    lengths = bonds(atoms, dopant)
    assert list(lengths) == ["C"]
    assert len(lengths["C"]) == 3


@pytest.mark.parametrize(("dopant", "bond"), [("Si", 1.75), ("P", 1.77), ("S", 1.75)])
def test_a_large_dopant_stands_above_the_plane_at_its_bond_length(dopant: str, bond: float) -> None:
    """Bond lengths: PBE, Denis, Chem. Phys. Lett. 492, 251 (2010)."""
    atoms = graphene(motif="graphitic", dopant=dopant).atoms
    assert np.ptp(atoms.positions[:, 2]) > 0.9
    assert bonds(atoms, dopant)["C"] == pytest.approx([bond] * 3, rel=0.06)


@pytest.mark.parametrize("dopant", ["B", "N", "O", "F"])
def test_a_small_dopant_stays_in_the_plane(dopant: str) -> None:
    assert np.ptp(graphene(motif="graphitic", dopant=dopant).atoms.positions[:, 2]) < 1e-9


@pytest.mark.parametrize(
    ("position", "distance"), [("ortho", 1.420), ("meta", 2.460), ("para", 2.841)]
)
def test_a_pair_sits_in_one_hexagon(position: str, distance: float) -> None:
    atoms = graphene(size=[4, 4], motif="pair", dopant="O", co_dopant="B", position=position).atoms
    assert Counter(atoms.symbols) == {"C": 30, "O": 1, "B": 1}
    oxygen, boron = (atoms.symbols.search(s)[0] for s in "OB")
    assert atoms.get_distance(oxygen, boron, mic=True) == pytest.approx(distance, abs=1e-3)


@pytest.mark.parametrize(("missing", "size"), [(1, 3), (2, 4), (6, 4)])
def test_a_vacancy_lacks_as_many_atoms_as_stated(missing: int, size: int) -> None:
    atoms = graphene(size=[size, size], motif="vacancy", missing=missing).atoms
    assert len(atoms) == 2 * size**2 - missing
    first, *_ = close_pairs(atoms, 1.6)
    coordination = np.bincount(first, minlength=len(atoms))
    assert sorted(coordination)[: {1: 3, 2: 4, 6: 6}[missing]] == [2] * {1: 3, 2: 4, 6: 6}[missing]
    assert min(coordination) == 2


@pytest.mark.parametrize(("missing", "count"), [(1, 1), (1, 2), (1, 3), (2, 4), (6, 6)])
def test_pyridinic_nitrogen_has_two_carbon_neighbours(missing: int, count: int) -> None:
    atoms = graphene(size=[4, 4], motif="pyridinic", dopant="N", missing=missing, count=count).atoms
    assert Counter(atoms.symbols) == {"C": 32 - missing - count, "N": count}
    assert len(bonds(atoms, "N", 1.6)["C"]) == 2 * count


def test_pyrrolic_nitrogen_closes_a_five_membered_ring_and_carries_hydrogen() -> None:
    atoms = graphene(size=[4, 4], motif="pyrrolic", dopant="N").atoms
    around = bonds(atoms, "N", 1.6)
    assert {s: len(d) for s, d in around.items()} == {"C": 2, "H": 1}
    assert around["H"] == pytest.approx([1.01], abs=1e-6)
    assert ring_size(atoms, "N") == 5


def test_thiophenic_sulphur_closes_a_five_membered_ring() -> None:
    atoms = graphene(size=[4, 4], motif="thiophenic", dopant="S").atoms
    around = bonds(atoms, "S")
    assert {s: len(d) for s, d in around.items()} == {"C": 2}
    assert around["C"] == pytest.approx([1.72, 1.72], rel=0.05)  # thiophene 1.714 Å
    assert ring_size(atoms, "S") == 5


def ring_size(atoms: Atoms, symbol: str) -> int:
    """Atoms in the smallest ring through the only atom of an element."""
    first, second, *_ = close_pairs(atoms, 1.9)
    links: dict[int, set[int]] = {}
    for i, j in zip(first, second, strict=True):
        if "H" not in (atoms.symbols[i], atoms.symbols[j]):
            links.setdefault(int(i), set()).add(int(j))
    centre = int(atoms.symbols.search(symbol)[0])
    start, end = links[centre]
    reached, steps = {start}, 1
    while end not in reached:
        reached |= {j for i in reached for j in links[i]} - {centre}
        steps += 1
    return steps + 1


@pytest.mark.parametrize("metal", ["Fe", "Co", "Ni", "Cu", "Zn"])
def test_a_single_metal_atom_has_four_nitrogen_neighbours(metal: str) -> None:
    atoms = graphene(size=[4, 4], motif="single-atom", dopant=metal).atoms
    assert Counter(atoms.symbols) == {"C": 26, "N": 4, metal: 1}
    assert bonds(atoms, metal, 2.2) == {"N": pytest.approx([1.88] * 4, abs=0.01)}


def test_graphite_is_ab_stacked_with_its_lowest_layer_fixed() -> None:
    host = build(Recipe(id="g", builder="graphite", parameters={"size": [2, 2], "layers": 3}))
    atoms = host.atoms
    heights = np.unique(atoms.positions[:, 2].round(6))
    assert host.geometry == "slab"
    assert np.diff(heights) == pytest.approx([INTERLAYER_A] * 2)
    assert list(fixed_indices(atoms)) == list(range(8))
    layers = [atoms[np.isclose(atoms.positions[:, 2], z)] for z in heights]
    on_top = [
        sum(
            np.linalg.norm(layers[0].positions[:, None, :2] - b.positions[None, :, :2], axis=2).min(
                axis=0
            )
            < 0.01
        )
        for b in layers[1:]
    ]
    assert on_top[1] == 8
    assert on_top[0] < 8


def test_parameters_that_contradict_each_other_are_refused() -> None:
    assert "needs a dopant" in refusal(motif="graphitic")
    assert "takes no dopant" in refusal(dopant="N")
    assert "not a chemical element" in refusal(motif="graphitic", dopant="Qq")
    assert "needs both" in refusal(motif="pair", dopant="N", co_dopant="B")
    assert "count 4" in refusal(motif="pyridinic", dopant="N", count=4)
    assert "missing belongs" in refusal(motif="graphitic", dopant="N", missing=2)
    assert "o_to_c needs groups" in refusal(o_to_c=0.1)
    assert "fixed" in refusal("graphite", layers=2, fixed_layers=2)


@pytest.mark.parametrize("size", [[0, 3], [-1, 2], [3], [3.0, 3], "3x3", [10**6, 10**6]])
def test_a_size_that_makes_no_sense_is_refused(size: Any) -> None:
    assert "size" in refusal(size=size)


@pytest.mark.parametrize(
    ("size", "motif"),
    [(1, {"motif": "graphitic", "dopant": "N"}), (2, {"motif": "vacancy", "missing": 6})],
)
def test_a_cell_too_small_for_its_motif_is_refused(size: int, motif: dict[str, Any]) -> None:
    assert "too small" in refusal(size=[size, size], **motif)


def test_building_twice_gives_the_same_and_leaves_the_first_alone() -> None:
    first = graphene(motif="graphitic", dopant="Si")
    before = first.atoms.copy()
    second = graphene(motif="graphitic", dopant="Si")
    assert second.atoms == before
    assert first.atoms == before
