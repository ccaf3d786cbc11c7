"""What the electrons did: how many the ion gave, how tightly the host holds its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from screening.errors import TaskError

CREDIBLE_E = (-0.5, 1.1)
"""An alkali atom has one electron to give; a charge beyond is that of a collapsed solution."""


def electrons_given(charges_e: Sequence[float], ion: int) -> float:
    """Electrons that the ion gave to the host: its partial charge, e; positive = given.

    Raises
    ------
    TaskError
        If there is no charge for the ion.
    """
    if not 0 <= ion < len(charges_e):
        raise TaskError(f"the engine gave {len(charges_e)} charges, none for atom {ion}")
    return float(charges_e[ion])


def facing_work_function(work_functions_ev: Sequence[float], adsorbed: Atoms, ion: int) -> float:
    """Work function of the face that holds the ion, eV.

    Parameters
    ----------
    work_functions_ev
        Of the host's top (+z) and bottom face.
    adsorbed
        Host with the ion.
    """
    top, bottom = work_functions_ev
    middle = float(np.mean(np.delete(adsorbed.positions[:, 2], ion)))
    return float(top if adsorbed.positions[ion, 2] >= middle else bottom)
