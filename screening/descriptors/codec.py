"""Rows as JSON and back."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from screening.descriptors.registry import descriptors
from screening.descriptors.row import Row

ROW_FORMAT = 7
"""Raised when rows are stored in another form than before."""


def row_as_json(row: Row) -> dict[str, Any]:
    """JSON types only, so that what is read back equals what was written.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = json.dumps({"format": ROW_FORMAT, **dataclasses.asdict(row)}, allow_nan=False)
    return dict(json.loads(text))


def row_from_json(data: dict[str, Any]) -> Row | None:
    """Rebuild a row; None for one of another format, which has to be assembled again.

    Details of a descriptor that is not registered here (a plug-in's) stay plain mappings.
    """
    if data.get("format") != ROW_FORMAT:
        return None
    kinds = _detail_adapters()
    details = {
        name: tuple(kinds[name].validate_python(part) if name in kinds else part for part in parts)
        for name, parts in data["details"].items()
    }
    plain = {name: value for name, value in data.items() if name not in {"format", "details"}}
    row: Row = _row_adapter().validate_python(plain)
    return dataclasses.replace(row, details=details)


@cache
def _row_adapter() -> TypeAdapter[Row]:
    return TypeAdapter(Row)


@cache
def _detail_adapters() -> dict[str, TypeAdapter[Any]]:
    return {
        name: TypeAdapter(kind)
        for known in descriptors().values()
        for name, kind in known.details.items()
    }
