"""How long a run will still take, by what its jobs are expected to cost and what they took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from screening.evaluate.task import EVALUATIONS, Task

LEAST_SHARE = 0.02
"""Share of the work that must be done before anything is said."""


@dataclass
class _Part:
    """What a job has so far, in force calls times atoms: of this run, and found stored."""

    computed: float = 0.0
    reused: float = 0.0

    def split(self, cost: float) -> tuple[float, float]:
        """Share a job's expected cost out between the two."""
        both = self.computed + self.reused
        return (cost * self.computed / both, cost * self.reused / both) if both else (0.0, cost)


class Remaining:
    """Keeps account of jobs by name; those of no known cost count nothing.

    A run may find half of its work stored: that costs no time, and is taken off the total. Time
    counts from the first task that was computed, since workers need some until then.

    Parameters
    ----------
    costs
        What a plan expects of each job, force calls times atoms.
    """

    def __init__(self, costs: Mapping[str, float] = MappingProxyType({})) -> None:
        self._over: set[str] = set()
        self.expect(costs)
        self._done = self._spared = 0.0
        self._flying: defaultdict[str, _Part] = defaultdict(_Part)
        self._first: tuple[float, float] | None = None

    def expect(self, costs: Mapping[str, float]) -> None:
        """Learn what each job is expected to cost; those that are finished by now count nothing."""
        self._costs = {job: cost for job, cost in costs.items() if job not in self._over}
        self._total = sum(self._costs.values())

    def add(self, job: str, task: Task, *, reused: bool) -> None:
        """Count a task whose result a job was given."""
        cost = EVALUATIONS[task.kind] * max(1, sum(len(atoms) for atoms in task.structures))
        part = self._flying[job]
        if reused:
            part.reused += cost
        else:
            part.computed += cost

    def finish(self, job: str) -> None:
        """Count a job whole, whatever the plan thought that it would take."""
        self._over.add(job)
        done, spared = self._flying.pop(job, _Part()).split(self._costs.get(job, 0.0))
        self._done, self._spared = self._done + done, self._spared + spared

    def seconds(self, now: float) -> float | None:
        """Estimate the time left, s; None as long as too little is done to tell.

        Parameters
        ----------
        now
            Of a steady clock, s.
        """
        done, spared = self._done, self._spared
        for job, part in self._flying.items():
            so_far = min(self._costs.get(job, 0.0), part.computed + part.reused)
            new, old = part.split(so_far)
            done, spared = done + new, spared + old
        if self._first is None:
            self._first = (now, done) if done else None
            return None
        since, before = self._first
        if done - before < LEAST_SHARE * self._total or now <= since:
            return None
        return (self._total - done - spared) * (now - since) / (done - before)
