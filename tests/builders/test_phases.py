"""The catalogue of crystals: each has the space group, formula and density that it states."""

from pathlib import Path

import numpy as np
import pytest
from ase.data import covalent_radii

from screening.builders.phases import (
    Phase,
    catalogue_key,
    load_phases,
    phases_of,
    shipped_phases,
    space_group,
)
from screening.errors import InputError, StructureError
from screening.resources import shipped
from screening.structure.neighbours import close_pairs

FACTS = """
sources: {book: "A handbook"}
phases:
  LiAl: {group: 227, origin: 2, cell: [6.37], sites: [[Li, 0.125, 0.125, 0.125],
         [Al, 0.375, 0.375, 0.375]], source: book}
"""
PHASES = shipped_phases()
DENSITY_G_CM3 = {
    "Li": 0.53, "Au": 19.3, "Al2O3": 3.98, "SnO2": 6.99, "Li2O": 2.02, "LiF": 2.64, "NaAlO2": 2.70,
    "LiAlO2": 2.61, "Li15Si4": 1.18, "KC8": 1.99, "Bi": 9.8, "Sn": 7.28,
    "Na3Bi": 3.70, "NaZn13": 6.25, "S": 2.07, "KO2": 2.15, "Li3N": 1.29, "Li2CO3": 2.11,
    "CuO": 6.51, "LiSi": 1.85, "Li17Sn4": 2.58,
}  # fmt: skip
"""From handbooks."""
ALLOYING = (
    "Al", "Ag", "Au", "Bi", "C", "Ga", "Ge", "In", "Mg", "N", "O", "F", "S", "P", "Pb", "Pd", "Pt",
    "Sb", "Si", "Sn", "Zn",
)  # fmt: skip


def write(tmp_path: Path, text: str) -> Path:
    (tmp_path / "facts.yaml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", PHASES)
def test_a_phase_has_its_space_group_and_formula_and_no_atoms_that_touch(name: str) -> None:
    atoms = PHASES[name].atoms  # raises on another group or formula
    first, second, _, distances = close_pairs(atoms, 3.2)
    radii = covalent_radii[atoms.numbers]
    assert (distances / (radii[first] + radii[second])).min(initial=1.0) > 0.7
    assert 2 < atoms.cell.volume / len(atoms) < 90 or PHASES[name].gas


@pytest.mark.parametrize(("name", "density"), DENSITY_G_CM3.items())
def test_densities_are_those_of_handbooks(name: str, density: float) -> None:
    atoms = PHASES[name].atoms
    found = atoms.get_masses().sum() * 1.66053907 / atoms.cell.volume
    assert found == pytest.approx(density, rel=0.03)


@pytest.mark.parametrize(
    ("name", "first", "second", "length"),
    [
        ("LiF", "Li", "F", 2.013), ("TiO2", "Ti", "O", 1.95), ("Al2O3", "Al", "O", 1.855),
        ("SnO2", "Sn", "O", 2.05), ("SiO2", "Si", "O", 1.61), ("LiAlO2", "Al", "O", 1.76),
        ("NaAlO2", "Al", "O", 1.77), ("Li2C2", "C", "C", 1.24), ("Li2O2", "O", "O", 1.56),
        ("Na2O2", "O", "O", 1.50), ("N2", "N", "N", 1.098), ("LiOH", "O", "H", 0.91),
        ("Li2CO3", "C", "O", 1.28), ("Li2CO3", "Li", "O", 1.95), ("CuO", "Cu", "O", 1.95),
        ("Li9Al4", "Li", "Al", 2.76), ("C", "C", "C", 1.42), ("B", "B", "B", 1.67),
        ("S", "S", "S", 2.05), ("LiSi", "Si", "Si", 2.42), ("LiGe", "Ge", "Ge", 2.51),
        ("Li12Si7", "Si", "Si", 2.36),
    ],
)  # fmt: skip
def test_bond_lengths(name: str, first: str, second: str, length: float) -> None:
    atoms = PHASES[name].atoms.repeat(2)
    symbols = np.array(atoms.get_chemical_symbols())
    distances = atoms.get_all_distances(mic=True)
    np.fill_diagonal(distances, np.inf)
    shortest = distances[np.ix_(symbols == first, symbols == second)].min()
    assert shortest == pytest.approx(length, rel=0.05)


def test_every_element_of_the_catalogue_has_a_crystal_of_its_own() -> None:
    elements = {symbol for phase in PHASES.values() for symbol in phase.elements}
    alone = {next(iter(phase.elements)) for phase in PHASES.values() if len(phase.elements) == 1}
    assert elements == alone
    assert len(PHASES) > 150


def test_every_alloying_element_has_a_compound_with_lithium() -> None:
    for element in ALLOYING:
        compounds = [p for p in phases_of({"Li", element}, PHASES) if len(p.elements) == 2]
        assert compounds, element


