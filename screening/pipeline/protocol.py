"""What has to be computed for one candidate and one ion, and what row comes of it.

A protocol is a generator: it yields batches of tasks, is sent their results, and returns a `Row`.
It neither runs nor stores anything, so the same protocol serves a run, a resumed run and a dry
run, on any executor. Adsorption comes first; the stages of `screening.pipeline.stages` add to the
row what the workflow asks for.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from ase import Atoms

from screening.descriptors.adsorption import (
    Adsorbed,
    Surface,
    assess_site,
    best_site,
    site_problems,
    site_without_value,
)
from screening.descriptors.record import Row
from screening.geometry import (
    Site,
    buckled,
    lies_flat,
    most_different,
    motif_changed,
    nearest_image_distance,
    place,
)
from screening.pipeline.ledger import Ledger
from screening.pipeline.pair import Bound, Pair, Steps, without
from screening.pipeline.stages import calibrated_sites, stages_for
from screening.pipeline.tasks import Task, TaskResult

BUCKLED_EV = 0.02
"""A buckled sheet that is lower by less is the flat one, within what a relaxation leaves."""


@dataclass(frozen=True)
class Protocol(Pair):
    """Every descriptor of the workflow for one ion on one host."""

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
        ledger = Ledger()
        row = yield from self._descriptors(ledger)
        return replace(row, force_calls=ledger.calls)

    def _descriptors(self, ledger: Ledger) -> Steps:
        row = self.failure("")
        metal, host = yield [self.metal_task(), self.host_task(self.candidate.atoms)]
        ledger.add("reference", [metal, host])
        for name, result in ((f"bulk {self.ion}", metal), ("host", host)):
            if result.failed:
                return replace(row, reason=f"{name}: {result.reason}")
        host = yield from ledger.track("reference", self._out_of_plane(host))
        if change := motif_changed(self.candidate.atoms, self.state(host).atoms):
            row = replace(row, flags=(f"host reconstructed on relaxing: {change}",))
        adsorbed = yield from ledger.track("adsorption", self._adsorb(host, metal))
        bound = Bound(self.state(host), self.state(metal), tuple(adsorbed), self.sites(host))
        problem = ""
        try:
            bound, flags = yield from ledger.track("calibration", calibrated_sites(self, bound))
            row = replace(row, flags=(*row.flags, *flags))
        except Exception as error:  # noqa: BLE001 (the raw value is not lost with it)
            problem = f"calibration: {type(error).__name__}: {error}"
        row = _with_adsorption(row, bound, host)
        if row.status == "failed":
            return row
        if problem:
            row = without(row, problem)
        for name, stage in stages_for(self.context.workflow, self.ion):
            try:
                row = yield from ledger.track(name, stage(self, bound, row))
            except Exception as error:  # noqa: BLE001 (a stage must never lose the row)
                row = without(row, f"{name}: {type(error).__name__}: {error}")
        return row

    def _out_of_plane(
        self, host: TaskResult
    ) -> Generator[list[Task], list[TaskResult], TaskResult]:
        """Relax a flat sheet once more from a buckled start; keep it if it is lower.

        A planar start has no force out of the plane, whether or not the plane is a minimum.
        """
        flat = self.state(host).atoms
        if not lies_flat(flat, self.candidate.geometry):
            return host
        (again,) = yield [self.host_task(buckled(flat))]
        if again.failed or again.energy_ev is None or host.energy_ev is None:
            return host
        return again if again.energy_ev < host.energy_ev - BUCKLED_EV else host

    def _adsorb(
        self, host: TaskResult, metal: TaskResult
    ) -> Generator[list[Task], list[TaskResult], list[Adsorbed]]:
        """Relax the ion at the host's sites; with `max_sites`, only at the most promising."""
        surface = Surface(
            self.state(host), self.state(metal), self.sites(host), self.candidate.geometry
        )
        sites, clean = surface.sites, surface.host.atoms
        chosen, skipped = list(range(len(sites))), ""
        limits = self.context.workflow.descriptors.adsorption
        if limits.max_sites is not None and len(sites) > limits.max_sites:
            tried = most_different(clean, sites, limits.max_points)
            starts = tuple(place(clean, sites[index], self.ion) for index in tried)
            (points,) = yield [self.task("points", starts, {})]
            if points.failed:
                chosen, skipped = [], f"first evaluation failed: {points.reason}"
            else:
                order = np.argsort(points.data["energies_ev"], kind="stable")
                chosen = sorted(tried[i] for i in order[: limits.max_sites])
                skipped = (
                    f"not relaxed: not among the {limits.max_sites} lowest of {len(tried)} tried"
                )
        settings = {**self.context.workflow.relax.model_dump(), "soft": [len(clean)]}
        starts_of = {index: place(clean, sites[index], self.ion) for index in chosen}
        tasks = {
            index: self.task("adsorption", (start,), settings, sites[index].label)
            for index, start in starts_of.items()
        }
        results = dict(zip(tasks, (yield list(tasks.values())), strict=True))
        return [
            self._assess(surface, site, starts_of[index], results[index])
            if index in results
            else site_without_value(site, skipped)
            for index, site in enumerate(sites)
        ]

    def _assess(self, surface: Surface, site: Site, start: Atoms, result: TaskResult) -> Adsorbed:
        if result.failed:
            return site_without_value(site, result.reason, result.fmax_ev_a)
        return assess_site(surface, site, start, self.state(result), result.fmax_ev_a)


def _with_adsorption(row: Row, bound: Bound, host: TaskResult) -> Row:
    """Fill in the best site, or say why there is none."""
    rows = tuple(entry.row for entry in bound.adsorbed)
    best = best_site(bound.adsorbed)
    if best is None or best.state is None:
        return replace(row, sites=rows, reason=site_problems(rows))
    distance = nearest_image_distance(best.state.atoms, bound.ion_index)
    return replace(
        row,
        status="ok",
        reason=site_problems(rows),
        e_ads_ev=best.row.e_ads_ev,
        e_ads_raw_ev=best.row.e_ads_raw_ev,
        e_ads_lower90_ev=best.row.e_ads_lower90_ev,
        e_ads_upper90_ev=best.row.e_ads_upper90_ev,
        in_domain=best.row.in_domain,
        calibration=bound.calibration.fingerprint if bound.calibration else None,
        site=best.row.final_site or best.row.site,
        outcome=best.row.outcome,
        host_disp_a=best.row.host_disp_a,
        ion_distance_a=None if np.isinf(distance) else distance,
        fmax_ev_a=max(best.row.fmax_ev_a or 0.0, host.fmax_ev_a or 0.0),
        converged=True,
        sites=rows,
    )
