"""Calculators by name: `resolve` makes a spec, the spec states its level and makes the engine."""

from __future__ import annotations

from screening.calculators.base import CalculatorSpec
from screening.calculators.registry import available, resolve

__all__ = ["CalculatorSpec", "available", "resolve"]
