"""Diffusion barrier: which sites are minima, and which hop to take from the best one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ase import Atoms

from screening.descriptors.adsorption import Adsorbed, minima
from screening.descriptors.diffusion import FLAT_EV_A2
from screening.errors import TaskError
from screening.geometry import Hop, Minimum, find_hops
from screening.structure import Geometry

LONGEST_HOP_A = 5.0
"""A hop between copies of the best site that is longer passes other sites on its way."""


def true_minima(softest_ev_a2: Sequence[float | None]) -> list[int]:
    """Return the indices of sites that are minima of the potential, not saddles or plateaus.

    A relaxed ion may be held by symmetry alone. The deepest site needs no curvature below
    −`FLAT_EV_A2`; any other must be steeper than `FLAT_EV_A2`, for a shallower one (4 meV over
    0.6 Å) is a plateau that a path to the next minimum crosses anyway.

    Parameters
    ----------
    softest_ev_a2
        Smallest curvature at each site, lowest site first, eV/Å²; None where it is not known.
    """
    found: list[int] = []
    for index, softest in enumerate(softest_ev_a2):
        limit = FLAT_EV_A2 if found else -FLAT_EV_A2
        if softest is not None and softest > limit:
            found.append(index)
    return found


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
