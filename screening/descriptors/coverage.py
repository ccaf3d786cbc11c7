"""Coverage: layers of more and more ions on one face, up to a full monolayer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field, field_validator

from screening.descriptors.bound import UNBOUND, Bound
from screening.descriptors.columns import Column
from screening.descriptors.layers import (
    coverage_counts,
    least_distance,
    monolayer_count,
    theta,
)
from screening.descriptors.ordering import EQUAL_EV, steady_order
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reference import RelaxedState, adsorption_energy
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import TaskError
from screening.geometry import nearest_image_distance
from screening.geometry.layers import (
    Ground,
    arrangements,
    lay,
    layer_outcome,
    shaken,
    spacing,
)
from screening.structure import Lattice

LAYER_IONS = 4
"""Ions of a layer beyond the first, halfway to the monolayer of a cell of 50 Å²: for estimates."""


class Coverage(DescriptorSettings):
    """Layers of ions on one face, up to a full monolayer.

    Attributes
    ----------
    fractions
        Of the full monolayer; one ion in the cell always comes first, the monolayer last.
    starts
        Arrangements evaluated once as placed, at each coverage.
    trials
        Of these, how many are relaxed.
    """

    fractions: tuple[Annotated[float, Field(gt=0, le=1)], ...] = (0.5, 1.0)
    starts: Annotated[int, Field(ge=1, le=100)] = 12
    trials: Annotated[int, Field(ge=1, le=20)] = 2

    @field_validator("fractions")
    @classmethod
    def _up_to_full(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or list(value) != sorted(set(value)) or value[-1] != 1.0:
            raise ValueError("give fractions in ascending order, 1.0 last")
        return value


COLUMNS = (
    Column(
        "e_ml_ev",
        "eV",
        "Energy per ion of a full monolayer against the bulk metal, by the engine itself; "
        "negative: it wets.",
        "{:+.2f}",
        better="less",
        energy=True,
    ),
    Column(
        "e_theta_ev",
        "eV",
        "Pairs of coverage and energy per ion, up to the monolayer, by the engine itself.",
        energy=True,
    ),
)


@dataclass(frozen=True)
class CoverageRow:
    """The host's cell with some ions on one face.

    Attributes
    ----------
    n
        Ions in the cell.
    theta
        Ions per area over those of the bcc metal's (110) plane.
    e_ads_ev
        Adsorption energy per ion against the bulk metal, eV, by the engine itself; None if no
        start relaxed, with `reason`.
    ion_distance_a
        Smallest distance between two ions, periodic copies included, Å.
    outcome
        kept: all ions lie on the face. Otherwise what became of them, with `reason`.
    task
        Key of the task that relaxed it.
    """

    n: int
    theta: float
    e_ads_ev: float | None = None
    ion_distance_a: float | None = None
    outcome: str | None = None
    reason: str = ""
    task: str = ""


def cost(settings: Coverage, size: Size) -> Iterator[Work]:
    """At most: of a cell that holds one ion or no monolayer, nothing is computed."""
    if size.geometry in {"sheet", "slab"}:
        layers, atoms = len(settings.fractions), size.atoms + LAYER_IONS
        yield Work("points", layers, atoms, settings.starts)
        yield Work("cluster", layers * settings.trials, atoms)


@descriptor("coverage", *COLUMNS, cost=cost, details={"coverage": CoverageRow})
def coverage(settings: Coverage, pair: Pair, bound: Bound) -> Steps[Found]:
    """Energies of one ion, of a full monolayer, and of what is asked for between.

    All are the engine's own, the first one too: no reference energies of layers stand behind the
    calibration. Where the host has no flat face, or its cell holds no monolayer, they do not apply.
    """
    if pair.candidate.geometry not in {"sheet", "slab"}:
        return Found().noted(
            f"coverage: a {pair.candidate.geometry} has no flat face for a monolayer"
        )
    if bound.best is None:
        return Found().lacking("coverage: no adsorbed ion to start from")
    growth = _Growth(settings, pair, bound, _ground(pair, bound))
    try:
        full = monolayer_count(growth.ground.area_a2, bound.metal.atoms)
    except TaskError as error:
        return Found().noted(f"coverage: {error}")
    layers = [growth.first()]
    for count in coverage_counts(settings.fractions, full)[1:]:
        layers.append((yield from growth.layer(count)))  # noqa: PERF401 (no yield in a list)
    found = Found().detailed(coverage=layers).given(e_theta_ev=_curve(layers))
    if layers[-1].e_ads_ev is not None:
        full_layer = Value(layers[-1].e_ads_ev, "engine", task=layers[-1].task)
        found = found.given(e_ml_ev=full_layer)
    for layer in layers[1:]:
        if layer.e_ads_ev is None:
            found = found.lacking(f"coverage: {layer.n} ions: {layer.reason}")
        elif layer.outcome != "kept":
            found = found.flagged(f"layer {layer.outcome}: {layer.reason}")
    return found


def _curve(layers: Sequence[CoverageRow]) -> Value:
    known = [(layer.theta, layer.e_ads_ev) for layer in layers if layer.e_ads_ev is not None]
    return Value(" ".join(f"{x:.2f}:{energy:+.3f}" for x, energy in known), "engine")


def best_layer(layers: Sequence[CoverageRow]) -> CoverageRow:
    """Lowest layer; one that came off or broke the host only as a last resort."""
    whole = [layer for layer in layers if layer.outcome not in UNBOUND]
    return min(whole or layers, key=lambda layer: layer.e_ads_ev or 0.0)


def _ground(pair: Pair, bound: Bound) -> Ground:
    """Face on which the ion is bound best, its sites in the order of their energies."""
    host, geometry = bound.host.atoms, pair.candidate.geometry
    sites = {site.label: site for site in bound.sites}
    if bound.best is None:
        raise TaskError("no adsorbed ion to start from")
    best, _ = bound.best
    home = best.final_site or best.site
    energies = {e.row.site: e.row.e_ads_ev for e in bound.adsorbed if e.row.e_ads_ev is not None}
    # First where the ion came to rest, whatever site it was placed at.
    labels = sorted(sites, key=lambda name: (name != home, energies.get(name, float("inf"))))
    return Ground.of(host, geometry, [sites[name] for name in labels], sites[home].face)


@dataclass(frozen=True)
class _Growth:
    """Layers of one pair."""

    settings: Coverage
    pair: Pair
    bound: Bound
    ground: Ground

    def first(self) -> CoverageRow:
        """One ion: what adsorption found, on the engine's scale like the layers."""
        row = self._empty(1)
        if self.bound.best is None:
            return row
        best, state = self.bound.best
        distance = nearest_image_distance(state.atoms, self.bound.ion_index)
        return replace(
            row,
            e_ads_ev=adsorption_energy(state, self.bound.host, self.bound.metal),
            ion_distance_a=distance,
            outcome="kept" if best.outcome == "migrated" else best.outcome,
            task=state.task,
        )

    def layer(self, count: int) -> Steps[CoverageRow]:
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
        arguments = {**self.pair.context.relax.model_dump(), "soft": soft}
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
            task=state.task,
        )

    def _empty(self, count: int) -> CoverageRow:
        return CoverageRow(count, theta(count, self.ground.area_a2, self.bound.metal.atoms))


def _lowest(energies_ev: list[float], count: int) -> list[int]:
    """Return the indices of the lowest starts, of those equal by symmetry the first."""
    chosen: list[int] = []
    for index in steady_order(energies_ev):
        if all(abs(energies_ev[index] - energies_ev[other]) > EQUAL_EV for other in chosen):
            chosen.append(index)
    return chosen[:count]
