"""The way through a coating: hops of the ion in its bulk, by vacancies or between the lattice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
from ase import Atoms
from pydantic import Field

from screening.builders.parts import bulk_parts
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.matter import crystal_of_part, is_metallic
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.passages import Coating, Defect, PassageRow, Way, way_out
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import InputError, TaskError
from screening.evaluate.settings import ForceLimit, StepLimit
from screening.geometry.defects import Places, inequivalent, spacious, voids

ATOMS = 64
"""Of a supercell, for estimates."""
FEWEST = 40
"""Atoms of a supercell: in 16 of NaCl the interstitial's barrier is 0.18 eV higher than in 54."""
PUSHED = 2.05
"""An interstitial that takes the place of the nearest ion of the lattice, which goes on as far."""


class Through(DescriptorSettings):
    """Bulk of the coating with one ion less or one more; bands between neighbouring places.

    Attributes
    ----------
    least_a
        Least distance between the periodic images of a defect, Å.
    max_voids
        Kinds of voids that an ion is put in, the widest first.
    max_hops
        Kinds of hops tried for each mechanism, the shortest first.
    """

    least_a: Annotated[float, Field(ge=5, le=20)] = 8.0
    max_voids: Annotated[int, Field(ge=1, le=10)] = 2
    max_hops: Annotated[int, Field(ge=1, le=20)] = 4
    images: Annotated[int, Field(ge=1, le=25)] = 3
    fmax: ForceLimit = 0.1
    max_steps: StepLimit = 100


COLUMNS = (
    Column(
        "e_through_ev",
        "eV",
        "Barrier of the ion's way through the bulk of the coating, in its easiest direction, by "
        "the easier of vacancies and interstitials; an interstitial of an insulator's own ion pays "
        "half of the Frenkel pair that it comes from.",
        "{:.2f}",
        better="less",
        energy=True,
    ),
    Column("through_path", "", "The hop that this barrier is that of."),
    Column(
        "vacancy_ev", "eV", "Barrier of vacancies of the ion that exist.", "{:.2f}", energy=True
    ),
    Column("interstitial_ev", "eV", "Barrier of interstitials that exist.", "{:.2f}", energy=True),
    Column(
        "e_frenkel_ev",
        "eV",
        "Energy of a vacancy and an interstitial of the ion, far apart: a pure coating pays half "
        "of it for a carrier.",
        "{:.2f}",
        better="less",
        energy=True,
    ),
    Column(
        "e_defect_ev",
        "eV",
        "Energy of the defect that carries the ion through a coating of metals, the atom going to "
        "or coming from the ion's metal.",
        "{:+.2f}",
        energy=True,
    ),
)


def cost(settings: Through, _size: Size) -> Iterator[Work]:
    """Count the crystal, its defects and the bands; hosts of one crystal share them."""
    yield Work("crystal", 1, ATOMS // 8)
    yield Work("defect", 1 + settings.max_voids, ATOMS)
    yield Work("barrier", settings.max_hops, ATOMS, settings.images)


@descriptor("through", *COLUMNS, cost=cost, details={"passages": PassageRow})
def through(settings: Through, pair: Pair, bound: Bound) -> Steps[Found]:
    """Lowest barrier by which the ion gets through the coating's crystal.

    Vacancies where the crystal holds the ion, interstitials in any: hops from place to place until
    the defect gets about, direct ones and those in which one ion pushes on another. A coating has
    grains of all directions, so that the easiest one counts.
    """
    try:
        part, *others = bulk_parts(pair.candidate.recipe)
        if others or part.keys() == {pair.ion}:
            return Found().noted("through: no layer of one crystal other than the metal's")
        crystal, energy = yield from crystal_of_part(pair, part)
    except InputError as error:
        return Found().noted(f"through: {error}")
    except TaskError as error:
        return Found().lacking(f"through: {error}")
    cells = spacious(crystal, settings.least_a, FEWEST)
    coating = Coating(pair, *cells, energy, bound.metal.energy_ev)
    ways = []
    if pair.ion in part:
        ways.append((yield from _vacancies(settings, coating)))
    ways.append((yield from _interstitials(settings, coating)))
    return _found(ways, metallic=is_metallic(part, pair.ion))


def _found(ways: Sequence[Way], *, metallic: bool) -> Found:
    """Of the mechanisms, the easier one.

    An engine without electrons makes neutral defects, which in an insulator are no reference for
    charged ones; the sum of the two needs none. Vacancies come with impurities too, interstitials
    of the insulator's own ion only in Frenkel pairs: they pay their half.
    """
    found = Found().detailed(passages=[row for way in ways for row in way.rows])
    reasons = [f"through: {way.reason}" for way in ways if way.reason]
    paired = len(ways) > 1
    pair = sum(way.defect_ev for way in ways)
    if paired and np.isfinite(pair):
        found = found.given(e_frenkel_ev=Value(pair, "engine"))
    share = {"interstitial": pair / 2 if paired and not metallic else 0.0, "vacancy": 0.0}
    level, best = min(((way.barrier_ev + share[way.mechanism], way) for way in ways), key=_level)
    if not np.isfinite(level):
        return found.lacking("; ".join(reasons) or "through: what a carrier costs is not known")
    for reason in reasons:
        found = found.noted(reason)
    alone = {f"{w.mechanism}_ev": Value(w.barrier_ev, "engine") for w in ways if not w.reason}
    return found.given(
        e_through_ev=Value(level, "engine"),
        through_path=best.hop,
        **alone,
        e_defect_ev=Value(best.defect_ev, "engine") if metallic else None,
    )


def _level(way: tuple[float, Way]) -> float:
    return way[0]


def _vacancies(settings: Through, coating: Coating) -> Steps[Way]:
    seeds = inequivalent(coating.cell, coating.pair.ion)
    places = Places.of(coating.cell, coating.cell.get_scaled_positions()[seeds])
    starts = []
    for seed in seeds:
        starts.append(coating.cell.copy())
        del starts[-1][seed]
    return (yield from _way(settings, coating, Defect("vacancy", places, starts)))


def _interstitials(settings: Through, coating: Coating) -> Steps[Way]:
    points = voids(coating.unit, settings.max_voids) @ coating.unit.cell.array
    if not len(points):
        return Way("interstitial", reason="interstitial: the crystal has no void")
    places = Places.of(coating.cell, coating.cell.cell.scaled_positions(points))
    starts = [coating.cell + Atoms(coating.pair.ion, positions=[point]) for point in points]
    reach = PUSHED * places.nearest_a(coating.pair.ion)
    return (yield from _way(settings, coating, Defect("interstitial", places, starts, reach)))


def _way(settings: Through, coating: Coating, defect: Defect) -> Steps[Way]:
    band = settings.model_dump(include={"images", "fmax", "max_steps"})
    return (yield from way_out(coating, defect, band, settings.max_hops))
