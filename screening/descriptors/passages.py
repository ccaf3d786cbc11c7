"""Passages of an ion through a crystal: a defect, its hops, and the lowest way out of the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ase import Atoms
from ase.geometry import find_mic

from screening.descriptors.matter import CRYSTAL
from screening.descriptors.pair import Pair, Steps
from screening.evaluate.task import TaskResult
from screening.geometry import Hop, percolating_barrier
from screening.geometry.defect_hops import defect_hops
from screening.geometry.defects import Places

RATTLE_A = 0.02
"""Deviation of all atoms at the start: symmetry alone must not hold a defect on a saddle."""
HELD_A = 0.8
"""A place is taken by an ion that is nearer to its centre."""

Mechanism = Literal["vacancy", "interstitial"]


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


@dataclass(frozen=True)
class Coating:
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
class Defect:
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
class Way:
    """What one mechanism makes of a coating; a reason instead of a barrier where none leads out."""

    mechanism: Mechanism
    barrier_ev: float = np.inf
    hop: str = ""
    defect_ev: float = np.inf
    rows: tuple[PassageRow, ...] = ()
    reason: str = ""


def way_out(coating: Coating, defect: Defect, band: Mapping[str, Any], max_hops: int) -> Steps[Way]:
    """Relax a defect at its places, find its hops and their bands, and the way out of the cell."""
    pair, mechanism = coating.pair, defect.mechanism
    for start in defect.starts:
        start.rattle(RATTLE_A, seed=0)
    relax = {**CRYSTAL, "fmax": min(CRYSTAL["fmax"], band["fmax"]), "soft": []}
    results = yield [
        pair.task("defect", (start,), relax, f"{mechanism} {number}")
        for number, start in enumerate(defect.starts, 1)
    ]
    states = [defect.state(kind, pair.ion, found) for kind, found in enumerate(results)]
    if all(state is None for state in states):
        failed = "; ".join(result.reason for result in results if result.failed)
        return Way(mechanism, reason=f"{mechanism}: {failed or 'it stays at no place'}")
    energies = [
        np.inf if state is None or result.energy_ev is None else result.energy_ev
        for state, result in zip(states, results, strict=True)
    ]
    hops = defect_hops(defect.places, states, mechanism, defect.reach_a, max_hops)
    paths = yield [
        pair.task(
            "barrier",
            (hop.start, hop.end),
            {**band, "soft": [], "end_energies_ev": [energies[kind] for kind in hop.minima]},
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
        return Way(mechanism, defect_ev=min(made), rows=rows, reason=reason)
    # A path that dips below all known places starts from its lowest point.
    dips = [min(p.data["energies_ev"]) for p in paths if not p.failed]
    dip = max(0.0, min(energies) - min(dips))
    barrier = way.barriers_ev[0] + dip
    return Way(mechanism, barrier, way.bottlenecks[0] or "", min(made) - dip, rows)


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
