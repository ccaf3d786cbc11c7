"""SQLite files behind the store: made whole or not at all, and checked before they are used."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sqlite3
from pathlib import Path

from ase.db.sqlite import SQLite3Database

from screening.errors import StoreError, brief
from screening.files import SQLITE_MAGIC
from screening.pipeline.database import MARK, SCHEMA, TABLES, Backend, Database
from screening.pipeline.upgrade import upgraded

DAMAGE = (sqlite3.Error, UnicodeDecodeError)
BUSY_SECONDS = 20.0
"""How long SQLite itself waits for another writer."""


class SQLite(Backend, SQLite3Database):
    """ASE's SQLite back end; it never makes a file."""

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{Path(str(self.filename)).resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS
        )

    def blank(self) -> bytes:
        """Return a new, signed database, as the bytes of its file."""
        with contextlib.closing(sqlite3.connect(":memory:")) as memory:
            self._initialize(memory)  # type: ignore[no-untyped-call]
            for statement in TABLES:
                memory.execute(statement)
            memory.execute(
                "INSERT INTO information VALUES ('metadata', ?)", (json.dumps({MARK: SCHEMA}),)
            )
            memory.commit()
            return memory.serialize()


def open_file(path: Path, *, create: bool) -> Database:
    """Open an SQLite file of ours, or make one.

    Raises
    ------
    StoreError
        No such file, not a database of ours, of another schema, damaged, or not writable.
    """
    where = str(path)
    try:
        exists = path.exists()
        if not exists and not create:
            raise StoreError(
                "there is no such database; 'alkascreen run WORKFLOW' makes one", where=where
            )
        if not exists:
            path.parent.mkdir(parents=True, exist_ok=True)
            _publish(path.resolve())
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"cannot be made: {reason}", where=where) from None
    schema = _check(path)
    if create and not os.access(path, os.W_OK):
        raise StoreError("cannot be opened for writing: it is read-only", where=where)
    database = Database(lambda: SQLite(where), where, _is_busy, DAMAGE)
    return database if schema == SCHEMA else upgraded(database)


def _publish(path: Path) -> None:
    """Put a new database in its place in one step; another run may have been first."""
    draft = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb") as file:
            file.write(SQLite(str(draft)).blank())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            try:
                os.link(draft, path)
            except PermissionError:  # a file system without hard links
                if not path.exists():
                    draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and (
        "locked" in str(error) or "busy" in str(error)
    )


def _check(path: Path) -> int:
    """Return the schema; refuse a file that is not ours before ASE opens it and writes into it."""
    where, allowed = str(path), "an alkascreen database"
    if not path.is_file():
        raise StoreError("is not a file", where=where, allowed=allowed)
    try:
        with path.open("rb") as stream:
            head = stream.read(len(SQLITE_MAGIC))
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror}", where=where) from None
    if not head:
        raise StoreError("is empty", where=where, allowed=allowed)
    if head != SQLITE_MAGIC:
        raise StoreError("is not a database of alkascreen", where=where, allowed=allowed)
    try:
        # Writable where possible: only then can SQLite roll back what a killed writer left.
        # That is SQLite's own repair; nothing else is written here.
        uri = f"{path.resolve().as_uri()}?mode=rw"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as opened:
            schema = _schema(opened)
    except sqlite3.OperationalError as error:
        if Path(f"{path}-journal").exists() and "readonly" in str(error):
            raise StoreError(
                "an interrupted write has to be rolled back, and that needs a writable folder",
                where=where,
                allowed="the file and its '-journal' in a folder that you may write",
            ) from None
        raise StoreError(f"cannot be read: {brief(str(error))}", where=where) from None
    except DAMAGE as error:
        raise StoreError(f"is damaged: {brief(str(error))}", where=where, allowed=allowed) from None
    if schema is None:
        raise StoreError("is not a database of alkascreen", where=where, allowed=allowed)
    if schema not in (1, SCHEMA):
        raise StoreError(f"was written with schema {schema}", where=where, allowed=f"{SCHEMA}")
    return schema


def _schema(opened: sqlite3.Connection) -> int | None:
    """Return the schema that a file is signed with; None for one that is not ours."""
    found = dict(opened.execute("SELECT name, type FROM sqlite_master").fetchall())
    if "view" in found.values() or "trigger" in found.values():  # we make none: both run queries
        return None
    if found.get("information") != "table" or found.get("systems") != "table":
        return None
    try:
        marks = opened.execute("SELECT value FROM information WHERE name='metadata'").fetchall()
        schema = json.loads(marks[-1][0])[MARK]
    except (sqlite3.OperationalError, ValueError, TypeError, LookupError):
        return None
    return schema if type(schema) is int else 0
