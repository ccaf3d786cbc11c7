"""Surface energies follow from slabs of several thicknesses."""

from __future__ import annotations

import numpy as np
import pytest
from ase.calculators.emt import EMT

from screening.builders import Recipe, build
from screening.descriptors.surface import face_area, surface_energy, symmetric_slabs
from screening.errors import TaskError
from screening.evaluate import Potential, relax_batch
from screening.units import EV_PER_A2_IN_J_PER_M2


def copper(miller: list[int], builder: str = "metal"):
    parameters = {"element": "Cu", "miller": miller, "layers": 4}
    return build(Recipe(id="cu", builder=builder, parameters=parameters))


def test_a_line_gives_back_its_surface_energy_and_bulk_energy() -> None:
    units, area, gamma, bulk = [4, 6, 8, 10], 12.5, 0.06, -3.7
    energies = [bulk * n + 2 * area * gamma for n in units]
    found = surface_energy(energies, units, area)
    assert found.gamma_j_m2 == pytest.approx(gamma * EV_PER_A2_IN_J_PER_M2, abs=1e-9)
    assert found.bulk_ev == pytest.approx(bulk, abs=1e-9)
    assert found.spread_j_m2 == pytest.approx(0, abs=1e-9)


def test_the_spread_tells_of_a_slab_that_is_too_thin() -> None:
    energies = np.array([-3.7 * n + 1.5 for n in (4, 6, 8, 10)])
    energies[0] += 0.2
    assert surface_energy(energies, [4, 6, 8, 10], 12.5).spread_j_m2 > 0.05


def test_two_slabs_are_too_few() -> None:
    with pytest.raises(ValueError, match="three slabs"):
        surface_energy([1.0, 2.0], [1, 2], 10.0)


def test_slabs_are_free_symmetric_and_of_the_asked_thickness() -> None:
    candidate = copper([1, 0, 0])
    before = candidate.atoms.copy()
    slabs = symmetric_slabs(candidate, (5, 7))
    assert [len(slab) for slab in slabs] == [5, 7]
    assert not any(slab.constraints for slab in slabs)
    assert face_area(slabs[0]) == pytest.approx(3.6147**2 / 2, rel=1e-6)
    assert candidate.atoms == before


def test_copper_111_is_the_most_stable_face_with_a_real_potential() -> None:
    gammas = {}
    for miller in ([1, 1, 1], [1, 0, 0], [1, 1, 0]):
        slabs = symmetric_slabs(copper(miller), (6, 8, 10))
        found = relax_batch(slabs, Potential(EMT()), fmax=0.01, max_steps=200)
        energies = [relaxation.energy_ev for relaxation in found]
        gammas[tuple(miller)] = surface_energy(
            energies, [len(slab) for slab in slabs], face_area(slabs[0])
        ).gamma_j_m2
    assert 0 < gammas[1, 1, 1] < gammas[1, 0, 0] < gammas[1, 1, 0]


def test_a_host_that_is_no_metal_slab_has_a_reason() -> None:
    sheet = build(Recipe(id="sheet", builder="graphene", parameters={"size": [2, 2]}))
    with pytest.raises(TaskError, match="metal"):
        symmetric_slabs(sheet, (5, 7, 9))
