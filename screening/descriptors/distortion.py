"""What the ion costs its host: the energy of bending the host into the shape it has with the ion.

The strain part of the activation strain model (Bickelhaupt & Houk, Angew. Chem. Int. Ed. 56, 10070
(2017), doi:10.1002/anie.201701486).
"""

from __future__ import annotations

from ase import Atoms

from screening.descriptors.reference import RelaxedState

NOISE_EV = 0.02
"""A distortion energy may lie this far below zero: what a relaxation leaves undone."""


def without_ion(adsorbed: Atoms, ion: int) -> Atoms:
    """Host of an adsorbed structure, its atoms where they are; the ion is atom `ion`, the last."""
    host: Atoms = adsorbed[:ion]
    return host


def host_distortion(frozen_ev: float, host: RelaxedState) -> float:
    """Energy of the host as the ion left it less that of the relaxed clean host, eV.

    Parameters
    ----------
    frozen_ev
        Energy of `without_ion` by the engine that relaxed the host.
    """
    return frozen_ev - host.energy_ev
