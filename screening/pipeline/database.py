"""What is behind the store: transactions on an ASE database, and tables of ours in it.

The structures are rows of an ASE database, which ``ase db`` opens. Beside them stand small
tables of ours with primary keys: a look-up costs the same in a store of any size, and no key can
be stored twice, whoever writes.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from screening.errors import StoreError, brief
from screening.pipeline.log import log

SCHEMA = 2
MARK = "alkascreen_schema"
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Waits between tries of a database that is locked, or a server that restarts, s."""

ORIGIN_TABLES = (
    "CREATE TABLE IF NOT EXISTS alkascreen_inputs (key TEXT PRIMARY KEY, record TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS alkascreen_origins (
    row_key TEXT NOT NULL, structure TEXT NOT NULL, run TEXT NOT NULL, stamp INTEGER NOT NULL,
    PRIMARY KEY (row_key, structure, run))""",
)
"""Where rows come from; of schema 2 since they were added, which older programs do not mind."""

TABLES = (
    """CREATE TABLE IF NOT EXISTS alkascreen_tasks (
    key TEXT PRIMARY KEY, id INTEGER NOT NULL, seal TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS alkascreen_rows (
    key TEXT PRIMARY KEY, stamp INTEGER NOT NULL, record TEXT NOT NULL, seal TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS alkascreen_stamps ON alkascreen_rows(stamp)",
    "CREATE TABLE IF NOT EXISTS alkascreen_runs (owner TEXT PRIMARY KEY, beat INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS alkascreen_claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL)",
    *ORIGIN_TABLES,
)

Result = TypeVar("Result")


class Database:
    """Transactions on an ASE back end, and the same errors whichever it is.

    Parameters
    ----------
    make
        Opens the back end; called once more for each `again`.
    where
        Name of the database for messages, without a password.
    passing
        Errors that pass by themselves: a lock, a server that restarts.
    fatal
        The other errors of the back end.
    """

    def __init__(
        self,
        make: Callable[[], Any],
        where: str,
        passing: Callable[[Exception], bool],
        fatal: tuple[type[Exception], ...],
    ) -> None:
        self.ase, self.where = make(), where
        self._make, self._passing, self._fatal = make, passing, fatal

    def again(self) -> Database:
        """Return the same database for another thread."""
        return Database(self._make, self.where, self._passing, self._fatal)

    def read(self, action: Callable[[], Result]) -> Result:
        """Do something that only reads."""

        def reading() -> Result:
            with self.ase:
                return action()

        return self._patiently(reading)

    def write(self, action: Callable[[], Result]) -> Result:
        """Do something in one transaction: all of it is committed, or nothing.

        Raises
        ------
        StoreError
            The database cannot be written: full disk, lost server, damaged file.
        """

        def writing() -> Result:
            with self.ase:
                self.ase.begin()
                return action()

        return self._patiently(writing)

    def fetch(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a query finds; inside `read` or `write`."""
        cursor = self.ase.connection.cursor()
        cursor.execute(statement, values)
        return list(cursor.fetchall())

    def do(self, statement: str, *values: Any) -> None:
        """Execute a statement; inside `write`."""
        self.ase.connection.cursor().execute(statement, values)

    def _patiently(self, action: Callable[[], Result]) -> Result:
        for pause in (*PAUSES, None):
            try:
                return action()
            except self._fatal as error:
                reason = brief(str(error)) or type(error).__name__
                if pause is None or not self._passing(error):
                    raise StoreError(f"cannot be used: {reason}", where=self.where) from error
                log.warning("%s: %s; trying again in %g s", self.where, reason, pause)
                time.sleep(pause)
        raise AssertionError("unreachable")


class Backend:
    """What ASE's back ends lack: a transaction that begins at once, and is always left closed."""

    connection: Any

    def begin(self) -> None:
        """Take the writer's lock now, so that nothing changes between a look and a write."""
        self.connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *error: object) -> None:
        try:
            super().__exit__(*error)  # type: ignore[misc]  # of ASE's back end
        finally:
            if self.connection is not None:  # the commit or the rollback failed
                with contextlib.suppress(Exception):
                    self.connection.close()
                self.connection = None


def sign(database: Database) -> None:
    """Mark a database as ours; inside `Database.write`."""
    metadata = {**database.ase.metadata, MARK: SCHEMA}
    database.do("DELETE FROM information WHERE name='metadata'")
    database.do("INSERT INTO information VALUES ('metadata', ?)", json.dumps(metadata))
