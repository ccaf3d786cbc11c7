"""Lithium on graphene with a real potential: the hop, its symmetry and its price."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.builders import load_catalogue
from screening.descriptors import Row
from screening.pipeline.run import run
from screening.pipeline.workflow import Workflow

pytestmark = pytest.mark.potential

STRUCTURES = Path(__file__).parents[2] / "structures"
MOST_FORCE_CALLS = 250


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> Row:
    """All hops, five images, the default potential."""
    flow = Workflow.model_validate(
        {
            "name": "hops",
            "candidates": ["graphene"],
            "ions": ["Li"],
            "descriptors": {"barrier": {"path": "percolating", "images": 5}},
        }
    )
    db = tmp_path_factory.mktemp("hops") / "a.db"
    (found,) = run(flow, load_catalogue(STRUCTURES), str(db), jobs=1).rows
    return found


def test_hollow_to_hollow_over_the_bridge_is_the_hop_and_it_is_symmetric(row: Row) -> None:
    (hop,) = row.table("hops")
    assert hop.hop == "hollow-1 -> hollow-1"
    assert hop.length_a == pytest.approx(2.46, abs=0.03)
    assert hop.forward_ev == pytest.approx(hop.reverse_ev, abs=1e-9)
    energies = {site.site: site.e_ads_ev for site in row.table("sites")}
    # Only the hollow is a minimum; the bridge is the saddle.
    assert row["barrier_ev"] == pytest.approx(energies["bridge-1"] - energies["hollow-1"], abs=0.02)
    assert hop.outcome == "kept"


def test_the_barrier_keeps_its_budget_of_force_calls(row: Row) -> None:
    """Modes of three sites and of the saddle included."""
    assert 0 < row.force_calls["barrier"] <= MOST_FORCE_CALLS


def test_lithium_diffuses_at_a_rate_between_an_atom_stuck_and_an_atom_free(row: Row) -> None:
    """A barrier of 0.08 to 0.35 eV and 1 to 100 THz: above 10⁻⁹, below a few 10⁻³ cm²/s."""
    assert row["diffusion_cm2_s"] is not None
    assert 1e-9 < row["diffusion_cm2_s"] < 1e-2
