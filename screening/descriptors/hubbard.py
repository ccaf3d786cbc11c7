"""PBE+U oxides and fluorides brought on the scale of PBE metals.

The Materials Project, and the potentials trained on it, compute oxides and fluorides of V, Cr, Mn,
Fe, Co, Ni, Mo and W with PBE+U and everything else with PBE. Their difference is no reaction energy
until it is corrected: by Jain et al., Phys. Rev. B 84, 045115 (2011),
doi:10.1103/PhysRevB.84.045115, with the values fitted to measured formation enthalpies by Wang et
al., Sci. Rep. 11, 15496 (2021), doi:10.1038/s41598-021-94550-5 (MP2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CORRECTION_EV: Mapping[str, float] = MappingProxyType({
    "V": -1.700, "Cr": -1.999, "Mn": -1.668, "Fe": -2.256,
    "Co": -1.638, "Ni": -2.541, "Mo": -3.202, "W": -4.438,
})  # fmt: skip
"""eV per atom of the metal in an oxide or fluoride (Wang et al. 2021)."""


def hubbard_correction_ev(counts: Mapping[str, int]) -> float:
    """Shift of the energy of a cell, eV; 0 where no +U is used.

    Parameters
    ----------
    counts
        Atoms of each element in the cell.
    """
    if not counts.keys() & {"O", "F"}:
        return 0.0
    return sum(n * CORRECTION_EV.get(symbol, 0.0) for symbol, n in counts.items())
