"""The log of a run: one file a run beside the database, with the tracebacks that rows leave out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

log = logging.getLogger("screening")
"""For the whole pipeline: ``log.exception("graphene Li, barrier")`` inside a broad ``except``."""
log.addHandler(logging.NullHandler())

KEPT = 20
"""Logs of earlier runs that stay beside a database."""


@contextmanager
def run_log(database: Path, name: str) -> Iterator[Path | None]:
    """Write what is logged to ``DATABASE.NAME.N.log``, N counting up; yield its path.

    A log that cannot be written never stops a run: then None is yielded.
    """
    handler, path = _open(database, name)
    if handler is None:
        yield None
        return
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield path
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        with suppress(OSError):  # a full disk
            handler.close()


def _open(database: Path, name: str) -> tuple[logging.Handler | None, Path | None]:
    stem = f"{database.stem}.{name}"
    try:
        numbers = sorted(
            int(part)
            for path in database.parent.glob("*.log")
            if path.name.startswith(f"{stem}.")
            and (part := path.name.removeprefix(f"{stem}.").removesuffix(".log")).isdecimal()
        )
        for old in numbers[: 1 - KEPT]:
            database.with_name(f"{stem}.{old}.log").unlink(missing_ok=True)
        path = database.with_name(f"{stem}.{numbers[-1] + 1 if numbers else 1}.log")
        # Made with its first line: input that is wrong leaves nothing behind.
        handler = _Quiet(path, encoding="utf-8", errors="backslashreplace", delay=True)
    except (OSError, ValueError):
        return None, None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler, path


class _Quiet(logging.FileHandler):
    """A file whose full disk is nobody's business: the run has its own way to say so."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Say nothing."""
