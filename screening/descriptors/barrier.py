"""Diffusion barrier: which hop to take from the best site of a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ase import Atoms

from screening.builders import Geometry
from screening.descriptors.adsorption import Adsorbed, minima
from screening.errors import TaskError
from screening.geometry import Hop, Minimum, find_hops

LONGEST_HOP_A = 5.0
"""A hop between copies of the best site that is longer passes other sites on its way."""


@dataclass(frozen=True)
class ChosenHop:
    """A hop and the energies of its relaxed end states."""

    hop: Hop
    start_energy_ev: float
    end_energy_ev: float


def choose_hop(host: Atoms, adsorbed: Sequence[Adsorbed], geometry: Geometry) -> ChosenHop:
    """Hop that starts at the best site.

    It ends at the nearest symmetry-equivalent copy of that site, or, where the nearest copy is
    more than `LONGEST_HOP_A` away, at the next best site within reach: the first step out of a
    trap.

    Raises
    ------
    TaskError
        If the ion has no minimum on this host, or one without another within reach.
    """
    found = [(entry, entry.state) for entry in minima(adsorbed) if entry.state is not None]
    if not found:
        raise TaskError("the ion stays on the host at none of its sites")
    labelled = [Minimum(e.row.final_site or e.row.site, state.atoms) for e, state in found]
    best_energy = found[0][1].energy_ev
    for index in range(len(found)):
        pair = labelled[:1] if index == 0 else [labelled[0], labelled[index]]
        wanted = (0, 0) if index == 0 else (0, 1)
        for hop in find_hops(host, pair, geometry, LONGEST_HOP_A):
            if hop.minima == wanted:
                return ChosenHop(hop, best_energy, found[index][1].energy_ev)
    raise TaskError(f"no other site within {LONGEST_HOP_A:g} Å of the best one to hop to")
