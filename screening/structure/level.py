"""The level of an energy: all that makes two of them comparable; and the one hash behind keys."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from screening.units import Dispersion


@dataclass(frozen=True)
class Level:
    """What makes two energies comparable: equal levels, and only those, may be subtracted.

    Attributes
    ----------
    calculator, model
        Registry name and model, e.g. ``sevennet`` and ``7net-0``.
    functional
        What the numbers aim at: ``PBE``, ``GFN1-xTB``, ``EMT`` …
    dispersion
        ``none`` or ``d3bj``.
    version
        Version of the package that computes.
    weights
        SHA-256 prefix of the model file or of the parameters; empty where there are none.
    dtype
        ``float32`` or ``float64``.
    settings
        Whatever else changes the numbers (cut-off, k-point density …), as sorted pairs.
    """

    calculator: str
    model: str
    functional: str
    dispersion: Dispersion
    version: str
    weights: str = ""
    dtype: str = "float64"
    settings: tuple[tuple[str, str], ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change with any of the fields."""
        return digest(asdict(self))

    def __str__(self) -> str:
        name = f"{self.calculator}:{self.model}" if self.model else self.calculator
        return f"{name} ({self.functional}, dispersion {self.dispersion})"


def digest(payload: Any, length: int = 16) -> str:
    """SHA-256 of canonical JSON, shortened; the one hash behind every key and fingerprint."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:length]
