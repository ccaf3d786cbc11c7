"""Calculators by name: `resolve` makes a spec, the spec states its level and makes the engine."""

from __future__ import annotations

from screening.calculators.base import CalculatorSpec
from screening.calculators.custom import object_spec
from screening.calculators.registry import DEFAULT_CALCULATOR, DEFAULT_REFERENCE, available, resolve

__all__ = [
    "DEFAULT_CALCULATOR",
    "DEFAULT_REFERENCE",
    "CalculatorSpec",
    "available",
    "object_spec",
    "resolve",
]
