"""What a dispatcher runs: something to be found out, by tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from screening.descriptors import Steps
from screening.evaluate.task import TaskResult

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


T = TypeVar("T")
J = TypeVar("J", bound=Job[Any])


@dataclass
class Active(Generic[J, T]):
    """A job, and the batch whose results it waits for; None before the first."""

    job: J
    steps: Steps[T]
    keys: list[str] | None = None
    missing: set[str] = field(default_factory=set)
    results: dict[str, TaskResult] = field(default_factory=dict)
