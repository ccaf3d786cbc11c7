"""Errors that a user can act on: what is wrong, where, what is allowed, what to do."""

from __future__ import annotations

import re

MAX_REASON = 500
"""Characters of a reason that is stored; an engine's own message may be megabytes."""


def brief(text: str, limit: int = MAX_REASON) -> str:
    """Return text from outside on one line, printable and not longer than the limit."""
    text = " ".join(text[: 4 * limit].split())
    text = "".join(c if c.isprintable() else "�" for c in text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def public(text: str) -> str:
    """Return text with user, password and options taken out of the URLs of databases in it."""
    text = re.sub(r"(postgres(?:ql)?://)\S*@", r"\1", text)
    return re.sub(r"(postgres(?:ql)?://[^\s?]*)\?\S*", r"\1", text)


class ScreeningError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(ScreeningError):
    """The user's input is wrong; the command line exits with code 2.

    Parameters
    ----------
    what
        What is wrong, with the offending value in it.
    where
        File, key path or option that holds the value.
    allowed
        What would be accepted instead.
    """

    def __init__(self, what: str, *, where: str | None = None, allowed: str | None = None) -> None:
        self.what, self.where, self.allowed = what, where, allowed
        message = f"{where}: {what}" if where else what
        super().__init__(f"{message} (allowed: {allowed})" if allowed else message)

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.what, self.where, self.allowed)


def _restore(
    kind: type[InputError], what: str, where: str | None, allowed: str | None
) -> InputError:
    """Rebuild an `InputError` on the other side of a process boundary."""
    return kind(what, where=where, allowed=allowed)


class RecipeError(InputError):
    """A recipe or builder parameter is wrong."""


class StructureError(InputError):
    """A structure cannot be used: overlap, NaN, no vacuum, unreadable file."""


class CalculatorError(InputError):
    """A calculator is unknown, not installed, or does not know an element."""


class WorkflowError(InputError):
    """A workflow file or an option that overrides it is wrong."""


class StoreError(InputError):
    """A database or an output file cannot be used."""


class WorkerError(InputError):
    """Tasks cannot be run: no worker starts, or the scheduler of a cluster is gone."""


class LevelError(InputError):
    """Energies or rows of different level would be mixed."""


class ScaleError(LevelError):
    """Energies of different scale would be mixed: engine, calibrated, reference."""


class TaskError(ScreeningError):
    """A computation ended without a usable result; recorded as the row's reason."""
