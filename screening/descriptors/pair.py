"""One candidate with one ion: how its tasks are made, and what all descriptors build on."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ase import Atoms

from screening.descriptors.reference import RelaxedState
from screening.errors import TaskError
from screening.evaluate.settings import RelaxSettings
from screening.evaluate.task import Engine, Task, TaskResult, describe
from screening.geometry import Site, find_sites
from screening.structure import Candidate, digest
from screening.surrogate import Calibration
from screening.units import Ion

T = TypeVar("T")

Steps = Generator[list[Task], list[TaskResult], T]
"""Yields batches of tasks that may run side by side, is sent their results in the same order,
returns what it was after."""


@dataclass(frozen=True)
class Context:
    """What all pairs of a run share.

    Attributes
    ----------
    engine
        Of all energies.
    relax
        How tightly structures are relaxed.
    calibration
        Of that engine; None: there is none, or none is wanted.
    engines
        Another engine for a descriptor, by the descriptor's name.
    second
        Engine that the calibration asks on hosts it does not know; None if it asks none.
    """

    engine: Engine
    relax: RelaxSettings = field(default_factory=RelaxSettings)
    calibration: Calibration | None = None
    engines: Mapping[str, Engine] = field(default_factory=dict)
    second: Engine | None = None


@dataclass(frozen=True)
class Pair:
    """A candidate and an ion."""

    candidate: Candidate
    ion: Ion
    context: Context

    @property
    def host_key(self) -> str:
        """Hash of the host as built."""
        return digest(describe(self.candidate.atoms))

    def metal_task(self) -> Task:
        """Bulk bcc metal of the ion; the same task for all candidates."""
        return Task(
            "metal", self.context.engine, settings={"ion": self.ion}, tags={"ion": self.ion}
        )

    def host_task(self, start: Atoms) -> Task:
        """Relaxation of the host; the same task for all ions."""
        return Task(
            "host",
            self.context.engine,
            (start,),
            self.context.relax.model_dump(),
            {"candidate": self.candidate.id},
        )

    def task(
        self, kind: str, structures: tuple[Atoms, ...], settings: Mapping[str, Any], site: str = ""
    ) -> Task:
        """Task on structures with ions."""
        tags = {"candidate": self.candidate.id, "ion": self.ion}
        if site:
            tags["site"] = site
        return Task(kind, self.context.engine, structures, settings, tags)

    def sites(self, host: TaskResult) -> tuple[Site, ...]:
        """Sites of the relaxed host, the same for all ions."""
        return find_sites(self.state(host).atoms, self.candidate.geometry)

    def state(self, result: TaskResult) -> RelaxedState:
        """Turn a successful result into a state whose energy may enter a difference.

        Raises
        ------
        TaskError
            If the result has no structure or no energy.
        """
        if result.atoms is None or result.energy_ev is None:
            raise TaskError(f"the result of {result.kind} {result.key} has no structure or energy")
        return RelaxedState(
            result.atoms,
            result.energy_ev,
            result.converged,
            self.context.engine.level,
            result.fmax_ev_a,
            result.key,
        )
