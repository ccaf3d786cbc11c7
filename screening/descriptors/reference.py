"""The one place where an adsorption energy is formed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.errors import LevelError, TaskError
from screening.structure.level import Level
from screening.units import IONS

CELL_TOLERANCE_A = 1e-6


@dataclass(frozen=True)
class RelaxedState:
    """A relaxed structure whose energy may enter a difference.

    Made from the result of a relaxation only; an unrelaxed energy has no way in.

    Attributes
    ----------
    atoms
        Final structure with its constraints.
    energy_ev
        Its energy, eV.
    converged
        Whether the final forces are below the limit.
    level
        Calculator, model, functional, dispersion, settings.
    fmax_ev_a
        Largest force on a free atom, eV/Å; None where it is not known.
    task
        Key of the task that relaxed it.
    """

    atoms: Atoms
    energy_ev: float
    converged: bool
    level: Level
    fmax_ev_a: float | None = None
    task: str = ""


def adsorption_energy(adsorbed: RelaxedState, host: RelaxedState, metal: RelaxedState) -> float:
    """Adsorption energy per ion against the relaxed bulk metal, eV; negative binds.

    ``[E(host + n A) - E(host) - n mu_A] / n`` with ``mu_A`` the energy per atom of bcc A. The
    ions are the atoms that `adsorbed` has beyond `host`; host atoms come first, in host order.

    Raises
    ------
    LevelError
        If the three energies were computed at different levels.
    TaskError
        If one of them is not converged, or the structures do not belong together (other host
        atoms, cell or constraints; a metal that is not the ion's).
    """
    _check_level(adsorbed, host, metal)
    for name, state in (("adsorbed", adsorbed), ("host", host), ("metal", metal)):
        if not state.converged:
            raise TaskError(f"the {name} structure is not converged")
    ion, count = _ions(adsorbed.atoms, host.atoms)
    if set(metal.atoms.symbols) != {ion}:
        raise TaskError(f"the reference metal is {metal.atoms.symbols}, the adsorbed ion {ion}")
    return energy_per_ion(
        adsorbed.energy_ev, host.energy_ev, metal.energy_ev / len(metal.atoms), count
    )


def energy_per_ion(adsorbed_ev: float, host_ev: float, metal_ev: float, count: int) -> float:
    """Return ``[E(host + n A) - E(host) - n mu_A] / n``, eV, with ``mu_A`` given per atom.

    The formula alone, for reference sets at given geometries; a row's value comes from
    `adsorption_energy`, which checks what the energies belong to.
    """
    return (adsorbed_ev - host_ev - count * metal_ev) / count


def _check_level(*states: RelaxedState) -> None:
    levels = {state.level.fingerprint: state.level for state in states}
    if len(levels) > 1:
        names = "; ".join(f"{level} [{key}]" for key, level in sorted(levels.items()))
        raise LevelError(f"energies of different level cannot be subtracted: {names}")


def _ions(adsorbed: Atoms, host: Atoms) -> tuple[str, int]:
    """Symbol and number of the ions on the host, after checking that it is the same host."""
    n_host = len(host)
    if not np.array_equal(adsorbed.numbers[:n_host], host.numbers):
        raise TaskError("the adsorbed structure does not start with the host's atoms in order")
    if not np.allclose(adsorbed.cell, host.cell, atol=CELL_TOLERANCE_A) or not np.array_equal(
        adsorbed.pbc, host.pbc
    ):
        raise TaskError("host and adsorbed structure have different cells")
    if _fixed(adsorbed) != _fixed(host):
        raise TaskError("host and adsorbed structure have different constraints")
    added = Counter(adsorbed.symbols[n_host:])
    if len(added) != 1 or next(iter(added)) not in IONS:
        raise TaskError(f"expected ions of one of {', '.join(IONS)} on the host, found {added}")
    return next(iter(added.items()))


def _fixed(atoms: Atoms) -> list[tuple[str, tuple[int, ...]]]:
    return sorted(
        (type(constraint).__name__, tuple(sorted(int(i) for i in constraint.get_indices())))
        for constraint in atoms.constraints
    )
