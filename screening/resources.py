"""Where recipes and workflows are: the user's folder first, then what the package ships."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def default_structures() -> Path:
    """Return the folder of recipes to use when none is named."""
    return _resource("structures")


def default_workflows() -> Path:
    """Return the folder of workflows to use when none is named."""
    return _resource("workflows")


def shipped(name: str) -> Path:
    """Return the folder that came with the package: in the wheel, or beside it in a checkout."""
    inside = _PACKAGE / "shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def _resource(name: str) -> Path:
    local = Path(name)
    return local if local.is_dir() else shipped(name)
