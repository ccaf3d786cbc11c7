"""Batches cut into passes that fit into a device's memory, which is measured in edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from screening.errors import TaskError

T = TypeVar("T")

FIRST_EDGES = 2**15
"""Edges of the first pass on a graphics card; what it took says how many fit."""

SHARE = 0.7
"""Of the card's free memory that a pass may fill: the rest is lost between blocks."""


class Passes:
    """Evaluates structures in passes of at most `edges` edges; a structure is never cut.

    A network's memory grows with its edges, far less with its atoms. On a graphics card the limit
    follows the memory that passes took and that is free; a pass that does not fit is halved. A
    processor gains nothing from passes of several structures (12 cells of 19 atoms: 1.7 s one by
    one, 2.0 s in fives, 2.3 s in one).

    Attributes
    ----------
    edges
        Limit of the next pass.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._ceiling: int | None = None
        self._bytes_per_edge = 0.0
        self.edges = FIRST_EDGES if device.type == "cuda" else 1

    def run(self, edges: Sequence[int], evaluate: Callable[[slice], list[T]]) -> list[T]:
        """Evaluate structures of so many edges each, in order.

        Parameters
        ----------
        evaluate
            Takes a slice of the structures, returns a result for each.

        Raises
        ------
        TaskError
            If one structure alone does not fit.
        """
        found: list[T] = []
        while len(found) < len(edges):
            part = self._next(edges, len(found))
            total = sum(edges[part])
            fits, before = True, self._held()
            try:
                found += evaluate(part)
            except torch.cuda.OutOfMemoryError:
                fits = False
            if fits:  # outside the handler: its traceback holds tensors
                self._learn(total, before)
            else:
                self._shrink(part.stop - part.start, total)
        return found

    def _next(self, edges: Sequence[int], start: int) -> slice:
        total, stop = edges[start], start + 1
        while stop < len(edges) and total + edges[stop] <= self.edges:
            total += edges[stop]
            stop += 1
        return slice(start, stop)

    def _held(self) -> int:
        if self._device.type != "cuda":
            return 0
        torch.cuda.reset_peak_memory_stats(self._device)
        return torch.cuda.memory_allocated(self._device)

    def _learn(self, total: int, before: int) -> None:
        if self._device.type != "cuda" or total < FIRST_EDGES // 8:
            return  # a small pass says little about a large one
        taken = torch.cuda.max_memory_allocated(self._device) - before
        self._bytes_per_edge = max(self._bytes_per_edge, taken / total)
        free, _ = torch.cuda.mem_get_info(self._device)
        free += torch.cuda.memory_reserved(self._device) - before
        fitting = int(SHARE * free / self._bytes_per_edge)
        self.edges = max(1, min(fitting, self._ceiling or fitting))

    def _shrink(self, structures: int, total: int) -> None:
        if structures == 1:
            raise TaskError(
                f"a structure of {total} edges does not fit into the memory of {self._device}"
            )
        self._ceiling = self.edges = max(1, total // 2)
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
