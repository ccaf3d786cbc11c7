"""Rows as JSON and back."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json

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


def row_from_text(text: str) -> Row | None:
    """Rebuild a row from JSON; None for one of another format, which has to be assembled again.

    Raises
    ------
    ValueError
        If it is no JSON, a number is not finite, or a part is missing or of another type.
    """
    if text.startswith(_START) and not _NOT_FINITE.search(text):
        return _detailed(_row_adapter().validate_json(text))
    return row_from_json(from_json(text, allow_inf_nan=False))


def row_from_json(data: dict[str, Any]) -> Row | None:
    """Rebuild a row; None for one of another format.

    Details of a descriptor that is not registered here (a plug-in's) stay plain mappings.
    """
    if data.get("format") != ROW_FORMAT:
        return None
    return _detailed(_row_adapter().validate_python(data))


def _detailed(row: Row) -> Row:
    if not row.details:
        return row
    kinds = _detail_adapters()
    details = {
        name: tuple(kinds[name].validate_python(part) if name in kinds else part for part in parts)
        for name, parts in row.details.items()
    }
    return dataclasses.replace(row, details=details)


_START = f'{{"format":{ROW_FORMAT},'
_NOT_FINITE = re.compile("NaN|Infinity")
"""How a row begins that is read in one go, a third faster, and what pydantic would let pass."""


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
