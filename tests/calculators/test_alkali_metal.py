"""The alkali term alone: what it must not touch, and that its forces are those of its energy."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, bcc100, bulk, fcc111, graphene
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress

from screening.calculators.alkali_metal import AlkaliMetal, Metal
from screening.calculators.alkali_term import terms
from screening.calculators.base import CalculatorSpec
from screening.calculators.contract import Tolerances, check_calculator
from screening.structure.level import Level

METALS = {symbol: Metal.of(values) for symbol, values in terms()[0].metals.items()}


"""Of the elements that the shipped term knows."""


def term() -> AlkaliMetal:
    return AlkaliMetal(METALS)


def energy(atoms: Atoms) -> float:
    return float(term().get_property("energy", atoms))


def metal(ion: str, factor: float = 1.0) -> Atoms:
    return bulk(ion, "bcc", a=METALS[ion].lattice_a * factor, cubic=True)


def crowd() -> Atoms:
    """Rattled K with an adatom, a carbon atom, a lithium atom and loose ones above: no symmetry."""
    atoms = bcc100("K", size=(2, 2, 3), a=5.3, vacuum=6)
    add_adsorbate(atoms, "C", 1.5, "hollow")
    top = atoms.positions[-1]
    atoms += Atoms(
        "LiK2Na", top + np.array([(2, 0, 2.8), (-2.5, 0, 3.5), (-2, 2, 7.0), (1, 1, 6.0)])
    )
    atoms.pbc = (True, True, False)
    atoms.rattle(0.2, seed=3)
    return atoms


@pytest.mark.parametrize("ion", sorted(METALS))
def test_bulk_metal_has_neither_energy_nor_force_nor_stress(ion: str) -> None:
    atoms = metal(ion)
    assert abs(energy(atoms)) < 1e-6
    assert np.abs(term().get_property("forces", atoms)).max() < 1e-9
    assert np.abs(term().get_property("stress", atoms)).max() < 1e-7  # eV/Å³: 0.02 MPa


@pytest.mark.parametrize("ion", sorted(METALS))
def test_bulk_metal_is_a_minimum_of_the_term(ion: str) -> None:
    """So the lattice constant stays; the metal gets stiffer."""
    for factor in (0.995, 1.005):
        assert energy(metal(ion, factor)) > 0


@pytest.mark.parametrize("ion", sorted(METALS))
def test_a_free_atom_is_lifted_by_the_first_parameter(ion: str) -> None:
    atom = Atoms(ion, cell=[12, 12, 12], pbc=False)
    assert energy(atom) == pytest.approx(METALS[ion].embedding[0], abs=1e-12)


@pytest.mark.parametrize("ion", ["Li", "Na", "K"])
@pytest.mark.parametrize("host", ["graphene", "copper"])
def test_a_lone_ion_on_a_host_keeps_its_energy_exactly(ion: str, host: str) -> None:
    height = {"Li": 1.8, "Na": 2.3, "K": 2.7}[ion]
    if host == "graphene":
        atoms = graphene(size=(3, 3, 1), vacuum=8)
        atoms += Atoms(ion, [atoms.positions[1] + (0, 1.42, height)])
    else:
        atoms = fcc111("Cu", size=(2, 2, 3), a=3.63, vacuum=8)
        add_adsorbate(atoms, ion, height, "fcc")
    assert energy(atoms) == 0.0
    assert not term().get_property("forces", atoms).any()


def test_a_structure_without_alkali_metal_has_no_term() -> None:
    assert energy(bulk("Cu")) == 0.0


@pytest.mark.parametrize("ion", sorted(METALS))
def test_compounds_keep_their_energy(ion: str) -> None:
    for lattice, a in (("rocksalt", {"Li": 4.06, "Na": 4.7, "K": 5.4}[ion]),):
        assert energy(bulk(f"{ion}F", lattice, a=a)) == 0.0


@pytest.mark.parametrize("ion", sorted(METALS))
def test_one_impurity_in_the_metal_is_no_hole(ion: str) -> None:
    atoms = metal(ion) * (2, 2, 2)
    hole = atoms.copy()
    del hole[0]
    for other in ("Mg", "Al", "Cu", "Ag"):
        atoms.symbols[0] = other
        assert abs(energy(atoms)) < 0.5 * abs(energy(hole))


def test_an_atom_of_another_alkali_metal_is_foreign() -> None:
    """On a surface of K, Li has a host like any other."""
    atoms = bcc100("K", size=(2, 2, 5), a=METALS["K"].lattice_a, vacuum=8)
    add_adsorbate(atoms, "Li", 1.6, "hollow")
    alone = AlkaliMetal({"Li": METALS["K"]})  # whatever its parameters
    assert float(alone.get_property("energy", atoms)) == 0.0


def test_forces_and_stress_are_the_derivatives_of_the_energy() -> None:
    atoms = crowd()
    forces = term().get_property("forces", atoms)
    stress = term().get_property("stress", atoms)
    atoms.calc = term()
    assert np.abs(forces).max() > 0.1
    assert np.allclose(forces, calculate_numerical_forces(atoms, eps=1e-4), atol=1e-6)
    assert np.allclose(stress, calculate_numerical_stress(atoms, eps=1e-5), atol=1e-8)


def test_forces_add_up_to_nothing() -> None:
    assert np.abs(term().get_property("forces", crowd()).sum(axis=0)).max() < 1e-12


def test_energy_is_extensive() -> None:
    atoms = crowd()
    assert energy(atoms * (2, 1, 1)) == pytest.approx(2 * energy(atoms), abs=1e-9)


def test_a_cell_smaller_than_the_range_sees_all_its_images() -> None:
    small, large = bulk("K", "bcc", a=5.0), bulk("K", "bcc", a=5.0) * (3, 3, 3)
    assert energy(large) == pytest.approx(27 * energy(small), abs=1e-9)


def test_energy_does_not_jump_where_neighbours_come_into_range_or_touch() -> None:
    """Steps of 0.002 Å: a host drawn away from an ion, and two atoms drawn apart."""
    host = fcc111("Cu", size=(2, 2, 2), a=3.63, vacuum=10)
    distances = np.arange(2.0, 10.0, 0.002)
    pairs = [energy(Atoms("K2", [(0, 0, 0), (0, 0, r)])) for r in distances]
    lifted = []
    for height in distances[:2000]:
        atoms = host.copy()
        add_adsorbate(atoms, "K", height, "fcc")
        lifted.append(energy(atoms))
    for curve in (np.array(pairs), np.array(lifted)):
        slopes = np.diff(curve) / 0.002
        assert np.abs(np.diff(slopes)).max() < 0.05  # eV/Å


def test_contract() -> None:
    spec = CalculatorSpec(
        "term", lambda: Level("term", "", "PBE", "none", "1"), {"K", "Na", "Cu"}, term
    )
    sharp = Tolerances(energy_ev_a_atom=1e-9, force_ev_a=1e-8)
    assert check_calculator(spec, ["K", "Cu"], tolerances=sharp) == []
