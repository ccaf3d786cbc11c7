from __future__ import annotations

import numpy as np
import pytest
from ase.build import graphene
from ase.calculators.lj import LennardJones

from screening.calculators import resolve
from screening.calculators.base import CalculatorSpec
from screening.calculators.contract import check_calculator
from screening.calculators.dispersion import add_d3bj
from screening.errors import CalculatorError
from screening.structure.level import Level

dftd3 = pytest.importorskip("dftd3.ase")


def weak_pairs(functional: str = "PBE") -> CalculatorSpec:
    """Make a cheap engine that claims a functional."""
    return CalculatorSpec(
        "pairs",
        lambda: Level("pairs", "", functional, "none", "1"),
        {"C", "K"},
        lambda: LennardJones(epsilon=0.01, sigma=2.0, rc=6.0, smooth=True),
        functional=functional,
    )


def sheet(vacuum: float):
    atoms = graphene(size=(2, 2, 1), vacuum=vacuum)
    atoms.append("K")
    atoms.positions[-1] = 2 * atoms.positions[1] - atoms.positions[0] + [0, 0, 2.8]
    return atoms


def test_energy_and_forces_are_those_of_the_two_parts_added() -> None:
    atoms, spec = sheet(8.0), weak_pairs()
    both = add_d3bj(spec, "here").make()
    alone, d3 = spec.make(), dftd3.DFTD3(method="PBE", damping="d3bj")
    for name in ("energy", "forces", "stress"):
        total = alone.get_property(name, atoms) + d3.get_property(name, atoms)
        assert np.allclose(both.get_property(name, atoms), total, atol=1e-10)


def test_contract() -> None:
    assert check_calculator(add_d3bj(weak_pairs(), "here"), ["C", "K"]) == []


def test_a_sheet_does_not_see_its_images_across_the_vacuum() -> None:
    calculator = add_d3bj(weak_pairs(), "here").make()
    energies = [calculator.get_potential_energy(sheet(vacuum)) for vacuum in (4.0, 9.0, 30.0)]
    assert np.ptp(energies) < 1e-9


def test_dispersion_binds() -> None:
    atoms = sheet(8.0)
    plain, d3 = weak_pairs().make(), add_d3bj(weak_pairs(), "here").make()
    assert d3.get_potential_energy(atoms) < plain.get_potential_energy(atoms)


def test_level_says_so_and_the_extra_is_named() -> None:
    spec = resolve("sevennet", "d3bj")
    assert spec.level().dispersion == "d3bj"
    assert spec.extra == "sevennet,d3"
    assert spec.level().fingerprint != resolve("sevennet").level().fingerprint


@pytest.mark.parametrize("name", ["emt", "xtb"])
def test_engines_without_parameters_or_with_dispersion_of_their_own_refuse(name: str) -> None:
    with pytest.raises(CalculatorError, match="cannot take dispersion d3bj"):
        resolve(name, "d3bj")


@pytest.mark.potential
def test_batches_carry_the_correction_too() -> None:
    pytest.importorskip("sevenn")
    assert check_calculator(resolve("sevennet", "d3bj"), ["C", "K"]) == []
