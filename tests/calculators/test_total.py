"""An engine with a correction added: sums of everything, and what the engine offers beyond."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.calculator import Calculator
from ase.calculators.lj import LennardJones
from ase.calculators.morse import MorsePotential

from screening.calculators.interface import BatchCalculator, LatentCalculator, Point
from screening.calculators.total import add


class Batches(LennardJones):
    """An engine of batches."""

    def compute_batch(self, structures: list[Atoms]) -> list[Point]:
        return [
            Point(self.get_property("energy", a), self.get_property("forces", a))
            for a in structures
        ]


class Telling(Batches):
    """An engine that also tells what it sees."""

    def latent(self, structures: list[Atoms]) -> np.ndarray:
        return np.array([[float(len(a)), 1.0] for a in structures])


def parts(engine: type[LennardJones] = LennardJones) -> tuple[Calculator, Calculator]:
    return engine(sigma=2.2, epsilon=0.2, rc=6.0, smooth=True), MorsePotential(rcut1=3.0, rcut2=5.0)


def crystal() -> Atoms:
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.1, seed=1)
    return atoms


@pytest.mark.parametrize("name", ["energy", "free_energy", "forces", "stress"])
def test_each_property_is_the_sum(name: str) -> None:
    engine, correction = parts()
    plain = name.removeprefix("free_")
    wanted = engine.get_property(name, crystal()) + correction.get_property(plain, crystal())
    assert np.allclose(add(*parts()).get_property(name, crystal()), wanted, atol=1e-12)


def test_a_batch_is_summed_structure_by_structure() -> None:
    both = add(*parts(Batches))
    assert isinstance(both, BatchCalculator)
    batch = [crystal(), crystal() * (2, 1, 1)]
    for atoms, point in zip(batch, both.compute_batch(batch), strict=True):
        assert point.energy_ev == pytest.approx(both.get_property("energy", atoms), abs=1e-10)
        assert np.allclose(point.forces, both.get_property("forces", atoms), atol=1e-10)


def test_latent_features_are_the_engine_s_own() -> None:
    both = add(*parts(Telling))
    assert isinstance(both, LatentCalculator)
    assert both.latent([crystal()]).tolist() == [[4.0, 1.0]]


def test_nothing_is_offered_that_the_engine_lacks() -> None:
    assert not isinstance(add(*parts()), BatchCalculator)
    assert not isinstance(add(*parts(Batches)), LatentCalculator)
