"""Writing files: all of the content or nothing, and never over what is not ours to replace."""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from screening.errors import StoreError, StructureError, brief

SQLITE_MAGIC = b"SQLite format 3\0"
_PNG_MAGIC = b"\x89PNG"

_MAPPING = re.compile(rb"(?:#[^\n]*\n|\s*\n)*(---|[\w'\"][^\n,|]*:(\s|$))")
_LOOKS: dict[str, re.Pattern[bytes]] = {
    ".csv": re.compile(rb"[^\n,{|]+,|\w+\n"),
    ".json": re.compile(rb"[{\[]"),
    ".md": re.compile(rb"[#|>*\-\w](?![^\n\s]*,)"),
    ".yaml": _MAPPING,
    ".yml": _MAPPING,
    ".png": re.compile(_PNG_MAGIC),
    ".cif": re.compile(rb"(data_|#)"),
    ".extxyz": re.compile(rb"\d+\s"),
    ".xyz": re.compile(rb"\d+\s"),
}
"""How a file of a name begins; a file of another name is only told text from binary."""
_NEVER = {".db", ".sqlite", ".py", ".toml", ".db-journal", ".gz", ".traj", ".gpw"}


MAX_COLUMNS = 100
"""Numbers a line of an extended XYZ file may claim for each atom."""


def require_plausible_xyz(content: bytes, where: str) -> None:
    """Refuse an XYZ file that claims more than it holds: readers believe it and never return.

    Raises
    ------
    StructureError
        A frame claims more atoms than there are lines, or a line more columns than any has.
    """
    lines = content.count(b"\n") + 1
    first, second = ([*content.split(b"\n", 2), b"", b""])[:2]
    first, second = first[:1000], second[:100_000]
    if first.strip().isdigit() and (len(first) > 10 or int(first) > lines):
        claimed = brief(first.decode(errors="replace"), 20)
        raise StructureError(f"claims {claimed} atoms in {lines} lines", where=where)
    columns = [int(n) for n in re.findall(rb":[A-Z]:(\d{1,20})", second)]
    if sum(columns) > MAX_COLUMNS:
        raise StructureError(
            f"claims {sum(columns)} columns", where=where, allowed=f"up to {MAX_COLUMNS}"
        )


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a crash, never sees half of it; text becomes UTF-8.

    A file that is there is replaced if it is a regular file of the same kind: never a device, a
    pipe, a folder or a database, and no workflow by a table.

    Raises
    ------
    StoreError
        If the folder is missing, the file cannot be written or is not to be replaced; nothing is
        changed or left behind.
    """
    where = str(path)
    data = content.encode() if isinstance(content, str) else content
    draft = None
    try:
        target = path.resolve()
        _require_replaceable(path, target, data)
        draft = target.with_name(f".{secrets.token_hex(8)}.tmp")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        if draft is not None:
            with suppress(OSError):
                draft.unlink()
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(
            f"cannot write: {reason}", where=where, allowed="a file in a writable folder"
        ) from None


def _require_replaceable(path: Path, target: Path, data: bytes) -> None:
    """Refuse to put content in the place of something else."""
    where = str(path)
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise StoreError(
            "cannot write: it is there, and not a regular file", where=where, allowed="a file"
        )
    with target.open("rb") as stream:
        old = stream.read(4096)
    if old.startswith(SQLITE_MAGIC):
        raise StoreError(
            "cannot write: it is a database", where=where, allowed="a new file, or an older table"
        )
    if not old:
        return
    suffix = path.suffix.lower()
    look = _LOOKS.get(suffix)
    fits = look.match(data.lstrip()) if look else (b"\0" in old) == (b"\0" in data[:4096])
    if suffix in _NEVER or not fits:
        raise StoreError(
            "cannot write: the file that is there is of another kind",
            where=where,
            allowed="a new file, or one of the same kind to replace",
        )
