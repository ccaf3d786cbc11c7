from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene

from screening.calculators import resolve
from screening.calculators.contract import check_calculator
from screening.calculators.models import MPTRJ_ELEMENTS
from screening.evaluate.potential import Potential

pytestmark = pytest.mark.potential
pytest.importorskip("sevenn")


@pytest.fixture(scope="module", params=["auto", "stock"])
def calculator(request):
    return resolve("sevennet", options={"engine": request.param}).make()


def rattled_sheets() -> list[Atoms]:
    sheets = []
    for seed in range(3):
        sheet = graphene(size=(2, 2, 1), vacuum=8.0)
        sheet.append("Li")
        sheet.positions[-1] = sheet.positions[seed] + [0.3, 0.1, 2.0]
        sheet.rattle(0.05, seed=seed)
        sheets.append(sheet)
    return [*sheets, bulk("Na")]


def test_listed_elements_are_those_of_the_model(calculator) -> None:
    assert {Atoms([z]).symbols[0] for z in calculator.type_map} == MPTRJ_ELEMENTS


def test_weights_are_hashed() -> None:
    weights = [
        resolve(f"sevennet:{m}").level().weights for m in ("7net-0", "7net-l3i5", "7net-mf-0")
    ]
    assert len(set(weights)) == 3
    assert all(len(text) == 16 for text in weights)


def test_a_batch_gives_what_single_structures_give(calculator) -> None:
    sheets = rattled_sheets()
    for atoms, point in zip(sheets, Potential(calculator).compute(sheets), strict=True):
        assert point.energy_ev == pytest.approx(calculator.get_potential_energy(atoms), abs=1e-4)
        assert np.abs(point.forces - calculator.get_forces(atoms)).max() < 1e-4


@pytest.mark.parametrize("edges", [1, 700, 10**6])
def test_passes_of_any_number_of_edges_give_the_same(edges: int) -> None:
    """Sizes and periodicities mixed, an isolated atom and a structure without edges among them."""
    apart = Atoms("Cu2", [[0, 0, 0], [0, 0, 9.0]])
    chain = Atoms("LiF", [[0, 0, 0], [1.6, 0, 0.2]], cell=[4, 0, 0], pbc=(1, 0, 0))
    structures = [Atoms("Li"), *rattled_sheets(), apart, chain, Atoms("K")]
    stock = resolve("sevennet", options={"engine": "stock", "device": "cpu"}).make()
    alone = [stock.compute_batch([atoms])[0] for atoms in structures]
    stock.passes.edges = edges
    for point, own in zip(stock.compute_batch(structures), alone, strict=True):
        assert point.energy_ev == pytest.approx(own.energy_ev, abs=1e-5)
        assert np.abs(point.forces - own.forces).max() < 1e-5


def test_a_batch_of_nothing_but_isolated_atoms_has_no_forces() -> None:
    stock = resolve("sevennet", options={"engine": "stock", "device": "cpu"}).make()
    stock.passes.edges = 10**6
    points = stock.compute_batch([Atoms("Li"), Atoms("Cu")])
    assert [point.forces.tolist() for point in points] == [[[0, 0, 0]], [[0, 0, 0]]]


def test_an_unknown_element_is_refused_before_the_network_sees_it() -> None:
    stock = resolve("sevennet", options={"engine": "stock", "device": "cpu"}).make()
    with pytest.raises(ValueError, match="86"):
        stock.compute_batch([bulk("Na"), Atoms("Rn")])


def test_the_device_is_no_part_of_the_level() -> None:
    levels = [resolve("sevennet", options={"device": d}).level() for d in ("auto", "cpu", "cuda")]
    assert len({level.fingerprint for level in levels}) == 1


def sheet_with_ion() -> Atoms:
    return rattled_sheets()[0]


def test_latent_features_are_extensive(calculator) -> None:
    """Twice the cell has twice the features, as it has twice the energy."""
    cell = sheet_with_ion()
    one, two = calculator.latent([cell, cell.repeat((2, 1, 1))])
    assert np.abs(one).max() > 0.1
    assert two == pytest.approx(2 * one, abs=1e-3)


def test_turning_moving_and_renumbering_change_no_latent_feature(calculator) -> None:
    before = sheet_with_ion()
    after = before[np.random.default_rng(0).permutation(len(before))]
    after.rotate(40.0, (1, 2, 3), rotate_cell=True)
    after.translate((0.3, -0.2, 0.5))
    one, other = calculator.latent([before, after])
    assert other == pytest.approx(one, abs=1e-3)


def test_latent_features_tell_ions_and_sites_apart(calculator) -> None:
    here, there, other = sheet_with_ion(), sheet_with_ion(), sheet_with_ion()
    there.positions[-1, 2] += 0.5
    other.symbols[-1] = "Na"
    found = calculator.latent([here, there, other])
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(found[first] - found[second]).max() > 0.01


def test_asking_for_latent_features_changes_neither_energies_nor_structures(calculator) -> None:
    atoms = sheet_with_ion()
    before, potential = atoms.copy(), Potential(calculator)
    first = potential.compute([atoms])[0]
    found = potential.latent([atoms, atoms])
    again = potential.compute([atoms])[0]
    assert atoms == before
    assert potential.force_calls == 4
    assert found.shape[0] == 2
    assert (found[0] == found[1]).all()
    assert again.energy_ev == pytest.approx(first.energy_ev, abs=1e-5)
    assert again.forces == pytest.approx(first.forces, abs=1e-5)


def test_a_model_of_several_fidelities_has_latent_features_too() -> None:
    (found,) = resolve("sevennet:7net-mf-0").make().latent([sheet_with_ion()])
    assert np.isfinite(found).all()


def test_dispersion_leaves_the_latent_features_as_they_are() -> None:
    """The correction is added outside the network, which does not see it."""
    with_it, without = (Potential(resolve("sevennet", d).make()) for d in ("d3bj", "none"))
    assert with_it.latent([sheet_with_ion()]) == pytest.approx(without.latent([sheet_with_ion()]))


def test_contract(calculator) -> None:
    assert check_calculator(calculator, ["C", "Li", "Ti"]) == []


def test_fidelity_of_the_multi_fidelity_model_is_pbe() -> None:
    assert resolve("sevennet:7net-mf-0").make().modal == "PBE"
