"""Adsorption energy: every site of a host, what became of the ion there, and the best of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
from ase import Atoms
from pydantic import Field

from screening.descriptors.bound import Adsorbed, Bound, SiteRow
from screening.descriptors.columns import Column
from screening.descriptors.layers import lattice_constant
from screening.descriptors.ordering import steady_order
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reference import RelaxedState, adsorption_energy
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.evaluate.task import TaskResult
from screening.geometry import Site, classify, crowding, freed, most_different, place


class Adsorption(DescriptorSettings):
    """Which sites are relaxed.

    With `max_sites`, sites are first evaluated once where the ion is placed, and the lowest
    `max_sites` of them are relaxed. Of hosts with more than `max_points` sites, those are
    evaluated whose surroundings differ most. The others are listed as not relaxed.
    """

    max_sites: Annotated[int, Field(ge=1, le=1000)] | None = None
    max_points: Annotated[int, Field(ge=1, le=10000)] = 24


COLUMNS = (
    Column(
        "e_ads_ev",
        "eV",
        "Adsorption energy of one ion against the relaxed bulk metal at its best site: the "
        "engine's lowest, or another that the calibration puts lower beyond its errors; negative: "
        "the ion prefers the host.",
        "{:+.2f}",
        better="less",
        interval=True,
        energy=True,
    ),
    Column("site", "", "Site where the ion rests."),
    Column(
        "outcome",
        "",
        "What became of the ion: kept, migrated, intercalated, incorporated, desorbed or "
        "reconstructed.",
    ),
    Column("host_disp_a", "Å", "Largest displacement of a host atom on adsorption.", better="less"),
    Column(
        "ion_distance_a",
        "Å",
        "Distance between the ion and its nearest periodic image: the coverage of the row.",
        "{:.1f}",
    ),
    Column("fmax_ev_a", "eV/Å", "Largest force left in the structures behind e_ads_ev."),
    Column("converged", "", "Whether all structures behind e_ads_ev are relaxed."),
)


def cost(settings: Adsorption, size: Size) -> Iterator[Work]:
    """Count first evaluations, relaxations, and what the calibration asks of what is relaxed."""
    limit = settings.max_sites
    relaxed = size.sites if limit is None else min(limit, size.sites)
    if relaxed < size.sites:
        tried = min(size.sites, settings.max_points)
        yield Work("points", 1, size.atoms + 1, tried)
    yield Work("adsorption", relaxed, size.atoms + 1)
    yield from size.calibrating(relaxed)


@descriptor("adsorption", *COLUMNS, cost=cost, details={"sites": SiteRow})
def adsorption(settings: Adsorption, pair: Pair, bound: Bound) -> Steps[Found]:  # noqa: ARG001
    """Energy of the ion at its best site against the bulk metal, and what became of it there."""
    yield from ()
    rows = tuple(entry.row for entry in bound.adsorbed)
    found = Found().detailed(sites=rows)
    for problem in site_problems(rows):
        found = found.lacking(problem)
    if bound.best is None:
        return found
    best, state = bound.best
    apart_a = lattice_constant(bound.metal.atoms) * 3**0.5 / 2  # neighbours of a bcc metal
    crowd = crowding(state.atoms, (bound.ion_index,), apart_a)
    if crowd.problem:
        found = found.flagged(crowd.problem)
    return found.given(
        e_ads_ev=best.e_ads,
        site=best.final_site or best.site,
        outcome=best.outcome,
        host_disp_a=best.host_disp_a,
        ion_distance_a=None if np.isinf(crowd.distance_a) else crowd.distance_a,
        fmax_ev_a=max(best.fmax_ev_a or 0.0, bound.host.fmax_ev_a or 0.0),
        converged=True,
    )


def adsorb(
    settings: Adsorption, pair: Pair, host: RelaxedState, metal: RelaxedState, sites: Sequence[Site]
) -> Steps[tuple[Adsorbed, ...]]:
    """Relax the ion at the host's sites; with `max_sites`, only at the most promising."""
    clean = host.atoms
    chosen, skipped = yield from _chosen(settings, pair, clean, sites)
    arguments = {**pair.context.relax.model_dump(), "soft": [len(clean)]}
    geometry = pair.candidate.geometry
    starts = {
        index: freed(clean, place(clean, sites[index], pair.ion), geometry) for index in chosen
    }
    tasks = [
        pair.task("adsorption", (start,), arguments, sites[index].label)
        for index, start in starts.items()
    ]
    results = dict(zip(starts, (yield tasks), strict=True))
    bare = Bound(host, metal, (), tuple(sites))
    return tuple(
        assess_site(pair, bare, site, starts[index], results[index])
        if index in results
        else Adsorbed(SiteRow(site.label, reason=skipped, tried=False))
        for index, site in enumerate(sites)
    )


def _chosen(
    settings: Adsorption, pair: Pair, clean: Atoms, sites: Sequence[Site]
) -> Steps[tuple[list[int], str]]:
    """Return the indices of the sites to relax, and why the others are not."""
    if settings.max_sites is None or len(sites) <= settings.max_sites:
        return list(range(len(sites))), ""
    tried = most_different(clean, sites, settings.max_points)
    starts = tuple(place(clean, sites[index], pair.ion) for index in tried)
    (points,) = yield [pair.task("points", starts, {})]
    if points.failed:
        return [], f"first evaluation failed: {points.reason}"
    order = steady_order(points.data["energies_ev"])
    chosen = sorted(tried[i] for i in order[: settings.max_sites])
    return chosen, f"not relaxed: not among the {settings.max_sites} lowest of {len(tried)} tried"


def assess_site(pair: Pair, bare: Bound, site: Site, start: Atoms, result: TaskResult) -> Adsorbed:
    """Energy and outcome of one relaxed adatom.

    Parameters
    ----------
    bare
        The clean host with its sites, and the metal.
    start
        Structure before relaxation, the ion last.
    """
    if result.failed:
        row = SiteRow(site.label, fmax_ev_a=result.fmax_ev_a, reason=result.reason)
        return Adsorbed(row)
    relaxed = pair.state(result)
    outcome = classify(
        bare.host.atoms, start, relaxed.atoms, bare.sites, site, pair.candidate.geometry
    )
    energy = adsorption_energy(relaxed, bare.host, bare.metal)
    row = SiteRow(
        site=site.label,
        e_ads=Value(energy, "engine", task=relaxed.task),
        final_site=outcome.final_site,
        outcome=outcome.label,
        host_disp_a=outcome.host_disp_a,
        fmax_ev_a=result.fmax_ev_a,
    )
    return Adsorbed(row, relaxed)


def site_problems(rows: Sequence[SiteRow]) -> list[str]:
    """Say which sites have no value for another reason than not being chosen."""
    if not rows:
        return ["no adsorption site was found on the relaxed host"]
    valued = any(row.e_ads is not None for row in rows)
    problems = Counter(row.reason for row in rows if row.reason and (row.tried or not valued))
    return [f"{count} of {len(rows)} sites: {reason}" for reason, count in problems.items()]