def test_phases_of_a_system_hold_no_other_element() -> None:
    found = {phase.name for phase in phases_of({"Li", "Al"}, PHASES)}
    assert {"Li", "Al", "LiAl", "Li3Al2"} <= found
    assert not found & {"LiAlO2", "Al2O3", "Na"}


def test_a_crystal_that_is_not_what_it_says_is_refused(tmp_path: Path) -> None:
    wrong_formula = FACTS.replace("LiAl:", "Li2Al:")
    with pytest.raises(StructureError, match="LiAl"):
        _ = load_phases(write(tmp_path, wrong_formula))["Li2Al"].atoms
    special = FACTS.replace("[Al, 0.375, 0.375, 0.375]", "[Li, 0.375, 0.375, 0.375]")
    with pytest.raises(StructureError, match="229"):
        _ = load_phases(write(tmp_path, special.replace("LiAl:", "Li:")))["Li"].atoms


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source: book", "source: other", "'other'"),
        ("cell: [6.37]", "cell: [6.37, 5]", "cubic cell has 1"),
        ("cell: [6.37]", "cell: [0.5]", "1.5 to 60"),
        ("group: 227", "group: 231", "230"),
        ("[Al,", "[Xx,", "unknown element 'Xx'"),
        ("origin: 2", "origin: 3", "origin"),
        ("0.375, 0.375, 0.375]", "0.375, 0.375]", "sites"),
        ("group: 227", "group: 227, size: 2", "unknown key"),
        ("group: 227", "group: 227, gap: 2.0", "gap_source"),
        ("group: 227", "group: 227, gap: 2.0, gap_source: other", "'other'"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_phases(write(tmp_path, FACTS.replace(old, new, 1)))


@pytest.mark.parametrize("name", ["Li3Al2", "Li3Ga2", "Li3In2"])
def test_the_metal_of_the_three_to_two_compounds_is_in_puckered_layers(name: str) -> None:
    """Tebbe et al. 1973: each aluminium has three aluminium neighbours, as in grey arsenic."""
    metals = PHASES[name].atoms[PHASES[name].atoms.symbols.search(name[3:5])].repeat(3)
    distances = metals.get_all_distances(mic=True)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min()
    assert ((distances < 1.05 * nearest).sum(axis=1) == 3).all()


DUMBBELLS = {"Li7Sn2", "Li7Ge2", "Li13Si4"}
"""Half of their M atoms are pairs."""


def rich(phase: Phase) -> bool:
    """Whether a binary has three alkali ions or more for each other atom."""
    ions = [phase.counts[e] for e in phase.elements & {"Li", "Na", "K"}]
    others = [phase.counts[e] for e in phase.elements - {"Li", "Na", "K"}]
    return len(ions) == len(others) == 1 and ions[0] >= 3 * others[0]


@pytest.mark.parametrize("name", [n for n, p in PHASES.items() if rich(p) and n not in DUMBBELLS])
def test_in_compounds_rich_in_the_alkali_metal_no_two_other_atoms_are_neighbours(
    name: str,
) -> None:
    """Zintl: with three electrons and more from the metal an atom needs no partner."""
    atoms = PHASES[name].atoms
    alkali = np.isin(atoms.symbols, ["Li", "Na", "K"])
    first, second, _, distances = close_pairs(atoms, 8.0)
    alike = ~alkali[first] & ~alkali[second]
    mixed = alkali[first] != alkali[second]
    assert distances[alike].min() > 1.4 * distances[mixed].min()


def test_a_key_of_the_catalogue_depends_on_the_crystals_of_its_elements_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tin, aluminium = frozenset({"Li", "Sn"}), frozenset({"Li", "Al"})
    before = catalogue_key(tin), catalogue_key(aluminium)
    catalogue_key.cache_clear()
    fewer = {name: phase for name, phase in PHASES.items() if name != "Li17Sn4"}
    monkeypatch.setattr("screening.builders.phases.shipped_phases", lambda: fewer)
    after = catalogue_key(tin), catalogue_key(aluminium)
    catalogue_key.cache_clear()
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_a_phase_stated_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "again.yaml").write_text(FACTS)
    with pytest.raises(InputError, match="twice"):
        load_phases(write(tmp_path, FACTS))


def test_the_atoms_are_those_of_the_primitive_cell() -> None:
    assert len(PHASES["LiAl"].atoms) == 4
    assert len(PHASES["Na15Sn4"].atoms) == 38
    assert space_group(PHASES["Na15Sn4"].atoms) == 220


def test_shipped_phases_are_where_user_files_would_be() -> None:
    assert (shipped("structures") / "phases" / "lithium.yaml").is_file()
    assert isinstance(PHASES["Li"], Phase)
