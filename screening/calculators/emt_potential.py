"""ASE's effective medium theory with a parameter table of our own.

Formalism: Jacobsen, Stoltze, Nørskov, Surf. Sci. 366, 394 (1996), doi:10.1016/0039-6028(96)00816-3.
ASE keeps its table in a module global and takes the cut-off from the largest atom in it; here the
table is ours, and ASE's stays untouched.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from ase import Atoms
from ase.calculators.emt import EMT
from ase.calculators.emt import parameters as ase_parameters
from ase.neighborlist import NeighborList
from ase.units import Bohr

from screening.calculators.emt_table import ALKALI

CUTOFF_A = 6.3
"""Midpoint of the smoothing function, Å: midway between the second and third shell of bcc K."""

SLOPE_PER_A = 13.0
"""Steepness of the smoothing function: it falls from 0.9999 to 0.0001 within ±0.7 Å."""

RANGE_A = 7.2
"""Neighbours beyond this are left out; the smoothing function is below 1e-5 there."""


class AlkaliEMT(EMT):
    """Effective medium theory for ASE's elements plus Li, Na and K.

    Parameters
    ----------
    alkali
        E0 (eV), s0 (bohr), V0 (eV), eta2, kappa, lambda (1/bohr), n0 (1/bohr³) by symbol.
    """

    def __init__(self, alkali: Mapping[str, tuple[float, ...]] = ALKALI) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.table: dict[str, tuple[float, ...]] = {**ase_parameters, **alkali}

    def initialize(self, atoms: Atoms) -> None:
        """Set up parameters, scratch arrays and the neighbour list for these elements."""
        self.rc, self.acut, self.rc_list = CUTOFF_A, SLOPE_PER_A, RANGE_A
        symbols, self.ia2iz = np.unique(atoms.get_chemical_symbols(), return_inverse=True)
        rows = np.array([self.table[symbol] for symbol in symbols])
        e0, s0, v0, eta2, kappa, lambda_, n0 = rows.T
        s0, n0 = s0 * Bohr, n0 / Bohr**3
        eta2, kappa, lambda_ = eta2 / Bohr, kappa / Bohr, lambda_ / Bohr
        gammas = np.array(list(map(self._calc_gammas, s0, eta2, kappa)))
        gamma1, gamma2 = gammas.T
        self.par: dict[str, np.ndarray] = {  # type: ignore[assignment]
            "E0": e0,
            "s0": s0,
            "V0": v0,
            "eta2": eta2,
            "kappa": kappa,
            "lambda": lambda_,
            "n0": n0,
            "inv12gamma1": 1.0 / (12.0 * gamma1),
            "neghalfv0overgamma2": -0.5 * v0 / gamma2,
        }
        self.chi = n0[None, :] / n0[:, None]
        count = len(atoms)
        self.energies, self.deds = np.empty(count), np.empty(count)
        self.forces, self.stress = np.empty((count, 3)), np.empty((3, 3))
        self.nl = NeighborList([0.5 * self.rc_list] * count, self_interaction=False, bothways=True)
