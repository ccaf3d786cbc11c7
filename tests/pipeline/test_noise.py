"""The choice of sites, hops and ranks is that of the landscape, not of the engine's last digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.store import open_store
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.tables import table
from tests.pipeline.graphene_world import Graphene, sheet
from tests.pipeline.toolbox import protocols, square, workflow
from tests.toys import EggBox

NOISE_EV = 1e-4
CHOICES = ["rank", "candidate", "site", "outcome", "barrier_path", "flags", "reason", "status"]


def trembling(energy: float, positions: np.ndarray) -> float:
    """Energy with a noise that depends on the structure, as single precision's does."""
    return energy + NOISE_EV * float(np.sin(1e5 * positions.sum()))


class NoisyEggBox(EggBox):
    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        self.results["energy"] = trembling(self.results["energy"], atoms.positions)


class NoisyGraphene(Graphene):
    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        self.results["energy"] = trembling(self.results["energy"], atoms.positions)


def make_noisy_egg_box() -> NoisyEggBox:
    return NoisyEggBox()


def make_noisy_graphene() -> NoisyGraphene:
    return NoisyGraphene()


@pytest.mark.parametrize("path", ["best hop", "percolating"])
@pytest.mark.parametrize(
    ("calm", "noisy", "host"),
    [
        ("tests.toys:make_egg_box", "make_noisy_egg_box", lambda: square(repeat=3)),
        ("tests.pipeline.graphene_world:make_graphene", "make_noisy_graphene", sheet),
    ],
)
def test_noise_of_a_tenth_of_a_millielectronvolt_chooses_nothing_else(
    tmp_path: Path, path: str, calm: str, noisy: str, host
) -> None:
    tables = []
    for name in (calm, f"tests.pipeline.test_noise:{noisy}"):
        flow = workflow(
            calculator=name,
            ions=("Li",),
            descriptors={"adsorption": {"max_sites": 2}, "barrier": {"path": path, "images": 3}},
        )
        store = open_store(tmp_path / f"{len(tables)}.db", create=True)
        driver = Driver(store, lambda: make_executor(1), 1, lambda _: None)
        rows = driver.run(protocols(flow, host()))
        tables.append(table([rank(rows, "Li", load_weights())])[CHOICES])
    assert tables[0].equals(tables[1])
