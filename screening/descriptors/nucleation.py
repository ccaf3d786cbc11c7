"""Nucleation: what each added ion costs, and the overpotential that makes every step downhill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from typing import Annotated

from pydantic import Field

from screening.builders.registry import Recipe, build
from screening.descriptors.adsorption import Adsorption, adsorb
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.growth import PATIENCE, Grown, Growth, Search
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import TaskError
from screening.units import Ion

GROWTH_SITES = 20
"""Sites beside a cluster that are evaluated before its next ion is relaxed, for estimates."""

DEEPER_EV = 0.2
"""A site that holds an ion by so much more than the next one is filled before metal nucleates."""

FACE = {"miller": [1, 1, 0], "layers": 4, "min_distance": 6.0}
"""The metal's own densest face, as in ``structures/review/R19.yaml``."""
FACE_ATOMS, FACE_SITES = 24, 4
"""Its size, for estimates."""


class Nucleation(DescriptorSettings):
    """Growth of a cluster from one to `n_max` ions.

    At each size the `trials` starts that are lowest as placed are relaxed, and `random` of the
    others, drawn with `seed`; the lowest of all that is still a cluster is kept.

    Attributes
    ----------
    fill
        Ions that may go to sites deeper than the rest before the cluster starts.
    metal
        Also on the (110) face of the ion's own metal: the yardstick of `eta_nuc_mv`.
    """

    n_max: Annotated[int, Field(ge=2, le=20)] = 4
    trials: Annotated[int, Field(ge=1, le=20)] = 2
    random: Annotated[int, Field(ge=0, le=20)] = 2
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    fill: Annotated[int, Field(ge=0, le=20)] = 2
    metal: bool = False


