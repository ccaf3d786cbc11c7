"""PostgreSQL behind the store, with ``ase-db-backends``; passwords stay out of every message."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from screening.errors import StoreError, public
from screening.pipeline.database import MARK, SCHEMA, TABLES, Backend, Database, sign
from screening.pipeline.upgrade import upgraded

WRITERS = 7_305_118
"""Key of the advisory lock that lets one transaction write at a time.

Not only ours need it: ase-db-backends takes a new row's number from the sequence's last value,
which is another writer's as soon as there are two.
"""


def open_server(url: str) -> Database:
    """Connect to a database on a server; sign it if it is new.

    Raises
    ------
    StoreError
        Missing package, no such server or database, or one that is not ours.
    """
    where = public(url)
    _check(url, where)
    try:
        import psycopg2  # noqa: PLC0415 (an extra)
        from ase_db_backends import postgresql  # noqa: PLC0415
    except ImportError:
        raise StoreError(
            "PostgreSQL needs ase-db-backends; install it with: pip install 'alkascreen[postgres]'",
            where=where,
        ) from None

    class Connection(postgresql.Connection):  # type: ignore[misc]
        def rollback(self) -> None:
            self.con.rollback()

    class Server(Backend, postgresql.PostgreSQLDatabase):  # type: ignore[misc]
        def _connect(self) -> Any:
            return Connection(psycopg2.connect(self.filename, connect_timeout=20))

        def begin(self) -> None:
            self.connection.cursor().execute("SELECT pg_advisory_xact_lock(?)", (WRITERS,))

    def passes(error: Exception) -> bool:
        lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
        return lost and not _is_refusal(str(error))

    try:
        database = Database(lambda: Server(url), where, passes, (psycopg2.Error, OSError))
        if database.write(lambda: _prepare(database)) != SCHEMA:
            return upgraded(database.again())
    except StoreError as error:
        reason = _without_secrets(error.what, url)
        reason = reason.replace("cannot be used", "cannot be reached", 1)
        raise StoreError(reason, where=where, allowed=error.allowed) from None
    return database


def _prepare(database: Database) -> int:
    """Make the tables where there are none; return the schema. Inside one transaction's lock."""
    with database.ase.managed_connection():  # ASE makes its own tables here, and commits
        pass
    database.ase.begin()
    metadata = database.ase.metadata
    if MARK not in metadata:
        if database.fetch("SELECT id FROM systems LIMIT 1"):
            raise StoreError("is an ASE database, but not one of alkascreen", where=database.where)
        for statement in TABLES:
            database.do(statement)
        sign(database)
        return SCHEMA
    schema = metadata[MARK]
    if schema not in (1, SCHEMA):
        raise StoreError(
            f"was written with schema {schema}", where=database.where, allowed=f"schema {SCHEMA}"
        )
    return int(schema)


def _check(url: str, where: str) -> None:
    authority = url.partition("//")[2]
    if authority.count("@") > 1 or "/" in authority.rpartition("@")[0]:
        raise StoreError(
            "the user or password holds characters that a URL cannot",
            where=where,
            allowed="them percent-encoded (@ is %40, / is %2F), or a password in ~/.pgpass",
        )


def _is_refusal(reason: str) -> bool:
    """Whether trying again is of no use."""
    pattern = r"does not exist|authentication|password|could not translate|permission|invalid"
    return re.search(pattern, reason) is not None


def _without_secrets(text: str, url: str) -> str:
    """Take a password out of a driver's own words."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the URL cannot be read"
    query = re.findall(r"password=([^&\s]+)", parts.query)
    for secret in filter(None, [parts.password, *query]):
        for form in (secret, unquote(secret)):
            text = text.replace(form, "***")
    return text
