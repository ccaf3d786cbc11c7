"""The relaxed bcc metal: the one reference that every adsorption energy is measured against."""

from __future__ import annotations

from dataclasses import dataclass

from ase import Atoms
from ase.build import bulk
from scipy.optimize import minimize_scalar

from screening.errors import TaskError
from screening.evaluate.potential import Potential
from screening.units import BCC_LATTICE_A, Ion

SEARCH = 0.12
"""Half-width of the search for the lattice constant, as a fraction of the experimental one."""
LATTICE_TOLERANCE_A = 1e-4


@dataclass(frozen=True)
class BulkMetal:
    """Bulk bcc metal at its own lattice constant.

    Attributes
    ----------
    energy_ev
        Energy per atom, eV: the chemical potential mu_A.
    """

    atoms: Atoms
    lattice_a: float
    energy_ev: float
    force_calls: int


def relax_bulk(ion: Ion, potential: Potential) -> BulkMetal:
    """Minimise the energy of bcc Li, Na or K over its one degree of freedom.

    Forces vanish by symmetry, so the lattice constant is found from energies alone (Brent's method
    to 1e-4 Å); this works for engines without a stress.

    Raises
    ------
    TaskError
        If the minimum is not within 12 % of the experimental lattice constant.
    """
    calls = potential.force_calls
    guess = BCC_LATTICE_A[ion]
    low, high = (1 - SEARCH) * guess, (1 + SEARCH) * guess

    def energy(lattice: float) -> float:
        return potential.compute([_bcc(ion, lattice)])[0].energy_ev

    found = minimize_scalar(
        energy, bounds=(low, high), method="bounded", options={"xatol": LATTICE_TOLERANCE_A}
    )
    lattice = float(found.x)
    if not found.success or min(lattice - low, high - lattice) < 10 * LATTICE_TOLERANCE_A:
        raise TaskError(
            f"bulk bcc {ion} has no minimum between {low:.2f} and {high:.2f} Å with this calculator"
        )
    return BulkMetal(_bcc(ion, lattice), lattice, float(found.fun), potential.force_calls - calls)


def _bcc(ion: Ion, lattice: float) -> Atoms:
    return bulk(ion, "bcc", a=lattice)
