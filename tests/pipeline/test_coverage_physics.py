"""What a pretrained potential must get right of layers: signs and orders, not numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.builders import load_catalogue
from screening.pipeline.run import run
from screening.pipeline.workflow import Workflow

pytestmark = pytest.mark.potential

STRUCTURES = Path(__file__).parents[2] / "structures"


def test_lithium_does_not_wet_graphene(tmp_path: Path) -> None:
    flow = Workflow(
        name="physics",
        calculator="sevennet",
        candidates=("graphene",),
        ions=("Li",),
        descriptors={
            "adsorption": {"max_sites": 1},
            "coverage": {"fractions": (1.0,), "starts": 4, "trials": 1},
        },
    )
    (row,) = run(flow, load_catalogue(STRUCTURES), str(tmp_path / "a.db"), jobs=1).rows
    one, full = row.table("coverage")
    assert (one.n, full.n) == (1, 6)
    # As densely packed as in the metal, and less bound than in it: islands.
    assert full.theta == pytest.approx(1.0, abs=0.1)
    assert row["e_ml_ev"] > 0
