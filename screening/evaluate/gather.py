"""One batch of what many threads ask for: relaxations of many sites and hosts in lock-step."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ase import Atoms
from ase.calculators.calculator import Calculator

from screening.calculators.interface import BatchCalculator, Point
from screening.errors import TaskError


@dataclass
class _Request:
    structures: Sequence[Atoms]
    points: list[Point] = field(default_factory=list)
    error: Exception | None = None
    seconds: float = 0.0
    answered: bool = False


class Gather:
    """Evaluates in one batch what threads ask for, as soon as all of them wait for an answer.

    Each thread runs one task, of whatever kind, with a calculator of its own: a `Seat`. So the
    steps of many optimisers and bands fall together, and no task can tell that it is not alone.
    What one task does wrong stays its own: a batch that fails is evaluated request by request.

    Parameters
    ----------
    calculator
        Evaluates batches; used by one thread at a time.
    cores
        Threads that may compute between evaluations at the same time.
    """

    def __init__(self, calculator: BatchCalculator, cores: int = 1) -> None:
        self._calculator = calculator
        self._cores = threading.BoundedSemaphore(cores)
        self._turn = threading.Condition()
        self._seated = 0
        self._requests: list[_Request] = []
        self._closed = False
        self.batches: list[int] = []
        """Structures of each batch so far."""

    @contextmanager
    def seat(self) -> Iterator[Seat]:
        """Take part for the length of one task; the others wait for whoever has a seat."""
        with self._turn:
            self._seated += 1
        self._cores.acquire()
        try:
            yield Seat(self)
        finally:
            self._cores.release()
            with self._turn:
                self._seated -= 1
                self._evaluate_if_all_wait()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have the calculator to oneself, for what no batch can do."""
        with self._turn:
            yield

    def close(self) -> None:
        """End all waiting; the tasks fail."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()

    def ask(self, structures: Sequence[Atoms]) -> tuple[list[Point], float]:
        """Return points, and this request's share of the seconds that its batch took."""
        request = _Request(structures)
        self._cores.release()
        try:
            with self._turn:
                self._requests.append(request)
                self._evaluate_if_all_wait()
                self._turn.wait_for(lambda: request.answered or self._closed)
        finally:
            self._cores.acquire()
        if request.error is not None:
            raise request.error
        if not request.answered:
            raise TaskError("the run was stopped")
        return request.points, request.seconds

    def _evaluate_if_all_wait(self) -> None:
        """Answer all requests if no seated thread is still on its way; the turn is held."""
        if not self._requests or len(self._requests) < self._seated or self._closed:
            return
        requests, self._requests = self._requests, []
        start = time.perf_counter()
        structures = [atoms for request in requests for atoms in request.structures]
        self.batches.append(len(structures))
        try:
            points = iter(self._calculator.compute_batch(structures))
            for request in requests:
                request.points = [next(points) for _ in request.structures]
        except Exception:  # noqa: BLE001 (whose fault it is, is found out)
            for request in requests:
                self._answer_alone(request)
        each = (time.perf_counter() - start) / max(1, len(structures))
        for request in requests:
            request.seconds = each * len(request.structures)
            request.answered = True
        self._turn.notify_all()

    def _answer_alone(self, request: _Request) -> None:
        try:
            request.points = self._calculator.compute_batch(request.structures)
        except Exception as error:  # noqa: BLE001 (raised in the thread that asked)
            request.error = error


class Seat(Calculator):
    """The calculator of one task among those that are gathered.

    Attributes
    ----------
    seconds
        This task's share of the time in the real calculator.
    """

    def __init__(self, gather: Gather) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._gather = gather
        self.seconds = 0.0

    def compute_batch(self, structures: Sequence[Atoms]) -> list[Point]:
        """Wait for the others, then return one point a structure, in order."""
        points, seconds = self._gather.ask(structures)
        self.seconds += seconds
        return points
