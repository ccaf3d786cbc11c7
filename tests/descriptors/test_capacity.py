"""Capacity and volume change, against the numbers every paper quotes."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from screening.builders import load_catalogue
from screening.builders.families.alloy import ALLOYS
from screening.descriptors.capacity import alloy_volume_change, capacity, volume_change
from screening.errors import TaskError
from screening.resources import default_structures
from screening.units import BCC_LATTICE_A

CATALOGUE = load_catalogue(default_structures())


def box(symbols: str, edge: float) -> Atoms:
    atoms = Atoms(symbols, cell=[edge] * 3, pbc=True)
    atoms.positions = np.random.default_rng(0).random((len(atoms), 3)) * edge
    return atoms


def test_lithiated_graphite_holds_372_mah_per_gram_of_graphite() -> None:
    found = capacity(Atoms("C6"), "Li", 1)
    assert found.host_mah_g == pytest.approx(372, abs=0.5)
    assert found.anode_mah_g == pytest.approx(339, abs=0.5)


@pytest.mark.parametrize(("ion", "expected"), [("Li", 3861), ("Na", 1166), ("K", 685)])
def test_the_metal_alone_has_its_theoretical_capacity(ion, expected: float) -> None:
    found = capacity(Atoms(), ion, 7)
    assert found.host_mah_g is None
    assert found.anode_mah_g == pytest.approx(expected, abs=1)


def test_capacity_per_host_grows_with_the_ions_and_per_anode_stays_below_the_metal() -> None:
    few, many = (capacity(Atoms("C6"), "Li", n) for n in (1, 1000))
    assert many.host_mah_g == pytest.approx(1000 * few.host_mah_g)
    assert few.anode_mah_g < many.anode_mah_g < 3861.5


def test_capacity_does_not_depend_on_the_size_of_the_cell() -> None:
    assert capacity(Atoms("C12"), "Li", 2) == capacity(Atoms("C6"), "Li", 1)


def test_no_ions_hold_no_charge() -> None:
    with pytest.raises(TaskError, match="no charge"):
        capacity(Atoms("C6"), "Li", 0)


def test_volume_change_by_hand() -> None:
    # 1 Sn of 27 Å3 and 1 Li of 8 Å3 become LiSn of 64 Å3, given as two units.
    found = volume_change(box("Sn", 3.0), box("Li2Sn2", (2 * 64) ** (1 / 3)), box("Li", 2.0))
    assert found.swelling == pytest.approx(64 / 27 - 1, abs=1e-9)
    assert found.reaction == pytest.approx(64 / 35 - 1, abs=1e-9)


def test_cells_of_any_size_give_the_same() -> None:
    host, alloy, metal = box("Sn", 3.0), box("Li3Sn", 4.5), box("Li", 2.7)
    larger = volume_change(host * (2, 1, 1), alloy * (3, 1, 1), metal * (1, 2, 2))
    small = volume_change(host, alloy, metal)
    assert larger.swelling == pytest.approx(small.swelling)
    assert larger.reaction == pytest.approx(small.reaction)


def test_bismuth_more_than_doubles_when_it_becomes_li3bi_while_the_anode_shrinks() -> None:
    # Bi: 35.4 Å3 an atom; Li3Bi: 6.722^3/4 = 75.9 Å3 a unit
    bismuth = Atoms("Bi", cell=np.eye(3) * 35.39 ** (1 / 3), pbc=True)
    lithium = bulk("Li", "bcc", a=BCC_LATTICE_A["Li"])
    found = volume_change(bismuth, ALLOYS["Li3Bi"].atoms(), lithium)
    assert found.swelling == pytest.approx(75.93 / 35.39 - 1, abs=2e-3)
    assert found.reaction < -0.2


@pytest.mark.parametrize("alloy", ["Sn2", "LiSb", "SnPbLi", "Li"])
def test_an_alloy_of_other_elements_is_refused(alloy: str) -> None:
    with pytest.raises(TaskError, match="does not consist"):
        volume_change(box("Sn", 3.0), box(alloy, 5.0), box("Li", 2.7))


def test_a_compound_host_must_keep_its_proportions() -> None:
    with pytest.raises(TaskError, match="does not consist"):
        volume_change(box("SnO2", 4.0), box("LiSnO", 5.0), box("Li", 2.7))


def test_a_sheet_has_no_volume() -> None:
    sheet = box("C2", 3.0)
    sheet.pbc = (True, True, False)
    with pytest.raises(TaskError, match="host is no bulk crystal"):
        volume_change(sheet, box("LiC6", 4.0), box("Li", 2.7))


LITHIUM_IN_ALLOYS_A3 = 14.8
"""Volume of a Li atom in its alloys, 8.9 cm³/mol: Obrovac & Chevrier, Chem. Rev. 114, 11444."""


def recipe(host: str) -> dict:
    return dict(CATALOGUE.build(host).recipe)


@pytest.mark.parametrize(
    ("host", "lithium", "atom_a3"),
    [("liag-110", 1, 17.06), ("liau-110", 1, 16.96), ("lial-110", 1, 16.60),
     ("lizn-110", 1, 15.21), ("li3bi-110", 3, 35.4)],
)  # fmt: skip
def test_alloys_swell_by_the_volume_that_lithium_takes_in_all_of_them(
    host: str, lithium: int, atom_a3: float
) -> None:
    found = alloy_volume_change(recipe(host), "Li")
    assert found.swelling == pytest.approx(lithium * LITHIUM_IN_ALLOYS_A3 / atom_a3, rel=0.25)
    assert found.reaction < 0


def test_a_compound_by_hand() -> None:
    # NaZn13: 12.2836³/8 Å3 a unit; zinc: sqrt(3)/4 · 2.6648² · 4.9467 Å3 an atom; Na: 4.225³/2 Å3
    zinc, sodium, unit = 3**0.5 / 4 * 2.6648**2 * 4.9467, 4.225**3 / 2, 12.2836**3 / 8
    found = alloy_volume_change(recipe("nazn13-111"), "Na")
    assert found.swelling == pytest.approx(unit / (13 * zinc) - 1, abs=1e-6)
    assert found.reaction == pytest.approx(unit / (13 * zinc + sodium) - 1, abs=1e-6)


@pytest.mark.parametrize(
    ("host", "ion", "reason"),
    [
        ("liag-110", "Na", "no alloy of Na"),
        ("li-110", "Li", "no alloy of Li"),
        ("sno2-110", "Li", "O2Sn|SnO2"),
        ("graphene", "K", "cuts no crystal"),
        ("cu-111-saa-Ag", "Li", "cuts no crystal"),
    ],
)
def test_what_is_no_alloy_of_the_ion_has_no_volume_change(host, ion, reason: str) -> None:
    with pytest.raises(TaskError, match=reason):
        alloy_volume_change(recipe(host), ion)


def test_a_host_element_of_unknown_crystal_has_a_reason() -> None:
    parameters = {"compound": "LiGa", "miller": [1, 1, 0], "layers": 3}
    with pytest.raises(TaskError, match="no crystal of Ga"):
        alloy_volume_change({"builder": "alloy", "parameters": parameters}, "Li")
