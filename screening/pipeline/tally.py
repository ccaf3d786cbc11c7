"""Where a run stands, and what it did and cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import inf

from screening.evaluate.task import TaskResult


@dataclass(frozen=True)
class Progress:
    """Where a run stands; sent after each event.

    Attributes
    ----------
    finished, known
        Tasks with a result and tasks known so far; `known` grows as protocols go on.
    current
        Labels of the tasks that are running.
    rows, pairs
        Candidate–ion pairs that are complete, and all of them.
    expected
        Tasks that the dry run counts.
    seconds_left
        Until the end, by what was done so far; None where that says nothing yet.
    """

    finished: int
    known: int
    current: tuple[str, ...]
    rows: int
    pairs: int
    expected: int = 0
    seconds_left: float | None = None


@dataclass
class Tally:
    """Counts and costs of a run, by kind of task."""

    done: Counter[str] = field(default_factory=Counter)
    reused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    force_calls: Counter[str] = field(default_factory=Counter)
    task_seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    force_seconds: float = 0.0
    load_seconds: float = 0.0

    @property
    def mean_seconds(self) -> float:
        """Of a task that was computed now; infinite before the first."""
        count = self.done.total() + self.failed.total()
        return sum(self.task_seconds.values()) / count if count else inf

    def add(self, result: TaskResult) -> None:
        """Count a result that was computed now."""
        (self.failed if result.failed else self.done)[result.kind] += 1
        self.force_calls[result.kind] += result.force_calls
        self.task_seconds[result.kind] += result.seconds
        self.force_seconds += result.force_seconds
        self.load_seconds += result.load_seconds
