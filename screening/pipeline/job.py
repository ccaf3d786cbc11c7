"""What a dispatcher runs: something to be found out, by tasks."""

from __future__ import annotations

from typing import Protocol, TypeVar

from screening.descriptors import Steps

T_co = TypeVar("T_co", covariant=True)


class NotComputed(Exception):  # noqa: N818 (not an error)
    """Raised by a job that gives itself up; nothing comes of it."""


class Job(Protocol[T_co]):
    """What is to be found out, by tasks."""

    @property
    def name(self) -> str:
        """For the log."""
        ...

    def steps(self) -> Steps[T_co]:
        """Yield batches of tasks, be sent their results, return what was found out."""
        ...

    def failure(self, reason: str) -> T_co:
        """Return what stands for a job that could not be brought to an end."""
        ...
