"""Descriptors: one file each, found and registered on import; and the row that they fill."""

from __future__ import annotations

import importlib
import pkgutil

from screening.descriptors.codec import row_as_json, row_from_json, row_from_text
from screening.descriptors.columns import Column, column
from screening.descriptors.pair import Context, Pair, Steps
from screening.descriptors.registry import (
    Descriptor,
    DescriptorSettings,
    Size,
    Work,
    all_columns,
    descriptor,
    descriptors,
    name_of,
)
from screening.descriptors.row import Found, Row, Status, merged
from screening.descriptors.value import Scale, Value

for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)

__all__ = [
    "Column",
    "Context",
    "Descriptor",
    "DescriptorSettings",
    "Found",
    "Pair",
    "Row",
    "Scale",
    "Size",
    "Status",
    "Steps",
    "Value",
    "Work",
    "all_columns",
    "column",
    "descriptor",
    "descriptors",
    "merged",
    "name_of",
    "row_as_json",
    "row_from_json",
    "row_from_text",
]
