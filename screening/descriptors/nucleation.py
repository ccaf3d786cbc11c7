"""Nucleation: what each added ion costs, and the overpotential that makes every step downhill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
from ase import Atoms
from pydantic import Field

from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.ordering import steady_order
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reference import RelaxedState, adsorption_energy
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import TaskError
from screening.geometry import Site, find_sites, motif_changed, place
from screening.structure import Lattice
from screening.units import BCC_LATTICE_A, Ion

NEIGHBOUR = 1.5
"""An ion within this multiple of the metal's nearest-neighbour distance stands beside another."""

GROWTH_SITES = 20
"""Sites beside a cluster that are evaluated before its next ion is relaxed, for estimates."""


class Nucleation(DescriptorSettings):
    """Growth of a cluster from one to `n_max` ions.

    At each size the `trials` starts that are lowest as placed are relaxed, and `random` of the
    others, drawn with `seed`; the lowest of all is kept.
    """

    n_max: Annotated[int, Field(ge=2, le=20)] = 4
    trials: Annotated[int, Field(ge=1, le=20)] = 2
    random: Annotated[int, Field(ge=0, le=20)] = 2
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


COLUMNS = (
    Column(
        "e_step_ev",
        "eV",
        "Energy of the first, second, … added ion against the bulk metal, by the engine itself.",
        "{:+.3f}",
        energy=True,
    ),
    Column(
        "eta_nuc_mv",
        "mV",
        "Limiting nucleation overpotential: the largest step, if it costs anything.",
        "{:.0f}",
        better="less",
        energy=True,
    ),
    Column(
        "clustering_ev",
        "eV",
        "Two ions side by side against two ions apart; negative: they cluster.",
        "{:+.2f}",
        better="more",
        energy=True,
    ),
)


def cost(settings: Nucleation, size: Size) -> Iterator[Work]:
    """Count growth to each size; the second ion is tried twice, beside and apart."""
    atoms, growths = size.atoms + settings.n_max, settings.n_max
    yield Work("points", growths, atoms, GROWTH_SITES)
    yield Work("cluster", growths * (settings.trials + settings.random), atoms)


@descriptor("nucleation", *COLUMNS, cost=cost)
def nucleation(settings: Nucleation, pair: Pair, bound: Bound) -> Steps[Found]:
    """Grow a cluster from the best site; the second ion is also tried far from the first.

    All steps are on the engine's scale, the first one too: no reference energies of several ions
    stand behind the calibration.
    """
    if bound.best is None:
        return Found().lacking("nucleation: no adsorbed ion to start from")
    found, (_, state) = Found(), bound.best
    totals = [0.0, adsorption_energy(state, bound.host, bound.metal)]
    apart = None
    try:
        apart = yield from _add_ion(settings, pair, bound, state, beside=False)
    except TaskError as error:
        found = found.noted(f"clustering: {error}")
    try:
        for count in range(2, settings.n_max + 1):
            state = yield from _add_ion(settings, pair, bound, state, beside=True)
            totals.append(count * adsorption_energy(state, bound.host, bound.metal))
    except TaskError as error:
        found = found.lacking(f"nucleation stopped at {len(totals)} ions: {error}")
    if change := motif_changed(bound.host.atoms, state.atoms[: bound.ion_index]):
        found = found.flagged(f"host reconstructed under the cluster: {change}")
    steps = step_energies(totals)
    found = found.given(e_step_ev=Value(steps, "engine", task=state.task))
    if len(steps) == settings.n_max:
        eta = overpotential_mv(steps)
        found = found.given(eta_nuc_mv=Value(eta, "engine", task=state.task))
    if apart is None or len(totals) < 3:
        return found
    far = 2 * adsorption_energy(apart, bound.host, bound.metal)
    margin = clustering_margin(totals[2], far)
    return found.given(clustering_ev=Value(margin, "engine", task=apart.task))


def _add_ion(
    settings: Nucleation, pair: Pair, bound: Bound, state: RelaxedState, *, beside: bool
) -> Steps[RelaxedState]:
    """Relax one more ion at the lowest few sites of the surface that holds the others.

    Sites are those of the host *with* its ions: beside them, between them and on top of them. Some
    of the higher ones are relaxed too, drawn at random: the energy as placed may mislead.
    """
    surface, ions = state.atoms, range(bound.ion_index, len(state.atoms))
    sites = find_sites(surface, pair.candidate.geometry)
    near = sites_beside(surface, ions, sites, pair.ion)
    chosen = [site for site, close in zip(sites, near, strict=True) if close is beside]
    if not chosen:
        where = "beside the others" if beside else "apart from the others"
        raise TaskError(f"no site {where}")
    starts = [place(surface, site, pair.ion) for site in chosen]
    (points,) = yield [pair.task("points", tuple(starts), {})]
    if points.failed:
        raise TaskError(points.reason)
    tried = _starts(settings, points.data["energies_ev"], len(surface) + 1 - bound.ion_index)
    soft = list(range(bound.ion_index, len(surface) + 1))
    arguments = {**pair.context.relax.model_dump(), "soft": soft}
    results = yield [pair.task("cluster", (starts[i],), arguments, chosen[i].label) for i in tried]
    kept = [pair.state(result) for result in results if not result.failed]
    if not kept:
        raise TaskError(results[0].reason)
    return min(kept, key=lambda found: found.energy_ev)


def _starts(settings: Nucleation, energies_ev: list[float], count: int) -> list[int]:
    """Return the indices of the lowest starts, then of some others, drawn for this many ions."""
    order = steady_order(energies_ev)
    lowest, others = order[: settings.trials], order[settings.trials :]
    draw = np.random.default_rng([settings.seed, count])
    size = min(settings.random, len(others))
    return lowest + draw.choice(others, size, replace=False).tolist() if size else lowest


def step_energies(totals_ev: Sequence[float]) -> tuple[float, ...]:
    """Energy of each added ion, eV: ``e_step_n = G_n - G_(n-1)``.

    Parameters
    ----------
    totals_ev
        ``G_n = E(host + n A) - E(host) - n mu_A`` for n = 0, 1, 2 …; ``G_0 = 0``.
    """
    return tuple(float(step) for step in np.diff(totals_ev))


def overpotential_mv(steps_ev: Sequence[float]) -> float:
    """Limiting nucleation overpotential, mV: ``1000 max(0, max_n e_step_n)``.

    The overpotential at which each added ion runs downhill; for plating what the limiting
    potential is to the computational hydrogen electrode (Nørskov et al. 2004,
    doi:10.1021/jp047349j).
    """
    return 1000.0 * max(0.0, *steps_ev)


def clustering_margin(beside_ev: float, apart_ev: float) -> float:
    """Energy of two ions beside each other over two ions apart, eV; negative: they cluster."""
    return beside_ev - apart_ev


def sites_beside(
    surface: Atoms, ions: Sequence[int], sites: Sequence[Site], ion: Ion | str
) -> list[bool]:
    """Tell for each site of a surface that holds ions whether it is next to one of them.

    Parameters
    ----------
    ions
        Indices of the ions in `surface`.
    """
    reach = NEIGHBOUR * BCC_LATTICE_A[ion] * np.sqrt(3) / 2
    anchors = np.array([site.anchor for site in sites]).reshape(-1, 1, 3)
    vectors = Lattice.of(surface).minimum_image(anchors - surface.positions[list(ions)])
    close: list[bool] = (np.linalg.norm(vectors, axis=2).min(axis=1) < reach).tolist()
    return close
