"""Surface energies from slabs of several thicknesses: of hosts, and of the alkali metals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType

import numpy as np
from ase import Atoms

from screening.builders.bulk import crystal_of
from screening.builders.families.metal import METALS, metal_bulk
from screening.builders.slab import SlabCut, atomic_planes, cut_slab, lattice_period
from screening.errors import InputError, TaskError
from screening.structure import Candidate
from screening.structure.memo import remembered
from screening.units import EV_PER_A2_IN_J_PER_M2, Ion

MAX_ATOMS = 100
"""Atoms of the thickest slab; a surface whose slabs need more has no value."""

METAL_LAYERS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"110": (5, 7, 9), "100": (7, 9, 11), "111": (13, 16, 19)}
)
"""Atomic planes of the slabs of a bcc metal, densest plane first: about 3 to 6 lattice constants
thick on every plane."""

METAL_FMAX_EV_A = 0.01
"""Largest force on these slabs: the alkali metals are soft, and 0.05 eV/Å would leave them
unrelaxed."""

FIRST_A = 0.1
"""Least thickness of the first slab that is tried, Å: any slab of two planes has more."""

HEIGHT_TOLERANCE_A = 0.05

REMEMBERED = 64
"""Cuts whose slabs are kept: all hosts ask for those of the metals, all ions for a host's."""


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
        Formula units in each slab; atoms do as well, as only `bulk_ev` depends on it.
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


def symmetric_slabs(candidate: Candidate, layers: Sequence[int]) -> tuple[Atoms, ...]:
    """Slabs of the candidate's surface, each thicker than the last, with no fixed atoms.

    They have the crystal's composition, two equal faces that both end as the candidate's top face
    does, and the smallest surface cell. Each has at least as many atomic planes as asked for:
    as many, if every lattice plane is one plane of atoms.

    Raises
    ------
    TaskError
        If there are no such slabs (the host is no cut of a crystal, or the surface is polar), or
        they would be too large.
    """
    if candidate.geometry != "slab":
        raise TaskError(f"a {candidate.geometry} is no cut of a crystal")
    try:
        bulk, cut = crystal_of(candidate.recipe)
    except InputError as error:
        raise TaskError(error.what) from error
    top = atomic_planes(candidate.atoms)[-1]
    ending = cut.model_copy(update={"termination": str(candidate.atoms[top].symbols)})
    polar = TaskError(
        "no slab of the crystal's composition has this face on both sides: it is polar, or its "
        "energy depends on a chemical potential"
    )
    try:
        slabs = _growing(bulk, ending, tuple(layers))
    except InputError:
        raise polar from None
    for (depth, formula), (other, same) in zip(
        _profile(candidate.atoms), _profile(slabs[-1]), strict=False
    ):
        if formula != same or abs(depth - other) > HEIGHT_TOLERANCE_A:
            raise polar
    return slabs


def metal_slabs(ion: Ion, metal: Atoms, plane: str) -> tuple[Atoms, ...]:
    """Slabs of bcc Li, Na or K with one atom a plane, at the lattice constant of `metal`.

    Parameters
    ----------
    metal
        Relaxed bulk bcc metal, any cell; only its volume per atom counts.
    plane
        A key of `METAL_LAYERS`.
    """
    lattice_a = (2 * metal.cell.volume / len(metal)) ** (1 / 3)
    bulk = metal_bulk(ion, lattice_a / METALS[ion].cell[0])
    h, k, l = map(int, plane)  # noqa: E741 (Miller indices)
    return _growing(bulk, SlabCut(miller=(h, k, l)), METAL_LAYERS[plane])


def wulff_average(gammas_j_m2: Mapping[str, float]) -> float:
    """Surface energy of a cubic crystal in equilibrium, J/m²: mean over its Wulff shape's area.

    Parameters
    ----------
    gammas_j_m2
        Surface energy of each plane, such as ``{"110": 0.5, "100": 0.5}``.

    Raises
    ------
    TaskError
        If a surface energy is not positive: the crystal would fall apart.

    References
    ----------
    Tran et al., Sci. Data 3, 160080 (2016), doi:10.1038/sdata.2016.80; the shape is pymatgen's.
    """
    for plane, gamma in gammas_j_m2.items():
        if not gamma > 0:
            raise TaskError(f"the surface energy of ({plane}) is {gamma:.3f} J/m², not positive")
    from pymatgen.analysis.wulff import WulffShape  # noqa: PLC0415 (2 s)
    from pymatgen.core.lattice import Lattice  # noqa: PLC0415

    planes = [tuple(map(int, plane)) for plane in gammas_j_m2]
    shape = WulffShape(Lattice.cubic(1.0), planes, list(gammas_j_m2.values()))
    return float(shape.weighted_surface_energy)


def face_area(slab: Atoms) -> float:
    """Area of one face, Å²."""
    return float(np.linalg.norm(np.cross(slab.cell[0], slab.cell[1])))


@remembered(REMEMBERED)
def _growing(bulk: Atoms, cut: SlabCut, layers: tuple[int, ...]) -> tuple[Atoms, ...]:
    """Stoichiometric slabs with equal faces, each some lattice planes thicker than the last.

    Steps of whole lattice planes keep the termination.
    """
    period = lattice_period(bulk, cut.miller)
    slabs: list[Atoms] = []
    for step in count():
        change = {"thickness": FIRST_A + step * period, "layers": None, "size": (1, 1)}
        slab = cut_slab(bulk, cut.model_copy(update=change), faces="both")
        if len(slab) > MAX_ATOMS:
            raise TaskError(f"the slabs would hold more than {MAX_ATOMS} atoms")
        if len(atomic_planes(slab)) >= layers[len(slabs)]:
            slab.set_constraint()
            slabs.append(slab)
        if len(slabs) == len(layers):
            break
    return tuple(slabs)


def _profile(slab: Atoms) -> list[tuple[float, str]]:
    """Depth below the top face, Å, and reduced formula of each atomic plane, from the top."""
    heights, highest = slab.positions[:, 2], slab.positions[:, 2].max()
    return [
        (
            float(highest - heights[plane].mean()),
            slab[plane].symbols.formula.reduce()[0].format("hill"),
        )
        for plane in reversed(atomic_planes(slab))
    ]
