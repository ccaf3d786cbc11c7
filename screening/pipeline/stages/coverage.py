"""Coverage: layers of more and more ions on one face, up to a full monolayer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from screening.descriptors.adsorption import best_site
from screening.descriptors.coverage import (
    best_layer,
    coverage_counts,
    least_distance,
    monolayer_count,
    theta,
)
from screening.descriptors.record import CoverageRow, Row
from screening.descriptors.reference import RelaxedState, adsorption_energy
from screening.errors import TaskError
from screening.geometry import find_sites
from screening.geometry.layers import (
    Ground,
    arrangements,
    lay,
    layer_outcome,
    shaken,
    spacing,
)
from screening.pipeline.pair import Bound, Pair, Steps, without
from screening.pipeline.tasks import Task, TaskResult
from screening.pipeline.workflow import CoverageSettings
from screening.structure import Lattice

EQUAL_EV = 1e-3
"""Starts whose energies differ by less are equal by symmetry; one of them is relaxed."""

Layer = Generator[list[Task], list[TaskResult], CoverageRow]


def coverage(settings: CoverageSettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Fill in the energies of one ion, of a full monolayer, and of what is asked for between.

    Where the host has no flat face, or its cell holds no monolayer, they do not apply: the row
    stays complete, and the reason says so.
    """
    if pair.candidate.geometry not in {"sheet", "slab"}:
        return _inapplicable(row, f"a {pair.candidate.geometry} has no flat face for a monolayer")
    growth = _Growth(settings, pair, bound, _ground(pair, bound))
    try:
        full = monolayer_count(growth.ground.area_a2, bound.metal.atoms)
    except TaskError as error:
        return _inapplicable(row, str(error))
    layers = [growth.first(row)]
    for count in coverage_counts(settings.fractions, full)[1:]:
        layers.append((yield from growth.layer(count)))  # noqa: PERF401 (no yield in a list)
    row = replace(row, coverage=tuple(layers), e_ml_ev=layers[-1].e_ads_ev)
    for layer in layers[1:]:
        if layer.e_ads_ev is None:
            row = without(row, f"coverage: {layer.n} ions: {layer.reason}")
        elif layer.outcome != "kept":
            row = replace(row, flags=(*row.flags, f"layer {layer.outcome}: {layer.reason}"))
    return row


def _inapplicable(row: Row, reason: str) -> Row:
    return replace(row, reason="; ".join(filter(None, (row.reason, f"coverage: {reason}"))))


def _ground(pair: Pair, bound: Bound) -> Ground:
    """Face on which the ion is bound best, its sites in the order of their energies."""
    host, geometry = bound.host.atoms, pair.candidate.geometry
    sites = {site.label: site for site in find_sites(host, geometry)}
    best = best_site(bound.adsorbed)
    if best is None:
        raise TaskError("no adsorbed ion to start from")
    home = best.row.final_site or best.row.site
    energies = {e.row.site: e.row.e_ads_ev for e in bound.adsorbed if e.row.e_ads_ev is not None}
    # First where the ion came to rest, whatever site it was placed at.
    labels = sorted(sites, key=lambda name: (name != home, energies.get(name, float("inf"))))
    return Ground.of(host, geometry, [sites[name] for name in labels], sites[home].face)


@dataclass(frozen=True)
class _Growth:
    """Layers of one pair."""

    settings: CoverageSettings
    pair: Pair
    bound: Bound
    ground: Ground

    def first(self, row: Row) -> CoverageRow:
        """One ion: what adsorption found."""
        return replace(
            self._empty(1),
            e_ads_ev=row.e_ads_ev,
            ion_distance_a=row.ion_distance_a,
            outcome="kept" if row.outcome == "migrated" else row.outcome,
        )

    def layer(self, count: int) -> Layer:
        """Evaluate starts once as placed, relax the lowest of them, keep the best."""
        row, ion = self._empty(count), self.pair.ion
        places = arrangements(self.ground, count, least_distance(self.bound.metal.atoms))
        starts = [lay(self.ground, points, ion) for points in places[: self.settings.starts]]
        if not starts:
            return replace(row, reason="no start keeps the ions apart")
        (points,) = yield [self.pair.task("points", tuple(starts), {}, f"{count} ions")]
        if points.failed:
            return replace(row, reason=points.reason)
        soft = list(range(self.bound.ion_index, len(starts[0])))
        arguments = {**self.pair.context.workflow.relax.model_dump(), "soft": soft}
        results = yield [
            self.pair.task("cluster", (shaken(starts[index], soft),), arguments, f"{count} ions")
            for index in _lowest(points.data["energies_ev"], self.settings.trials)
        ]
        relaxed = [self.pair.state(result) for result in results if not result.failed]
        if not relaxed:
            return replace(row, reason=results[0].reason)
        return best_layer([self._assess(row, state) for state in relaxed])

    def _assess(self, row: CoverageRow, state: RelaxedState) -> CoverageRow:
        outcome, detail = layer_outcome(self.ground, state.atoms, self.pair.candidate.geometry)
        ions = state.atoms.positions[self.bound.ion_index :]
        return replace(
            row,
            e_ads_ev=adsorption_energy(state, self.bound.host, self.bound.metal),
            ion_distance_a=spacing(ions, Lattice.of(state.atoms)),
            outcome=outcome,
            reason=detail,
        )

    def _empty(self, count: int) -> CoverageRow:
        return CoverageRow(count, theta(count, self.ground.area_a2, self.bound.metal.atoms))


def _lowest(energies_ev: list[float], count: int) -> list[int]:
    """Return the indices of the lowest starts, of equal ones the first."""
    chosen: list[int] = []
    for index in sorted(range(len(energies_ev)), key=energies_ev.__getitem__):
        if all(abs(energies_ev[index] - energies_ev[other]) > EQUAL_EV for other in chosen):
            chosen.append(index)
    return chosen[:count]
