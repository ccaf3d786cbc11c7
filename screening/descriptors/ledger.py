"""What each descriptor of a row cost."""

from __future__ import annotations

from collections.abc import Sequence

from screening.descriptors.pair import Steps, T
from screening.evaluate.task import TaskResult


class Ledger:
    """Force calls by descriptor; a task counts once, for the descriptor that first asks for it.

    Stored results count with what they cost when they were computed: the sum is the price of the
    row, not of the run.
    """

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}
        self._known: set[str] = set()

    def add(self, name: str, results: Sequence[TaskResult]) -> None:
        """Enter the results of a batch."""
        new = {
            result.key: result.force_calls for result in results if result.key not in self._known
        }
        self._known.update(new)
        self.calls[name] = self.calls.get(name, 0) + sum(new.values())

    def track(self, name: str, steps: Steps[T]) -> Steps[T]:
        """Pass batches and results through, entering the results on the way."""
        try:
            batch = next(steps)
            while True:
                results = yield batch
                self.add(name, results)
                batch = steps.send(results)
        except StopIteration as end:
            value: T = end.value
            return value
