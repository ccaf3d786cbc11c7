"""Diffusion barrier: which hop to take between the best sites of a host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.builders import Geometry
from screening.descriptors.adsorption import Adsorbed, minima
from screening.errors import TaskError
from screening.geometry import Lattice, Operation, symmetry_operations

LONGEST_HOP_A = 5.0
"""A hop between copies of the best site that is longer passes other sites on its way."""
SHORTEST_HOP_A = 0.8
"""Two positions that are closer are one site."""


@dataclass(frozen=True)
class Hop:
    """Two relaxed end states with matching atoms, the second in the periodic image that is near.

    Attributes
    ----------
    name
        ``hollow-1 -> hollow-1``.
    """

    name: str
    start: Atoms
    end: Atoms
    start_energy_ev: float
    end_energy_ev: float


def choose_hop(host: Atoms, adsorbed: Sequence[Adsorbed], geometry: Geometry) -> Hop:
    """Hop that starts at the best site.

    It ends at the nearest symmetry-equivalent copy of that site, or, where the nearest copy is
    more than `LONGEST_HOP_A` away, at the next best site: the first step out of a trap.

    Raises
    ------
    TaskError
        If the ion has no minimum on this host, or one without another within reach.
    """
    found = minima(adsorbed)
    if not found:
        raise TaskError("the ion stays on the host at none of its sites")
    best = found[0]
    # An operation that turns the host over would send the ion through it.
    operations = [o for o in symmetry_operations(host, geometry) if _keeps_face(o, geometry)]
    for entry in found:
        end = _nearest_copy(host, best, entry, operations)
        if end is not None:
            name = " -> ".join(e.row.final_site or e.row.site for e in (best, entry))
            return Hop(name, _atoms(best), end, _energy(best), _energy(entry))
    raise TaskError(f"no other site within {LONGEST_HOP_A:g} Å of the best one to hop to")


def _nearest_copy(
    host: Atoms, start: Adsorbed, target: Adsorbed, operations: Sequence[Operation]
) -> Atoms | None:
    """Copy of `target` whose ion is nearest to that of `start`, unless it is out of reach."""
    lattice = Lattice.of(host)
    ion = len(host)
    here, there = _atoms(start).positions[ion], _atoms(target).positions[ion]
    moves = [_steps(lattice, operation.apply(there) - here) for operation in operations]
    lengths = [float(np.linalg.norm(move)) for move in moves]
    chosen = int(np.argmin(lengths))
    if lengths[chosen] > LONGEST_HOP_A:
        return None
    end = move_structure(host, _atoms(target), operations[chosen])
    end.positions[ion] = here + moves[chosen]
    return end


def _keeps_face(operation: Operation, geometry: Geometry) -> bool:
    return geometry not in {"sheet", "slab"} or operation.rotation[2, 2] > 0


def _steps(lattice: Lattice, vector: np.ndarray) -> np.ndarray:
    """Shortest periodic equivalent of a vector that is a hop and not the same place."""
    shortest = lattice.minimum_image(vector)
    copies, _, _ = lattice.images(np.zeros((1, 3)), 2 * LONGEST_HOP_A)
    candidates = shortest + copies
    lengths = np.linalg.norm(candidates, axis=1)
    lengths[lengths < SHORTEST_HOP_A] = np.inf
    best: np.ndarray = candidates[int(np.argmin(lengths))]
    return best


def move_structure(host: Atoms, adsorbed: Atoms, operation: Operation) -> Atoms:
    """Apply a symmetry operation of the host to a relaxed structure with ions on it.

    Host atoms come out in host order and in the periodic images next to the host's own, so that
    the result can be an end state of a path that starts from `adsorbed`.
    """
    n_host = len(host)
    moved: Atoms = adsorbed.copy()
    carried = operation.apply(adsorbed.positions)
    moved.positions[operation.permutation] = carried[:n_host]
    moved.positions[n_host:] = carried[n_host:]
    shift = moved.positions[:n_host] - host.positions
    moved.positions[:n_host] = host.positions + Lattice.of(host).minimum_image(shift)
    return moved


def _atoms(entry: Adsorbed) -> Atoms:
    if entry.state is None:
        raise TaskError(f"site {entry.row.site} has no relaxed structure")
    return entry.state.atoms


def _energy(entry: Adsorbed) -> float:
    if entry.state is None:
        raise TaskError(f"site {entry.row.site} has no relaxed structure")
    return entry.state.energy_ev
