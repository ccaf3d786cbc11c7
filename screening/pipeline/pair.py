"""One candidate with one ion: how its tasks are made, and what later stages build on."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ase import Atoms

from screening.descriptors.adsorption import Adsorbed
from screening.descriptors.record import Row
from screening.descriptors.reference import RelaxedState
from screening.errors import TaskError
from screening.geometry import Site, find_sites
from screening.pipeline.tasks import Engine, Task, TaskResult, describe
from screening.pipeline.workflow import Workflow
from screening.structure import Candidate
from screening.structure.level import digest
from screening.surrogate import Calibration
from screening.units import Ion

ROW_PROTOCOL = 6
"""Part of every pair's key; raised when the same results would make another row than before."""

Steps = Generator[list[Task], list[TaskResult], Row]
"""Yields batches of tasks, is sent their results in the same order, returns a row."""


@dataclass(frozen=True)
class Context:
    """What all pairs of a run share.

    Attributes
    ----------
    calibration
        Fingerprint of the calibration in use; empty: none.
    electronic
        Engine of charges and work functions; None: that of the energies.
    known_sites
        Sites of each relaxed host, by the key of its relaxation.
    """

    workflow: Workflow
    engine: Engine
    calibration: str = ""
    electronic: Engine | None = None
    known_sites: dict[str, tuple[Site, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """A candidate and an ion."""

    candidate: Candidate
    ion: Ion
    context: Context

    def failure(self, reason: str) -> Row:
        """Row of a pair that could not be brought to an end."""
        candidate = self.candidate
        return Row(
            candidate.id,
            candidate.family,
            candidate.formula,
            self.ion,
            self.context.engine.level,
            "failed",
            reason,
            review=tuple(candidate.recipe.get("review", ())),
        )

    @property
    def key(self) -> str:
        """Hash of all that decides the pair's row: equal keys mean equal rows."""
        settings = self.context.workflow.model_dump(mode="json", include={"relax", "descriptors"})
        electronic = self.context.electronic
        # As for a task's key, the letter keeps ASE's database from reading a number.
        return "p" + digest(
            {
                "protocol": ROW_PROTOCOL,
                "structure": describe(self.candidate.atoms),
                "geometry": self.candidate.geometry,
                "recipe": dict(self.candidate.recipe),
                "family": self.candidate.family,
                "ion": self.ion,
                "level": self.context.engine.level.fingerprint,
                "calibration": self.context.calibration,
                "electronic": electronic.level.fingerprint if electronic else "",
                "settings": settings,
            },
            length=32,
        )

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
            self.context.workflow.relax.model_dump(),
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
        """Sites of the relaxed host, found once for all ions."""
        known = self.context.known_sites
        if host.key not in known:
            known[host.key] = find_sites(self.state(host).atoms, self.candidate.geometry)
        return known[host.key]

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
            result.atoms, result.energy_ev, result.converged, self.context.engine.level
        )


def without(row: Row, reason: str) -> Row:
    """Return the row marked as partial, with one more reason."""
    return replace(noted(row, reason), status="partial")


def noted(row: Row, reason: str) -> Row:
    """Return the row with one more reason: for what does not apply to a host, and lacks nothing."""
    return replace(row, reason="; ".join(part for part in (row.reason, reason) if part))


@dataclass(frozen=True)
class Bound:
    """A pair after adsorption: the relaxed host, the metal, and every site that was tried.

    Attributes
    ----------
    sites
        Sites of the relaxed host, in the order of `adsorbed`.
    calibration
        Calibration in use on this pair; None if the engine has none or none is wanted.
    """

    host: RelaxedState
    metal: RelaxedState
    adsorbed: tuple[Adsorbed, ...]
    sites: tuple[Site, ...]
    calibration: Calibration | None = None

    @property
    def ion_index(self) -> int:
        """Index of the ion in an adsorbed structure."""
        return len(self.host.atoms)
