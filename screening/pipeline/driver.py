"""Runs the pairs of a screen, and keeps their rows."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors import Row
from screening.errors import brief
from screening.pipeline.dispatcher import Dispatcher
from screening.pipeline.origins import Origin
from screening.pipeline.protocol import Protocol

MAX_ROW_REASON = 2000
"""Characters of a row's reason, which is put together from those of its parts."""


class Driver(Dispatcher[Protocol, Row]):
    """Runs protocols; a complete row of the store is reused whole, unless failures are retried."""

    def _known(self, job: Protocol) -> Row | None:
        row = None if self._retry else self._store.find_row(job.row_key)
        if row is None or row.status != "ok":
            return None
        self.tally.reused["row"] += 1
        return row

    def _keep(self, job: Protocol, found: Row) -> Row:
        row, key = replace(found, reason=brief(found.reason, MAX_ROW_REASON)), job.row_key
        try:
            self._store.save_row(row, key, Origin.of(job))
        except ValueError as error:  # a number that is not finite has no place in a table
            row = job.failure(f"the row cannot be stored: {brief(str(error))}")
            self._store.save_row(row, key)
        return row
