"""The JSON schema of a line of the table: every column with its type, unit and meaning."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ConfigDict, Field, create_model

from screening.descriptors import all_columns
from screening.report.tables import dictionary

WHOLE = {"rank", "rank_best", "rank_worst", "force_calls"}
NUMBERS = {"score", "score_lower90", "score_upper90"}
TEXT = {"candidate", "family", "formula", "ion", "status", "flags", "reason", "notes", "review",
        "calculator", "model", "functional", "dispersion", "level", "calibration",
        "engine_scale"}  # fmt: skip
ALWAYS = ("candidate", "family", "formula", "ion", "status", "level")


def json_schema() -> str:
    """Return the schema as JSON; units stand beside the descriptions."""
    fields: dict[str, Any] = {
        name: (
            _kind(name) if name in ALWAYS else _kind(name) | None,
            Field(description=about, json_schema_extra={"unit": unit} if unit else None),
        )
        for name, (unit, about) in dictionary().items()
    }
    line = create_model(
        "Line", __config__=ConfigDict(title="Line of an alkascreen table"), **fields
    )
    return json.dumps(line.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def _kind(name: str) -> Any:
    if name in WHOLE:
        return int
    sure = {flat for c in all_columns() if c.interval or c.better for flat in c.names}
    if name in sure | NUMBERS:
        return float
    return str if name in TEXT else float | bool | str