COLUMNS = (
    Column(
        "n_filled",
        "",
        "Ions that fill deeper sites of the host before the cluster starts.",
        "{:.0f}",
    ),
    Column(
        "e_step_ev",
        "eV",
        "Energy of the cluster's first, second, … ion against the bulk metal, by the engine "
        "itself.",
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
        "eta_metal_mv",
        "mV",
        "The same on the (110) face of the ion's own metal (of the metal itself: on the same "
        "face): the yardstick.",
        "{:.0f}",
        energy=True,
    ),
    Column(
        "eta_excess_mv",
        "mV",
        "eta_nuc_mv over eta_metal_mv: 0 for the metal on itself; negative: ions join the host "
        "more readily than the metal.",
        "{:+.0f}",
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


@dataclass(frozen=True)
class ClusterRow:
    """One ion more on the host.

    Attributes
    ----------
    ions
        On the host, this one included.
    e_step_ev
        Energy of this ion against the bulk metal, eV, by the engine itself.
    filled
        Whether it fills a deeper site, before the cluster starts.
    task
        Key of the task that relaxed it.
    """

    ions: int
    e_step_ev: float
    filled: bool = False
    task: str = ""


def cost(settings: Nucleation, size: Size) -> Iterator[Work]:
    """Count filling and growth to each size; the second ion is tried twice, beside and apart."""
    growths = settings.n_max + settings.fill
    relaxed = growths * (settings.trials * (1 + PATIENCE) + settings.random)
    yield Work("points", growths, size.atoms + growths, GROWTH_SITES)
    yield Work("cluster", relaxed, size.atoms + growths)
    if settings.metal:
        yield Work("host", 1, FACE_ATOMS, per="ion")
        yield Work("adsorption", FACE_SITES, FACE_ATOMS + 1, per="ion")
        yield Work("points", growths, FACE_ATOMS + growths, GROWTH_SITES, per="ion")
        yield Work("cluster", relaxed, FACE_ATOMS + growths, per="ion")


@descriptor("nucleation", *COLUMNS, cost=cost, details={"clusters": ClusterRow})
def nucleation(settings: Nucleation, pair: Pair, bound: Bound) -> Steps[Found]:
    """Fill the deepest sites, then grow a cluster; the second ion is also tried far from the first.

    All steps are on the engine's scale, the first one too: no reference energies of several ions
    stand behind the calibration. Ions that the host took in, that fell apart or
    evaporated, or that broke the host are no cluster: growth stops there, and says so.
    """
    found = yield from _grown(settings, pair, bound)
    eta = found.values.get("eta_nuc_mv")
    if set(bound.host.atoms.symbols) == {pair.ion}:
        own = "the metal on itself: its eta_nuc_mv is the yardstick, not a property of a host"
        return found if eta is None else _measured(found, eta, eta).flagged(own)
    if not settings.metal:
        return found
    on_metal = yield from _on_metal(settings, pair, bound)
    yardstick = on_metal.values.get("eta_nuc_mv")
    if yardstick is None:
        reasons = (*on_metal.lacks, *on_metal.notes) or ("no value",)
        return found.lacking(f"{pair.ion} on itself: {reasons[0]}")
    return found.given(eta_metal_mv=yardstick) if eta is None else _measured(found, eta, yardstick)


def _measured(found: Found, eta: Value, yardstick: Value) -> Found:
    return found.given(eta_metal_mv=yardstick, eta_excess_mv=eta - yardstick)


def _grown(settings: Nucleation, pair: Pair, bound: Bound) -> Steps[Found]:
    """Take the steps on one host."""
    if bound.best is None:
        return Found().lacking("nucleation: no adsorbed ion to start from")
    growth = Growth(Search(settings.trials, settings.random, settings.seed), pair, bound)
    first = growth.of(bound.best[1])
    if not first.fate.on_host:
        return Found().lacking(f"nucleation: the first ion is no adatom: {first.fate}")
    found, chain = yield from _filled(settings.fill, growth, first)
    filled = filled_count([grown.energy_ev for grown in chain])
    chain = chain[: filled + 1]
    apart: Grown | None = None
    beside: Grown | None = None
    try:
        apart = yield from growth.add(chain[-1].state, "apart", filled)
    except TaskError as error:
        found = found.noted(f"clustering: {error}")
    stopped = ""
    try:
        while len(chain) - filled < settings.n_max and not stopped:
            grown = yield from growth.add(chain[-1].state, "beside", filled)
            beside = beside or grown
            if grown.rather:
                stopped = str(grown.rather)
            else:
                chain.append(grown)
    except TaskError as error:
        stopped = str(error)
    if stopped:
        count = len(chain) - filled
        found = found.lacking(f"nucleation stopped at {count} of {settings.n_max} ions: {stopped}")
    rows = _rows(chain, filled)
    steps = tuple(row.e_step_ev for row in rows[filled:])
    last = chain[-1].state.task
    found = found.detailed(clusters=rows)
    found = found.given(n_filled=filled, e_step_ev=Value(steps, "engine", task=last))
    if len(steps) == settings.n_max:
        found = found.given(eta_nuc_mv=Value(overpotential_mv(steps), "engine", task=last))
    if apart is None or beside is None:
        return found
    margin = clustering_margin(beside.energy_ev, apart.energy_ev)
    return found.given(clustering_ev=Value(margin, "engine", task=apart.state.task))


def _filled(most: int, growth: Growth, first: Grown) -> Steps[tuple[Found, list[Grown]]]:
    """Add ions wherever they are lowest, until one pays or `most` are tried."""
    found, chain = Found(), [first]
    try:
        while len(chain) <= most and _step(chain, len(chain) - 1) < 0:
            # All stand by themselves: deep sites need not be neighbours.
            chain.append((yield from growth.add(chain[-1].state, "anywhere", len(chain) + 1)))
    except TaskError as error:
        found = found.noted(f"filling of deep sites stopped at {len(chain)} ions: {error}")
    return found, chain


def filled_count(totals_ev: Sequence[float]) -> int:
    """Ions that a host takes up in deep sites before metal nucleates on it.

    At the potential of plating every site below the bulk metal is taken. Of ions that were added
    one by one those count that gain energy, and more of it than the last one by `DEEPER_EV`: the
    others stand on the terrace, and a cluster starts with one of them.

    Parameters
    ----------
    totals_ev
        ``G_n = E(host + n A) - E(host) - n mu_A`` for n = 1, 2 …
    """
    steps = step_energies([0.0, *totals_ev])
    return len(list(takewhile(lambda step: step < min(0.0, steps[-1] - DEEPER_EV), steps)))


def _step(chain: Sequence[Grown], index: int) -> float:
    return chain[index].energy_ev - (chain[index - 1].energy_ev if index else 0.0)


def _rows(chain: Sequence[Grown], filled: int) -> list[ClusterRow]:
    return [
        ClusterRow(i + 1, _step(chain, i), i < filled, grown.state.task)
        for i, grown in enumerate(chain)
    ]


def _on_metal(settings: Nucleation, pair: Pair, bound: Bound) -> Steps[Found]:
    """Take them on the metal's own face: the same tasks for all hosts of a run."""
    face = build(metal_face(pair.ion))
    own = Pair(face, pair.ion, replace(pair.context, calibration=None))
    (host,) = yield [own.host_task(face.atoms)]
    if host.failed:
        return Found().lacking(host.reason)
    state, sites = own.state(host), own.sites(host)
    adsorbed = yield from adsorb(Adsorption(), own, state, bound.metal, sites)
    return (yield from _grown(settings, own, Bound(state, bound.metal, adsorbed, sites)))


def metal_face(ion: Ion) -> Recipe:
    """Recipe of the (110) face of a metal."""
    parameters = {"element": ion, **FACE}
    return Recipe(id=f"{ion.lower()}-110", builder="metal", parameters=parameters)


def step_energies(totals_ev: Sequence[float]) -> tuple[float, ...]:
    """Energy of each added ion, eV: ``e_step_n = G_n - G_(n-1)``.

    Parameters
    ----------
    totals_ev
        ``G_n = E(host + n A) - E(host) - n mu_A`` for n = 0, 1, 2 …; ``G_0 = 0``.
    """
    return tuple(high - low for low, high in pairwise(totals_ev))


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
