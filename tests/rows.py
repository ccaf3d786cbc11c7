"""Rows of results for tests that start where the computation ended."""

from __future__ import annotations

from typing import Any

from screening.descriptors.record import Row
from screening.structure.level import Level

LEVEL = Level("emt", "", "EMT", "none", "3.29.0")
OTHER_LEVEL = Level("sevennet", "7net-0", "PBE", "d3bj", "0.13.0", weights="abc")


def make_row(candidate: str = "host", **changes: Any) -> Row:
    """A good row, with the stated changes."""
    values: dict[str, Any] = {
        "candidate": candidate,
        "family": "carbon",
        "formula": "C18",
        "ion": "Li",
        "level": LEVEL,
        "status": "ok",
        "e_ads_ev": 0.0,
        "site": "hollow-1",
        "outcome": "kept",
        "barrier_ev": 0.4,
        "barrier_path": "hollow-1 > hollow-1",
        "host_disp_a": 0.05,
        "ion_distance_a": 7.4,
        "fmax_ev_a": 0.04,
        "converged": True,
    }
    return Row(**(values | changes))
