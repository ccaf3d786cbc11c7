from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene

from screening.calculators import resolve
from screening.errors import TaskError
from screening.evaluate import Potential, relax_batch
from screening.evaluate.gather import Gather

pytestmark = pytest.mark.potential
pytest.importorskip("sevenn")


@pytest.fixture(scope="module")
def calculator():
    return resolve("sevennet", options={"device": "cpu"}).make()


def starts() -> list[Atoms]:
    """Hosts of several sizes with an ion each, and a dimer."""
    found = []
    for seed, (ion, size) in enumerate([("Li", 2), ("Na", 2), ("K", 3)]):
        sheet = graphene(size=(size, size, 1), vacuum=7.0)
        sheet.append(ion)
        sheet.positions[-1] = sheet.positions[seed] + [0.3, 0.1, 2.2]
        found.append(sheet)
    return [*found, Atoms("Cu2", [[0, 0, 0], [0, 0, 2.5]])]


def relax(atoms: Atoms, potential: Potential):
    return relax_batch([atoms], potential, fmax=0.05, max_steps=60, soft=[len(atoms) - 1])[0]


@pytest.mark.parametrize("cores", [1, 3])
def test_relaxations_of_many_sites_and_hosts_end_where_each_ends_alone(calculator, cores) -> None:
    gather = Gather(calculator, cores)

    def one(atoms: Atoms):
        with gather.seat() as seat:
            return relax(atoms, Potential(seat))

    with ThreadPoolExecutor(len(starts())) as threads:
        together = list(threads.map(one, starts()))
    alone = [relax(atoms, Potential(calculator)) for atoms in starts()]
    for own, other in zip(together, alone, strict=True):
        assert own.converged
        assert own.energy_ev == pytest.approx(other.energy_ev, abs=5e-3)
        assert np.abs(own.atoms.positions - other.atoms.positions).max() < 0.05
    calls = sum(end.force_calls for end in together)
    assert sum(gather.batches) == calls
    assert len(gather.batches) < calls / 1.5, "steps of several relaxations fall together"


def test_a_structure_that_fails_fails_alone(calculator) -> None:
    """Radon is no element of the network's."""
    gather, both = Gather(calculator, 2), threading.Barrier(2)
    expected = calculator.get_potential_energy(bulk("Na"))  # it serves one thread at a time

    def one(atoms: Atoms):
        with gather.seat() as seat:
            both.wait()
            return Potential(seat).compute([atoms])[0]

    with ThreadPoolExecutor(2) as threads:
        good, bad = threads.submit(one, bulk("Na")), threads.submit(one, Atoms("Rn"))
        assert good.result(60).energy_ev == pytest.approx(expected, abs=1e-5)
        with pytest.raises(ValueError, match="Rn"):
            bad.result(60)


def test_whoever_waits_goes_on_when_another_leaves_without_asking(calculator) -> None:
    gather, seated = Gather(calculator, 2), threading.Barrier(2)

    def leaves() -> None:
        with gather.seat():
            seated.wait()

    def asks() -> int:
        with gather.seat() as seat:
            seated.wait()
            return len(Potential(seat).compute([bulk("Na")]))

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.submit(asks), threads.submit(leaves)
        assert first.result(60) == 1
        assert second.result(60) is None


def test_closing_ends_the_waiting(calculator) -> None:
    gather = Gather(calculator, 2)

    def asks() -> None:
        with gather.seat() as seat:
            seat.compute_batch([bulk("Na")])

    with gather.seat(), ThreadPoolExecutor(1) as threads:  # this seat never asks
        waits = threads.submit(asks)
        gather.close()
        with pytest.raises(TaskError, match="stopped"):
            waits.result(60)
