"""Surface energy from slabs of several thicknesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.builders import Candidate, Recipe, build
from screening.errors import InputError, TaskError
from screening.units import EV_PER_A2_IN_J_PER_M2


@dataclass(frozen=True)
class SurfaceEnergy:
    """Surface energy of a slab, the mean of its two faces.

    Attributes
    ----------
    gamma_j_m2
        From the line through all thicknesses.
    spread_j_m2
        Change of the value when the thinnest slab is left out: the convergence with thickness.
    bulk_ev
        Slope of the line: energy per formula unit deep inside the slab, eV.
    """

    gamma_j_m2: float
    spread_j_m2: float
    bulk_ev: float


def surface_energy(
    energies_ev: Sequence[float], units: Sequence[int], area_a2: float
) -> SurfaceEnergy:
    """Surface energy from ``E(N) = N e_bulk + 2 A gamma``.

    The bulk energy is the slope of the same slabs, so that no error of a separate bulk calculation
    grows with thickness (Fiorentini & Methfessel 1996, doi:10.1088/0953-8984/8/36/005).

    Parameters
    ----------
    energies_ev
        Of relaxed symmetric slabs, thinnest first, at least three.
    units
        Formula units (atoms of an element) in each slab.
    area_a2
        Area of one face, Å².

    Raises
    ------
    ValueError
        If there are fewer than three slabs.
    """
    if len(energies_ev) < 3 or len(energies_ev) != len(units):
        raise ValueError("surface_energy needs three slabs or more, one energy each")
    slope, intercept = np.polyfit(units, energies_ev, 1)
    _, shorter = np.polyfit(units[1:], energies_ev[1:], 1)
    gamma, other = (value / (2 * area_a2) * EV_PER_A2_IN_J_PER_M2 for value in (intercept, shorter))
    return SurfaceEnergy(float(gamma), float(abs(gamma - other)), float(slope))


def symmetric_slabs(candidate: Candidate, layers: Sequence[int]) -> list[Atoms]:
    """Slabs of the candidate's surface with other numbers of layers and no fixed atoms.

    The smallest surface cell is used.

    Raises
    ------
    TaskError
        If the candidate is not a slab of a metal, whose two faces are equal by construction.
    """
    recipe = dict(candidate.recipe)
    if recipe.get("builder") != "metal":
        raise TaskError("surface energies are computed for slabs of the builder 'metal' only")
    left_out = {"thickness", "layers", "size", "min_distance", "fixed_layers"}
    kept = {k: v for k, v in recipe["parameters"].items() if k not in left_out}
    slabs = []
    for count in layers:
        parameters = {**kept, "layers": count, "size": [1, 1]}
        try:
            changed = Recipe(id=candidate.id, builder="metal", parameters=parameters)
            slab = build(changed, where=f"surface of {candidate.id}").atoms.copy()
        except InputError as error:
            raise TaskError(str(error)) from error
        slab.set_constraint()
        slabs.append(slab)
    return slabs


def face_area(slab: Atoms) -> float:
    """Area of one face, Å²."""
    return float(np.linalg.norm(np.cross(slab.cell[0], slab.cell[1])))
