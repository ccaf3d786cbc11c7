"""Rows of results for tests that start where the computation ended."""

from __future__ import annotations

from typing import Any

from screening.descriptors import Row, Value
from screening.descriptors.columns import part
from screening.structure.level import Level

LEVEL = Level("emt", "", "EMT", "none", "3.29.0")
OTHER_LEVEL = Level("sevennet", "7net-0", "PBE", "d3bj", "0.13.0", weights="abc")
FIELDS = Row.__dataclass_fields__


def make_row(candidate: str = "host", **changes: Any) -> Row:
    """A good row, with the stated changes: fields of the row, and flat columns by name.

    An energy with a raw value beside it is calibrated, unless `in_domain` is false.
    """
    cells: dict[str, Any] = {
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
    fields: dict[str, Any] = {"family": "carbon", "formula": "C18", "ion": "Li", "level": LEVEL}
    inside = changes.pop("in_domain", True)
    details = {name: changes.pop(name) for name in ("sites", "coverage", "hops") if name in changes}
    fields |= {name: changes.pop(name) for name in list(changes) if name in FIELDS}
    values: dict[str, dict[str, Any]] = {}
    for name, value in (cells | changes).items():
        if value is not None:
            column, attribute = part(name)
            values.setdefault(column, {})[attribute] = value
    return Row(
        candidate=candidate,
        **{"status": "ok", "details": details, **fields},
        values={name: _value(name, parts, inside) for name, parts in values.items()},
    )


def _value(name: str, parts: dict[str, Any], inside: bool) -> Value:
    scale = ("calibrated" if "raw" in parts and inside else "engine") if "_ev" in name else None
    return Value(**parts, scale=scale)
