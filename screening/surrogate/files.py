"""Model files: JSON that says what it is, for which version and features."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from screening.errors import InputError

Model = TypeVar("Model")
Stamp = tuple[str, int, list[str]]
"""Format, version and names of the features."""


def load_model(
    path: Path, stamp: Stamp, build: Callable[[dict[str, Any]], Model], *, what: str, command: str
) -> Model:
    """Read a model.

    Parameters
    ----------
    stamp
        What the file has to say of itself.
    build
        Makes the model from the file's content.
    what, command
        For messages: what the file should hold, and what writes it.

    Raises
    ------
    InputError
        If the file is not one, or was made with other features.
    """
    allowed = f"a file written by '{command}'"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if (data["format"], data["version"], data["features"]) != stamp:
            raise InputError("made for other features", where=str(path), allowed=allowed)
        return build(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(
            f"cannot read {what}: {reason}", where=str(path), allowed=allowed
        ) from None
