"""Claims on tasks, so that several runs on one database share the work.

A run that lives raises a counter in the database now and then. Nobody compares clocks: a run is
dead once its counter has stood still for `STALE_SECONDS` of the *observer's* own steady clock, or
at once if it was a process of this machine that is gone. What a dead run had claimed is free.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Collection, Sequence

from screening.errors import StoreError
from screening.pipeline.database import Database
from screening.pipeline.log import log
from screening.structure.level import digest

BEAT_SECONDS = 15.0
STALE_SECONDS = 90.0


class Leases:
    """The claims of one run."""

    def __init__(self, database: Database) -> None:
        self._db = database
        # Hashed: the name of a machine is nobody's business in a database that is passed on.
        self._host = digest(socket.gethostname(), length=12)
        self.owner = f"{self._host}-{os.getpid()}-{secrets.token_hex(4)}"
        self._seen: dict[str, tuple[int, float]] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def claim(self, keys: Sequence[str], again: Collection[str] = ()) -> set[str]:
        """Claim tasks; return those that are ours now.

        One that is stored by now is nobody's, unless it is to be computed `again`.
        """
        self._start()
        return self._db.write(
            lambda: {k for k in keys if (k in again or not self._is_stored(k)) and self._take(k)}
        )

    def release(self) -> None:
        """Give up all claims: what others wait for is theirs."""
        if self._thread is None:
            return
        self._stopped.set()
        self._thread.join()
        self._thread = None

        def forget() -> None:
            self._db.do("DELETE FROM alkascreen_claims WHERE owner=?", self.owner)
            self._db.do("DELETE FROM alkascreen_runs WHERE owner=?", self.owner)

        try:
            self._db.write(forget)
        except StoreError as error:  # others notice by themselves that this run is gone
            log.warning("claims are not given up: %s", error)

    def _is_stored(self, key: str) -> bool:
        return bool(self._db.fetch("SELECT 1 FROM alkascreen_tasks WHERE key=?", key))

    def _take(self, key: str) -> bool:
        found = self._db.fetch("SELECT owner FROM alkascreen_claims WHERE key=?", key)
        if found and found[0][0] != self.owner and self._lives(found[0][0]):
            return False
        self._db.do(
            "INSERT INTO alkascreen_claims VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET owner=excluded.owner",
            key,
            self.owner,
        )
        return True

    def _lives(self, owner: str) -> bool:
        beats = self._db.fetch("SELECT beat FROM alkascreen_runs WHERE owner=?", owner)
        if not beats or self._is_gone(owner):
            return False
        beat, now = beats[0][0], time.monotonic()
        known, since = self._seen.setdefault(owner, (beat, now))
        if known != beat:
            self._seen[owner] = (beat, now)
            return True
        return now - since < STALE_SECONDS

    def _is_gone(self, owner: str) -> bool:
        host, process = owner.split("-")[:2]
        if host != self._host:
            return False
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except OSError:  # of another user
            return False
        return False

    def _start(self) -> None:
        if self._thread is not None:
            return
        self._stopped.clear()
        self._db.write(
            lambda: self._db.do(
                "INSERT INTO alkascreen_runs VALUES (?, 0) ON CONFLICT (owner) DO NOTHING",
                self.owner,
            )
        )
        self._thread = threading.Thread(target=self._beat, name="leases", daemon=True)
        self._thread.start()

    def _beat(self) -> None:
        database = self._db.again()
        statement = "UPDATE alkascreen_runs SET beat=beat+1 WHERE owner=?"
        while not self._stopped.wait(BEAT_SECONDS):
            try:
                database.write(lambda: database.do(statement, self.owner))
            except StoreError as error:
                log.warning("this run cannot show that it lives: %s", error)
