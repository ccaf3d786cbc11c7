"""The way through a coating: hops of the ion in its bulk, by vacancies or between the lattice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from ase import Atoms
from ase.geometry import find_mic
from pydantic import Field

from screening.builders.parts import bulk_parts
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.matter import CRYSTAL, crystal_of_part, is_metallic
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import InputError, TaskError
from screening.evaluate.settings import ForceLimit, StepLimit
from screening.evaluate.task import TaskResult
from screening.geometry import Hop, percolating_barrier
from screening.geometry.defect_hops import defect_hops
from screening.geometry.defects import Places, inequivalent, spacious, voids

ATOMS = 64
"""Of a supercell, for estimates."""
RATTLE_A = 0.02
"""Deviation of all atoms at the start: symmetry alone must not hold a defect on a saddle."""
PUSHED = 2.05
"""An interstitial that takes the place of the nearest ion of the lattice, which goes on as far."""
HELD_A = 0.8
"""A place is taken by an ion that is nearer to its centre."""

Mechanism = Literal["vacancy", "interstitial"]


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

    least_a: Annotated[float, Field(ge=5, le=20)] = 7.5
    max_voids: Annotated[int, Field(ge=1, le=10)] = 2
    max_hops: Annotated[int, Field(ge=1, le=20)] = 4
    images: Annotated[int, Field(ge=1, le=25)] = 3
    fmax: ForceLimit = 0.1
    max_steps: StepLimit = 100


@dataclass(frozen=True)
class PassageRow:
    """One hop of the ion in the bulk of a coating.

    Attributes
    ----------
    mechanism
        vacancy or interstitial.
    hop
        Places at both ends, length, and how many ions move if more than one does.
    length_a
        Distance between the places, Å.
    defect_ev
        Energy of the neutral defect at the start, against crystal and bulk metal, eV.
    forward_ev, reverse_ev
        Barriers, eV; None if the path did not converge.
    """

    mechanism: Mechanism
    hop: str
    length_a: float
    defect_ev: float
    forward_ev: float | None = None
    reverse_ev: float | None = None
    reason: str = ""
    task: str = ""


COLUMNS = (
    Column(
        "e_through_ev",
        "eV",
        "Barrier of the ion's way through the bulk of the coating, in its easiest direction and by "
        "the easier of vacancies and interstitials.",
        "{:.2f}",
        better="less",
        energy=True,
    ),
    Column("through_path", "", "The hop that this barrier is that of."),
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
    coating = _Coating(pair, *spacious(crystal, settings.least_a), energy, bound.metal.energy_ev)
    ways = []
    if pair.ion in part:
        ways.append((yield from _vacancies(settings, coating)))
    ways.append((yield from _interstitials(settings, coating)))
    return _found(ways, metallic=is_metallic(part, pair.ion))


@dataclass(frozen=True)
class _Coating:
    """Unit cell and supercell of the perfect crystal; energies per atom of it and of the metal."""

    pair: Pair
    unit: Atoms
    cell: Atoms
    energy_ev: float
    metal_ev: float

    def defect_ev(self, energy_ev: float, n_atoms: int) -> float:
        """Energy of making a defect: atoms go to or come from the bulk metal, eV."""
        more = n_atoms - len(self.cell)
        return energy_ev - len(self.cell) * self.energy_ev - more * self.metal_ev


@dataclass(frozen=True)
class _Defect:
    """A kind of defect: where it may be, how each place starts, and how far it surely hops, Å."""

    mechanism: Mechanism
    places: Places
    starts: Sequence[Atoms]
    reach_a: float = 0.0

    def state(self, kind: int, ion: str, result: TaskResult) -> Atoms | None:
        """Return the relaxed defect; None if it failed or left its place."""
        atoms = result.atoms
        if result.failed or atoms is None:
            return None
        centre = self.places.points[self.places.first(kind)] @ atoms.cell.array
        offsets = atoms.positions[atoms.symbols.search(ion)] - centre
        taken = bool((find_mic(offsets, atoms.cell, pbc=True)[1] < HELD_A).any())
        return atoms if taken == (self.mechanism == "interstitial") else None


@dataclass(frozen=True)
class _Way:
    """What one mechanism makes of a coating; a reason instead of a barrier where none leads out."""

    barrier_ev: float = np.inf
    hop: str = ""
    defect_ev: float = np.inf
    rows: tuple[PassageRow, ...] = ()
    reason: str = ""


def _found(ways: Sequence[_Way], *, metallic: bool) -> Found:
    """Of the mechanisms, the easier one.

    An engine without electrons makes neutral defects, which in an insulator are no reference for
    charged ones; the sum of the two needs none.
    """
    found = Found().detailed(passages=[row for way in ways for row in way.rows])
    best = min(ways, key=lambda way: way.barrier_ev)
    reasons = [f"through: {way.reason}" for way in ways if way.reason]
    pair = sum(way.defect_ev for way in ways)
    if len(ways) > 1 and np.isfinite(pair):
        found = found.given(e_frenkel_ev=Value(pair, "engine"))
    if best.reason:
        return found.lacking("; ".join(reasons))
    for reason in reasons:
        found = found.noted(reason)
    return found.given(
        e_through_ev=Value(best.barrier_ev, "engine"),
        through_path=best.hop,
        e_defect_ev=Value(best.defect_ev, "engine") if metallic else None,
    )


def _vacancies(settings: Through, coating: _Coating) -> Steps[_Way]:
    seeds = inequivalent(coating.cell, coating.pair.ion)
    places = Places.of(coating.cell, coating.cell.get_scaled_positions()[seeds])
    starts = []
    for seed in seeds:
        starts.append(coating.cell.copy())
        del starts[-1][seed]
    return (yield from _way(settings, coating, _Defect("vacancy", places, starts)))


def _interstitials(settings: Through, coating: _Coating) -> Steps[_Way]:
    points = voids(coating.unit, settings.max_voids) @ coating.unit.cell.array
    if not len(points):
        return _Way(reason="interstitial: the crystal has no void")
    places = Places.of(coating.cell, coating.cell.cell.scaled_positions(points))
    starts = [coating.cell + Atoms(coating.pair.ion, positions=[point]) for point in points]
    reach = PUSHED * places.nearest_a(coating.pair.ion)
    return (yield from _way(settings, coating, _Defect("interstitial", places, starts, reach)))


def _way(settings: Through, coating: _Coating, defect: _Defect) -> Steps[_Way]:
    """Relax a defect at its places, find its hops and their bands, and the way out of the cell."""
    pair, mechanism = coating.pair, defect.mechanism
    for start in defect.starts:
        start.rattle(RATTLE_A, seed=0)
    results = yield [
        pair.task("defect", (start,), {**CRYSTAL, "soft": []}, f"{mechanism} {number}")
        for number, start in enumerate(defect.starts, 1)
    ]
    states = [defect.state(kind, pair.ion, found) for kind, found in enumerate(results)]
    if all(state is None for state in states):
        failed = "; ".join(result.reason for result in results if result.failed)
        return _Way(reason=f"{mechanism}: {failed or 'it stays at no place'}")
    energies = [
        np.inf if state is None or result.energy_ev is None else result.energy_ev
        for state, result in zip(states, results, strict=True)
    ]
    hops = defect_hops(defect.places, states, mechanism, defect.reach_a, settings.max_hops)
    band = {**settings.model_dump(include={"images", "fmax", "max_steps"}), "soft": []}
    paths = yield [
        pair.task(
            "barrier",
            (hop.start, hop.end),
            {**band, "end_energies_ev": [energies[kind] for kind in hop.minima]},
            hop.name,
        )
        for hop in hops
    ]
    made = [coating.defect_ev(energy, len(defect.starts[0])) for energy in energies]
    rows = tuple(
        _row(mechanism, hop, made[hop.minima[0]], path)
        for hop, path in zip(hops, paths, strict=True)
    )
    tops = {h.name: None if p.failed else p.energy_ev for h, p in zip(hops, paths, strict=True)}
    way = percolating_barrier(energies, hops, tops)
    if not way.barriers_ev or way.barriers_ev[0] is None:
        reason = f"{mechanism}: no known path leads out of the cell"
        return _Way(defect_ev=min(made), rows=rows, reason=reason)
    # A path that dips below all known places starts from its lowest point.
    dips = [min(p.data["energies_ev"]) for p in paths if not p.failed]
    dip = max(0.0, min(energies) - min(dips))
    return _Way(way.barriers_ev[0] + dip, way.bottlenecks[0] or "", min(made) - dip, rows)


def _row(mechanism: Mechanism, hop: Hop, defect_ev: float, path: TaskResult) -> PassageRow:
    known = {} if path.failed else path.data
    return PassageRow(
        mechanism,
        hop.name,
        round(hop.length_a, 6),
        defect_ev,
        known.get("forward_ev"),
        known.get("reverse_ev"),
        path.reason,
        path.key,
    )
