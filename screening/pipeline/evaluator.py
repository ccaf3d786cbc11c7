"""Answers questions that are no pairs of a screen: same tasks, keys, store and workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from screening.descriptors import Steps
from screening.pipeline.dispatcher import Dispatcher
from screening.pipeline.executor import make_executor
from screening.pipeline.store import Store, passing_store
from screening.pipeline.tally import Progress

T = TypeVar("T")


@dataclass(frozen=True)
class Question(Generic[T]):
    """What is to be found out.

    Attributes
    ----------
    name
        For the log.
    steps
        Starts the steps to the answer.
    failure
        Makes an answer of a reason why there is none.
    heard
        Called with the answer as soon as it is there.
    """

    name: str
    steps: Callable[[], Steps[T]]
    failure: Callable[[str], T]
    heard: Callable[[T], None] = lambda _: None


def answers(
    questions: Sequence[Question[T]],
    store: Store | None = None,
    jobs: int = 1,
    report: Callable[[Progress], None] = lambda _: None,
    *,
    retry: bool = False,
) -> list[T]:
    """Return the answer to each question, in their order.

    Parameters
    ----------
    store
        Whose results are reused, and where new ones are kept; None: none are.
    jobs
        Worker processes; 1 runs in this process.
    report
        Called after each event; its rows are answers.
    retry
        Compute tasks again that failed in an earlier run.

    Raises
    ------
    StoreError, WorkerError
        The store cannot be written, or no worker starts; what was finished is kept.
    """
    if store is None:
        with passing_store() as passing:
            return answers(questions, passing, jobs, report, retry=retry)
    evaluator: _Evaluator[T] = _Evaluator(
        store, lambda: make_executor(jobs), jobs, report, retry=retry
    )
    return evaluator.run(questions)


class _Evaluator(Dispatcher[Question[T], T]):
    """Tells answers to whoever asked; the store knows tasks, no answers."""

    def _known(self, job: Question[T]) -> T | None:  # noqa: ARG002
        return None

    def _keep(self, job: Question[T], found: T) -> T:
        job.heard(found)
        return found
