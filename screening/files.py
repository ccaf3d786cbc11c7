"""Writing files: all of the content or nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from screening.errors import StoreError


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a crash, never sees half of it; text becomes UTF-8.

    Raises
    ------
    StoreError
        If the folder is missing or the file cannot be written; nothing is left behind.
    """
    data = content.encode() if isinstance(content, str) else content
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(data)
        draft.replace(target)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        reason = error.strerror or str(error)
        raise StoreError(
            f"cannot write: {reason}", where=str(path), allowed="a file in a writable folder"
        ) from None
