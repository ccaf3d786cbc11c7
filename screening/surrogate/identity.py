"""What makes an engine the one that a calibration is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.structure.level import Level

Identity = tuple[tuple[str, str], ...]


def engine_identity(level: Level) -> Identity:
    """Return what the numbers of an engine depend on; its package version is not among it."""
    names = ("calculator", "model", "functional", "dispersion", "weights")
    return identity({name: getattr(level, name) for name in names})


def identity(data: Mapping[str, Any]) -> Identity:
    """Return names and values in order."""
    return tuple(sorted((str(name), str(value)) for name, value in data.items()))
