"""What has to be computed for one candidate and one ion, and what row comes of it.

A protocol is a generator: it yields batches of tasks, is sent their results, and returns a `Row`.
It neither runs nor stores anything, so the same protocol serves a run, a resumed run and a dry
run, on any executor.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from ase import Atoms

from screening.builders import Candidate
from screening.descriptors.adsorption import (
    Adsorbed,
    Surface,
    assess_site,
    best_site,
    site_problems,
    site_without_value,
)
from screening.descriptors.barrier import choose_hop
from screening.descriptors.record import Row
from screening.descriptors.reference import RelaxedState
from screening.errors import TaskError
from screening.geometry import Site, find_sites, motif_changed, nearest_image_distance, place
from screening.pipeline.tasks import Engine, Task, TaskResult
from screening.pipeline.workflow import BarrierSettings, Workflow

Steps = Generator[list[Task], list[TaskResult], Row]


@dataclass(frozen=True)
class Context:
    """What all protocols of a run share; `sites` remembers each relaxed host's sites."""

    workflow: Workflow
    engine: Engine
    sites: dict[str, tuple[Site, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Protocol:
    """Adsorption and barrier of one ion on one host."""

    candidate: Candidate
    ion: str
    context: Context

    def steps(self) -> Steps:
        """Go from the built host to a row.

        Yields
        ------
        list of Task
            Tasks that may run side by side; send back their results in the same order.

        Returns
        -------
        Row
            Whatever happened, with what is missing and why.
        """
        candidate, row = self.candidate, self.failure("")
        metal, host = yield [self.metal_task(), self.host_task()]
        for name, result in ((f"bulk {self.ion}", metal), ("host", host)):
            if result.failed:
                return replace(row, reason=f"{name}: {result.reason}")
        host_state, metal_state = self._state(host), self._state(metal)
        if change := motif_changed(candidate.atoms, host_state.atoms):
            row = replace(row, flags=(f"host reconstructed on relaxing: {change}",))
        adsorbed = yield from self._adsorb(host.key, host_state, metal_state)
        site_rows = tuple(entry.row for entry in adsorbed)
        best = best_site(adsorbed)
        if best is None or best.state is None:
            return replace(row, sites=site_rows, reason=site_problems(site_rows))
        row = replace(
            row,
            status="ok",
            reason=site_problems(site_rows),
            e_ads_ev=best.row.e_ads_ev,
            site=best.row.final_site or best.row.site,
            outcome=best.row.outcome,
            host_disp_a=best.row.host_disp_a,
            ion_distance_a=nearest_image_distance(best.state.atoms, len(host_state.atoms)),
            fmax_ev_a=max(best.row.fmax_ev_a or 0.0, host.fmax_ev_a or 0.0),
            converged=True,
            sites=site_rows,
        )
        barrier = self.context.workflow.descriptors.barrier
        if barrier is None or (barrier.ions is not None and self.ion not in barrier.ions):
            return row
        return (yield from self._barrier(barrier, row, host_state, adsorbed))

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
        )

    def metal_task(self) -> Task:
        """Bulk bcc metal of the ion; the same task for all candidates."""
        return Task(
            "metal", self.context.engine, settings={"ion": self.ion}, tags={"ion": self.ion}
        )

    def host_task(self) -> Task:
        """Relaxation of the host; the same task for all ions."""
        return Task(
            "host",
            self.context.engine,
            (self.candidate.atoms,),
            self.context.workflow.relax.model_dump(),
            {"candidate": self.candidate.id},
        )

    def _adsorb(
        self, host_key: str, host: RelaxedState, metal: RelaxedState
    ) -> Generator[list[Task], list[TaskResult], list[Adsorbed]]:
        """Relax the ion at the host's sites; with `max_sites`, only at the most promising."""
        sites = self._sites(host_key, host.atoms)
        starts = [place(host.atoms, site, self.ion) for site in sites]
        chosen, skipped = set(range(len(sites))), ""
        limit = self.context.workflow.descriptors.adsorption.max_sites
        if limit is not None and len(sites) > limit:
            skipped = f"not relaxed: not among the {limit} lowest of {len(sites)} sites as placed"
            (points,) = yield [self._task("points", tuple(starts), {})]
            if points.failed:
                chosen, skipped = set(), f"first evaluation failed: {points.reason}"
            else:
                energies = points.data["energies_ev"]
                chosen = set(sorted(chosen, key=energies.__getitem__)[:limit])
        settings = {**self.context.workflow.relax.model_dump(), "soft": [len(host.atoms)]}
        tasks = {
            index: self._task("adsorption", (starts[index],), settings, sites[index].label)
            for index in sorted(chosen)
        }
        results = dict(zip(tasks, (yield list(tasks.values())), strict=True))
        surface = Surface(host, metal, sites, self.candidate.geometry)
        return [
            self._assess(surface, site, starts[index], results[index])
            if index in results
            else site_without_value(site, skipped)
            for index, site in enumerate(sites)
        ]

    def _assess(self, surface: Surface, site: Site, start: Atoms, result: TaskResult) -> Adsorbed:
        if result.failed:
            return site_without_value(site, result.reason, result.fmax_ev_a)
        return assess_site(surface, site, start, self._state(result), result.fmax_ev_a)

    def _barrier(
        self,
        barrier: BarrierSettings,
        row: Row,
        host: RelaxedState,
        adsorbed: Sequence[Adsorbed],
    ) -> Steps:
        try:
            chosen = choose_hop(host.atoms, adsorbed, self.candidate.geometry)
        except TaskError as error:
            return _without_barrier(row, str(error))
        hop = chosen.hop
        settings = {
            **barrier.model_dump(exclude={"ions"}),
            "soft": [len(host.atoms)],
            "end_energies_ev": [chosen.start_energy_ev, chosen.end_energy_ev],
        }
        (band,) = yield [self._task("barrier", (hop.start, hop.end), settings, hop.name)]
        if band.failed:
            return _without_barrier(row, band.reason)
        return replace(row, barrier_ev=band.data["forward_ev"], barrier_path=hop.name)

    def _sites(self, host_key: str, relaxed_host: Atoms) -> tuple[Site, ...]:
        known = self.context.sites
        if host_key not in known:
            known[host_key] = find_sites(relaxed_host, self.candidate.geometry)
        return known[host_key]

    def _task(
        self, kind: str, structures: tuple[Atoms, ...], settings: dict[str, object], site: str = ""
    ) -> Task:
        tags = {"candidate": self.candidate.id, "ion": self.ion}
        return Task(
            kind,
            self.context.engine,
            structures,
            settings,
            {**tags, "site": site} if site else tags,
        )

    def _state(self, result: TaskResult) -> RelaxedState:
        """Turn a successful result into a state whose energy may enter a difference."""
        if result.atoms is None or result.energy_ev is None:
            raise TaskError(f"the result of {result.kind} {result.key} has no structure or energy")
        return RelaxedState(
            result.atoms, result.energy_ev, result.converged, self.context.engine.level
        )


def _without_barrier(row: Row, reason: str) -> Row:
    joined = "; ".join(part for part in (row.reason, reason) if part)
    return replace(row, status="partial", reason=joined)
