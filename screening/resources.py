"""Where recipes are: the user's folder first, then what the package ships."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def default_structures() -> Path:
    """Return the folder of recipes to use when none is named."""
    local = Path("structures")
    return local if local.is_dir() else shipped("structures")


def shipped(name: str) -> Path:
    """Return the folder that came with the package: in the wheel, or beside it in a checkout."""
    inside = _PACKAGE / "shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
