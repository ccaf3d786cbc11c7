"""Diffusion barrier: one hop from the best site, or the way out of the cell over all hops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from screening.descriptors.bound import Adsorbed, Bound, minima
from screening.descriptors.columns import Column
from screening.descriptors.diffusion import FLAT_EV_A2
from screening.descriptors.network import percolation, true_minima
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.paths import HopRow, calibrated_hops, hop_row, images_of, path_task
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import TaskError
from screening.evaluate.settings import ForceLimit, StepLimit
from screening.evaluate.task import TaskResult
from screening.geometry import Hop, Minimum, find_hops

LONGEST_HOP_A = 5.0
"""A hop between copies of the best site that is longer passes other sites on its way."""
LENGTH_TOLERANCE_A = 0.1
"""Hops between copies are one hop if their lengths differ by less."""


class Barrier(DescriptorSettings):
    """Climbing-image NEB.

    Attributes
    ----------
    path
        ``best hop``: from the best site to its nearest copy, over a minimum between them if there
        is one, or to the next best site.
        ``percolating``: all hops between all minima, and the bottleneck of the way out of the cell.
        ``scan``: the same from cheap scans of straight paths instead of bands.
    temperature_k
        Of the diffusion coefficient, which needs the network of all hops.
    """

    path: Literal["best hop", "percolating", "scan"] = "best hop"
    images: Annotated[int, Field(ge=1, le=25)] = 3
    fmax: ForceLimit = 0.1
    max_steps: StepLimit = 80
    temperature_k: Annotated[float, Field(ge=50, le=2000)] = 300.0


COLUMNS = (
    Column(
        "barrier_ev",
        "eV",
        "Diffusion barrier: of the hop from the best site, or, percolating, of the bottleneck of "
        "the way out of the cell in all directions.",
        "{:.2f}",
        better="less",
        interval=True,
        energy=True,
    ),
    Column(
        "spread_ev",
        "eV",
        "Barrier to spreading once sites below the bulk metal are filled: height of the same top "
        "over the site or over the bulk metal, whichever is higher.",
        "{:.2f}",
        better="less",
        interval=True,
        energy=True,
    ),
    Column("barrier_path", "", "The hop that the barrier is that of."),
    Column(
        "barrier_easy_ev",
        "eV",
        "Percolating barrier in the easiest direction alone.",
        "{:.2f}",
        better="less",
        energy=True,
    ),
    Column("barrier_method", "", "What stands behind barrier_ev: best hop, percolating or scan."),
    Column(
        "diffusion_cm2_s",
        "cm²/s",
        "Diffusion coefficient in the slowest direction at temperature_k.",
        "{:.1e}",
        better="more",
        digits=4,
    ),
    Column("temperature_k", "K", "Temperature of the diffusion coefficient.", "{:.0f}"),
    Column(
        "attempt_thz",
        "THz",
        "Frequency of the ion's softest mode in the deepest minimum.",
        "{:.1f}",
    ),
)


def cost(settings: Barrier, size: Size) -> Iterator[Work]:
    """Count paths, and modes of minima and saddles: about half of the sites are minima."""
    atoms, percolating = size.atoms + 1, settings.path != "best hop"
    hops = max(1, size.sites // 2) if percolating else 1
    yield Work("scan" if settings.path == "scan" else "barrier", hops, atoms, settings.images)
    # Of the minima; of the best hop, of what lies between its ends, and of its saddle.
    yield Work("modes", size.sites, atoms)
    yield from size.calibrating(hops * (settings.images + 2))


@descriptor("barrier", *COLUMNS, cost=cost, details={"hops": HopRow})
def barrier(settings: Barrier, pair: Pair, bound: Bound) -> Steps[Found]:
    """Barrier of a hop by climbing-image NEB, or over the network of all hops."""
    if settings.path == "best hop":
        found = yield from best_hop(settings, pair, bound)
    else:
        band = settings.model_dump(include={"images", "fmax", "max_steps"})
        found = yield from percolation(settings.path, band, settings.temperature_k, pair, bound)
    top, best = found.values.get("barrier_ev"), bound.best
    if top is None or best is None or best[0].e_ads is None:
        return found
    return found.given(spread_ev=spread(best[0].e_ads, top))


def spread(e_ads: Value, barrier: Value) -> Value | None:
    """Barrier to spreading of ions that come after the deepest sites are filled.

    While metal is plated its chemical potential is that of bulk metal, at which every site below
    it is taken: an ion that moves on starts from the metal's energy, not from the bottom of a trap
    (the lattice gas at that potential; traps are nuclei). ``max(0, barrier + min(0, e_ads))``.

    Returns
    -------
    Value or None
        None if the two energies are of different scale: they have no sum.
    """
    if e_ads.scale != barrier.scale:
        return None

    def over(low: float | None, top: float | None) -> float | None:
        return None if low is None or top is None else max(0.0, top + min(0.0, low))

    value = over(e_ads.number, barrier.number)
    return replace(
        barrier,
        value=value or 0.0,
        lower90=over(e_ads.lower90, barrier.lower90),
        upper90=over(e_ads.upper90, barrier.upper90),
        raw=over(e_ads.raw, barrier.raw),
    )


def best_hop(settings: Barrier, pair: Pair, bound: Bound) -> Steps[Found]:
    """Barrier of the hop from the best site to its nearest copy, or to the next best site.

    A copy that is reached over another minimum is reached in two hops: the barrier is that of the
    higher one, seen from the best site. Its highest point has to be a saddle of the ion, or a flag
    says that it is none.
    """
    try:
        chosen = yield from choose_hops(pair, bound)
    except TaskError as error:
        return Found().lacking(str(error))
    band = settings.model_dump(include={"images", "fmax", "max_steps"})
    paths = yield [
        path_task(band, pair, bound, one.hop, (one.start_energy_ev, one.end_energy_ev))
        for one in chosen
    ]
    hops = [
        hop_row(one.hop, path, pair.candidate.geometry)
        for one, path in zip(chosen, paths, strict=True)
    ]
    found = Found().detailed(hops=hops)
    barriers = [hop.forward_ev for hop in hops if hop.forward_ev is not None]
    if len(barriers) < len(hops):
        return found.lacking("; ".join(filter(None, (hop.reason for hop in hops))))
    highest = barriers.index(max(barriers))
    found = found.given(
        barrier_ev=Value(
            barriers[highest], "engine", method=settings.path, task=paths[highest].key
        ),
        barrier_path=hops[highest].hop,
        barrier_method=settings.path,
    )
    found = yield from saddle_checked(pair, bound, found, paths[highest])
    ways = [
        (images_of(one.hop, path), path.data["energies_ev"])
        for one, path in zip(chosen, paths, strict=True)
    ]
    return (yield from calibrated_hops(pair, bound, found, ways))


def saddle_checked(pair: Pair, bound: Bound, found: Found, path: TaskResult) -> Steps[Found]:
    """Flag a highest image on which the ion has not one falling direction, but none or two."""
    first, *_, last = path.data["energies_ev"]
    if path.atoms is None or path.energy_ev is None or path.energy_ev <= max(first, last):
        return found  # an end is highest: the path climbs to it, and there is no saddle between
    (modes,) = yield [pair.task("modes", (path.atoms,), {"atom": bound.ion_index}, "saddle")]
    if modes.failed:
        return found.flagged(f"the saddle was not checked: {modes.reason}")
    curvatures = modes.data["curvatures_ev_a2"]
    falling = sum(curvature < -FLAT_EV_A2 for curvature in curvatures)
    if falling == 1 or abs(curvatures[0]) <= FLAT_EV_A2:  # a flat top has no direction to tell
        return found
    return found.flagged(f"the top of the path is no saddle: {falling} falling directions, not 1")


@dataclass(frozen=True)
class ChosenHop:
    """A hop and the energies of its relaxed end states."""

    hop: Hop
    start_energy_ev: float
    end_energy_ev: float


def choose_hops(pair: Pair, bound: Bound) -> Steps[tuple[ChosenHop, ...]]:
    """Hops from the best site to its nearest symmetry-equivalent copy.

    Two where the copy is behind another minimum, unless the second is an image of the first. Where
    the nearest copy is more than `LONGEST_HOP_A` away, the hop to the next best site within reach:
    the first step out of a trap.

    Raises
    ------
    TaskError
        If the ion has no minimum on this host, or one without another within reach.
    """
    found = [entry for entry in minima(bound.adsorbed) if entry.state is not None]
    if not found:
        raise TaskError("the ion stays on the host at none of its sites")
    between = _between(pair, bound, found)
    if between:
        modes = yield [
            pair.task("modes", (state.atoms,), {"atom": bound.ion_index}, entry.row.site)
            for entry in (found[index] for index in between)
            if (state := entry.state) is not None
        ]
        softest = [None if m.failed else m.data["curvatures_ev_a2"][0] for m in modes]
        # The best site comes first, and counts as a minimum whatever its curvature.
        between = [between[i - 1] for i in true_minima([0.0, *softest])[1:]]
    others = between or list(range(1, len(found)))
    for index in others if between else [0, *others]:
        hops = _hops(pair, bound, [found[0], *([found[index]] if index else [])])
        wanted = [hop for hop in hops if hop.minima == ((0, 1) if index else (0, 0))]
        if wanted:
            second = _second(wanted) if between else None
            return tuple(
                ChosenHop(hop, _energy(found[0]), _energy(found[index]))
                for hop in (wanted[0], second)
                if hop is not None
            )
    raise TaskError(f"no other site within {LONGEST_HOP_A:g} Å of the best one to hop to")


def _second(hops: Sequence[Hop]) -> Hop | None:
    """Shortest hop by which the end of the first is left for another copy of its start.

    None where that is an image of the first hop, and as high.
    """
    first, *others = hops
    taken = first.links[0]
    if any(link.end == taken.end for link in first.links[1:]):
        return None
    leaving = (hop for hop in others if any(link.end == taken.end for link in hop.links))
    return next(leaving, None)


def _between(pair: Pair, bound: Bound, found: Sequence[Adsorbed]) -> list[int]:
    """Return the indices of sites that lie between the best site and its nearest copy."""
    direct = [hop for hop in _hops(pair, bound, found[:1]) if hop.minima == (0, 0)]
    if not direct:
        return []
    return [
        index
        for index in range(1, len(found))
        if all(
            hop.minima != (0, 0) or hop.length_a > direct[0].length_a + LENGTH_TOLERANCE_A
            for hop in _hops(pair, bound, [found[0], found[index]])
        )
    ]


def _hops(pair: Pair, bound: Bound, found: Sequence[Adsorbed]) -> tuple[Hop, ...]:
    places = [
        Minimum(entry.row.final_site or entry.row.site, entry.state.atoms)
        for entry in found
        if entry.state is not None
    ]
    return find_hops(bound.host.atoms, places, pair.candidate.geometry, LONGEST_HOP_A)


def _energy(entry: Adsorbed) -> float:
    if entry.state is None:
        raise TaskError(f"site {entry.row.site} has no structure")
    return entry.state.energy_ev
