"""Engines with a term: named, part of the level, refused for engines that it was not fitted for."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene
from ase.calculators.calculator import Calculator

from screening.calculators import resolve
from screening.calculators.alkali_metal import Metal
from screening.calculators.alkali_term import terms
from screening.calculators.contract import check_calculator
from screening.calculators.interface import BatchCalculator, LatentCalculator
from screening.descriptors.slabs import face_area, metal_slabs
from screening.errors import CalculatorError
from screening.evaluate.potential import Potential
from screening.surrogate.identity import engine_identity
from screening.units import COHESIVE_EV, EV_PER_A2_IN_J_PER_M2, Ion

pytest.importorskip("sevenn")
NAME = "sevennet:7net-0+alkali-1"


def test_the_name_resolves_to_itself_and_is_the_model_of_its_level() -> None:
    spec = resolve(NAME)
    assert spec.name == NAME
    assert spec.level().model == "7net-0+alkali-1"
    assert "7net-0+alkali-1" in str(spec.level())


def test_the_level_is_another_one_with_the_same_weights() -> None:
    plain, corrected = resolve("sevennet").level(), resolve(NAME).level()
    assert corrected.fingerprint != plain.fingerprint
    assert corrected.weights == plain.weights
    assert dict(corrected.settings)["term"] == terms()[0].fingerprint


def test_calibrations_tell_the_two_apart() -> None:
    assert engine_identity(resolve(NAME).level()) != engine_identity(resolve("sevennet").level())


def test_dispersion_goes_on_top() -> None:
    pytest.importorskip("dftd3")
    level = resolve(NAME, "d3bj").level()
    assert (level.model, level.dispersion) == ("7net-0+alkali-1", "d3bj")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sevennet:7net-0+alkali-9", "no term 'alkali-9'.*allowed: alkali-1"),
        ("sevennet:7net-0+", "no term ''.*allowed: alkali-1"),
        ("sevennet:7net-l3i5+alkali-1", "no term 'alkali-1'.*allowed: none for this engine"),
        ("emt:alkali+alkali-1", "no term 'alkali-1'.*allowed: none for this engine"),
        ("sevennet:7net-O+alkali-1", "did you mean sevennet:7net-0"),
    ],
)
def test_a_wrong_term_is_one_clear_line(name: str, says: str) -> None:
    with pytest.raises(CalculatorError, match=says) as caught:
        resolve(name, where="workflow.yaml: calculator")
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def plain() -> Calculator:
    return resolve("sevennet").make()


@pytest.fixture(scope="module")
def corrected() -> Calculator:
    return resolve(NAME).make()


def energy(calculator: Calculator, atoms: Atoms) -> float:
    return float(calculator.get_property("energy", atoms))


def sheet(ion: str) -> Atoms:
    atoms = graphene(size=(3, 3, 1), vacuum=8)
    atoms.append(ion)
    atoms.positions[-1] = atoms.positions[1] + (0, 1.42, {"Li": 1.8, "Na": 2.3, "K": 2.7}[ion])
    return atoms


@pytest.mark.potential
@pytest.mark.parametrize("ion", sorted(terms()[0].metals))
def test_an_ion_on_a_host_and_its_metal_keep_their_energies(
    ion: Ion, plain: Calculator, corrected: Calculator
) -> None:
    """So that adsorption energies on hosts other than alkali metals stay what they were."""
    metal = bulk(ion, "bcc", a=Metal.of(terms()[0].metals[ion]).lattice_a)
    assert energy(corrected, sheet(ion)) == energy(plain, sheet(ion))
    assert energy(corrected, metal) == pytest.approx(energy(plain, metal), abs=1e-6)


@pytest.mark.potential
@pytest.mark.parametrize("ion", sorted(terms()[0].metals))
def test_cohesive_energies_are_those_of_pbe(ion: Ion, corrected: Calculator) -> None:
    metal = bulk(ion, "bcc", a=Metal.of(terms()[0].metals[ion]).lattice_a)
    free = energy(corrected, Atoms(ion, cell=[15, 15, 15]))
    assert free - energy(corrected, metal) == pytest.approx(COHESIVE_EV["PBE"][ion], abs=0.03)


@pytest.mark.potential
@pytest.mark.parametrize("ion", sorted(terms()[0].metals))
def test_dimers_and_surfaces_are_bound(ion: Ion, corrected: Calculator) -> None:
    """A free dimer lies between its atoms and the metal, and so does an atom of a surface."""
    metal = bulk(ion, "bcc", a=Metal.of(terms()[0].metals[ion]).lattice_a)
    e_bulk = energy(corrected, metal)
    free = energy(corrected, Atoms(ion, cell=[15, 15, 15])) - e_bulk
    length = {"Li": 2.7, "Na": 3.1, "K": 3.95}[ion]
    pair = energy(corrected, Atoms([ion, ion], [(0, 0, 0), (0, 0, length)], cell=[15, 15, 18]))
    slab = metal_slabs(ion, metal, "110")[0]
    face = (energy(corrected, slab) - len(slab) * e_bulk) / 2
    assert 0 < face < (pair - 2 * e_bulk) / 2 < free
    known = {"Li": 0.50, "Na": 0.22, "K": 0.11}[ion]  # J/m², PBE, doi:10.1038/sdata.2016.80
    assert face / face_area(slab) * EV_PER_A2_IN_J_PER_M2 == pytest.approx(known, rel=0.2)


@pytest.mark.potential
@pytest.mark.parametrize("ion", sorted(terms()[0].metals))
def test_squeezed_metal_is_pushed_apart(ion: Ion, corrected: Calculator) -> None:
    a = Metal.of(terms()[0].metals[ion]).lattice_a
    energies = [energy(corrected, bulk(ion, "bcc", a=a * f)) for f in np.arange(0.7, 1.001, 0.02)]
    assert (np.diff(energies) < 0).all()


@pytest.mark.potential
def test_batches_and_latent_features_work_with_the_term(corrected: Calculator) -> None:
    assert isinstance(corrected, BatchCalculator)
    assert isinstance(corrected, LatentCalculator)
    structures = [sheet("K"), bulk("K", "bcc", a=5.2), Atoms("K2", [(0, 0, 0), (0, 0, 4)])]
    for atoms, point in zip(structures, Potential(corrected).compute(structures), strict=True):
        assert point.energy_ev == pytest.approx(energy(corrected, atoms), abs=1e-6)
    latent = Potential(corrected).latent([sheet("K")])
    assert np.array_equal(latent, Potential(resolve("sevennet").make()).latent([sheet("K")]))


@pytest.mark.potential
def test_contract() -> None:
    assert check_calculator(resolve(NAME), ["K", "Cu"]) == []
