"""MXenes: M2X, M3X2 and M4X3 sheets, bare, terminated, mixed, and pillared bilayers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from pydantic import AfterValidator, Field

from screening.builders.registry import builder
from screening.builders.slab import atomic_planes
from screening.builders.supercell import SurfaceCell, in_vacuum, repeat_surface
from screening.errors import RecipeError

Metal = Literal["Sc", "Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo"]
Nonmetal = Literal["C", "N"]

# Lattice constant and thickness (between the outer metal planes) of the bare sheets in ABC
# stacking, Å: PBE, Ontiveros et al., J. Mater. Chem. A 11, 13754 (2023), doi:10.1039/D3TA01933K.
_BARE: Mapping[tuple[int, Nonmetal], Mapping[Metal, tuple[float, float]]] = MappingProxyType({
    (1, "C"): {"Sc": (3.328, 2.409), "Ti": (3.075, 2.250), "Zr": (3.274, 2.544),
               "Hf": (3.212, 2.544), "V": (2.900, 2.174), "Nb": (3.130, 2.388),
               "Ta": (3.084, 2.436), "Cr": (2.807, 2.112), "Mo": (2.925, 2.512)},
    (1, "N"): {"Sc": (3.218, 2.448), "Ti": (2.978, 2.287), "Zr": (3.230, 2.519),
               "Hf": (3.163, 2.523), "V": (2.867, 2.125), "Nb": (3.131, 2.308),
               "Ta": (3.082, 2.363), "Cr": (2.821, 2.066), "Mo": (2.804, 2.815)},
    (2, "C"): {"Sc": (3.361, 4.939), "Ti": (3.097, 4.659), "Zr": (3.346, 5.136),
               "Hf": (3.281, 5.096), "V": (2.947, 4.452), "Nb": (3.181, 4.887),
               "Ta": (3.094, 5.098), "Cr": (3.008, 4.112), "Mo": (3.045, 4.844)},
    (2, "N"): {"Sc": (3.205, 4.967), "Ti": (2.973, 4.788), "Zr": (3.202, 5.363),
               "Hf": (3.146, 5.317), "V": (2.916, 4.446), "Nb": (3.077, 5.088),
               "Ta": (3.048, 5.115), "Cr": (2.993, 3.972), "Mo": (2.788, 5.897)},
    (3, "C"): {"Sc": (3.394, 7.514), "Ti": (3.096, 7.144), "Zr": (3.351, 7.841),
               "Hf": (3.286, 7.770), "V": (2.916, 6.984), "Nb": (3.143, 7.659),
               "Ta": (3.121, 7.642), "Cr": (2.901, 6.624), "Mo": (3.080, 7.282)},
    (3, "N"): {"Sc": (3.199, 7.570), "Ti": (2.976, 7.251), "Zr": (3.239, 7.906),
               "Hf": (3.170, 7.846), "V": (2.911, 6.765), "Nb": (3.170, 7.309),
               "Ta": (3.038, 7.856), "Cr": (2.940, 6.606), "Mo": (2.802, 8.805)},
})  # fmt: skip

# M-O bond lengths of the oxygen-terminated sheets, Å: starting values for the relaxation.
_OXYGEN_BOND: Mapping[Metal, float] = MappingProxyType({
    "Sc": 2.05, "Ti": 1.98, "Zr": 2.12, "Hf": 2.10, "V": 1.95, "Nb": 2.09, "Ta": 2.08,
    "Cr": 1.93, "Mo": 2.08,
})  # fmt: skip
_LONGER_BOND: Mapping[str, float] = MappingProxyType({"O": 0.0, "F": 0.17, "OH": 0.19})
_OH_BOND = 0.97

_STACK = np.array([[0, 0], [1 / 3, 2 / 3], [2 / 3, 1 / 3]])


def _known(termination: str | dict[str, float]) -> str | dict[str, float]:
    """Check a termination; pydantic turns the error into one line."""
    if isinstance(termination, str):
        right = termination == "bare" or termination in _LONGER_BOND
    else:
        fractions = termination.values()
        right = set(termination) <= set(_LONGER_BOND) and all(0 < f <= 1 for f in fractions)
    if not right or not termination:
        raise ValueError("give bare, O, F, OH, or fractions of O, F, OH such as {O: 0.5, F: 0.5}")
    return termination


class MXeneParameters(SurfaceCell):
    """Composition, thickness and terminations of a MXene sheet.

    Attributes
    ----------
    metal, nonmetal, n
        M and X of M(n+1)X(n).
    termination
        ``bare``, one group, or fractions of groups on each face (the rest stays bare); a mixture
        wants a `size` that has room for it.
    seed
        Of the random arrangement of a mixture.
    a
        Lattice constant, Å; by default that of the bare sheet, from which terminations shift it
        by 2 % or less in most sheets.
    """

    metal: Metal
    nonmetal: Nonmetal = "C"
    n: Annotated[int, Field(ge=1, le=3)] = 2
    termination: Annotated[str | dict[str, float], AfterValidator(_known)] = "bare"
    seed: Annotated[int, Field(ge=0)] = 0
    a: Annotated[float, Field(gt=2, lt=5)] | None = None


@builder("mxene", family="mxene", geometry="sheet")
def mxene(parameters: MXeneParameters) -> Atoms:
    """MXene sheet with terminations in the fcc hollows, over the metal of the second layer."""
    return _terminate(repeat_surface(in_vacuum(_bare(parameters), 0.0), parameters), parameters)


class DecoratedParameters(MXeneParameters):
    """A MXene sheet with guest atoms on its upper face.

    Attributes
    ----------
    guest
        Element of the guests.
    guests
        Their number in the cell.
    """

    guest: Literal["Sn", "Li", "Na", "K", "Mg", "Ca", "Al", "Zn", "Fe", "Co", "Ni"]
    guests: Annotated[int, Field(ge=1)] = 1


class PillaredParameters(DecoratedParameters):
    """Two MXene sheets held apart by guest atoms.

    Attributes
    ----------
    spacing
        Repeat distance of the layers, Å: from the middle of one sheet to that of the next.
    """

    spacing: Annotated[float, Field(gt=5, lt=40)]


@builder("decorated-mxene", family="mxene", geometry="sheet")
def decorated_mxene(parameters: DecoratedParameters) -> Atoms:
    """MXene with guest atoms in hollows of its upper face: one wall of a pillared gallery."""
    sheet = mxene(parameters)
    return in_vacuum(sheet + _guests(sheet, parameters), parameters.vacuum)


@builder("pillared-mxene", family="mxene", geometry="sheet")
def pillared_mxene(parameters: PillaredParameters) -> Atoms:
    """Bilayer of MXene with guest atoms between, bonded to the lower sheet or halfway.

    The guests stand over outer X atoms of the lower sheet: there lies a hollow of its
    terminations, and of those of the upper sheet too.
    """
    sheet = mxene(parameters)
    thickness = float(np.ptp(sheet.positions[:, 2]))
    if parameters.spacing < thickness + 3.0:
        raise RecipeError(
            f"spacing {parameters.spacing:g} Å leaves no gallery",
            where="spacing",
            allowed=f"more than {thickness + 3.0:.1f} Å",
        )
    upper = sheet.copy()
    upper.positions[:, 2] += parameters.spacing
    guests = _guests(sheet, parameters)
    middle = (sheet.positions[:, 2].max() + upper.positions[:, 2].min()) / 2
    guests.positions[:, 2] = np.minimum(guests.positions[:, 2], middle)
    return in_vacuum(sheet + upper + guests, parameters.vacuum)


def _guests(sheet: Atoms, parameters: DecoratedParameters) -> Atoms:
    """Place the guests at bond distance (sum of covalent radii) from the upper terminations."""
    summit = int(np.argmax(sheet.positions[:, 2]))
    reach = covalent_radii[atomic_numbers[parameters.guest]] + covalent_radii[sheet.numbers[summit]]
    rise = np.sqrt(max(reach**2 - _lattice(parameters) ** 2 / 3, 1.0))
    height = sheet.positions[summit, 2] + rise
    hollows = [(x, y, height) for x, y in _hollows(parameters)]
    return Atoms([parameters.guest] * len(hollows), positions=hollows)


def _hollows(parameters: DecoratedParameters) -> np.ndarray:
    """Choose by seed hollows of the upper terminations, over X atoms; shape (guests, 2), Å."""
    bare = repeat_surface(in_vacuum(_bare(parameters), 0.0), parameters)
    hollows = bare.positions[atomic_planes(bare)[-2], :2]
    if parameters.guests > len(hollows):
        raise RecipeError(
            f"{parameters.guests} guests do not fit", where="guests", allowed=f"1 to {len(hollows)}"
        )
    chosen = np.random.default_rng(parameters.seed).permutation(hollows)[: parameters.guests]
    return np.asarray(chosen)


def _bare(parameters: MXeneParameters) -> Atoms:
    """Primitive cell of the bare sheet: close-packed planes M X M … in ABC stacking."""
    a = _lattice(parameters)
    thickness = _BARE[parameters.n, parameters.nonmetal][parameters.metal][1]
    planes = 2 * parameters.n + 1
    step = thickness / (planes - 1)
    symbols = [parameters.nonmetal if i % 2 else parameters.metal for i in range(planes)]
    cell = [[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, thickness + 1]]
    positions = [(*(_STACK[i % 3] @ np.array(cell)[:2, :2]), i * step) for i in range(planes)]
    return Atoms(symbols, positions=positions, cell=cell, pbc=(True, True, False))


def _lattice(parameters: MXeneParameters) -> float:
    return parameters.a or _BARE[parameters.n, parameters.nonmetal][parameters.metal][0]


def _terminate(bare: Atoms, parameters: MXeneParameters) -> Atoms:
    """Add the groups to both faces and centre the sheet in its vacuum."""
    planes = atomic_planes(bare)
    n_sites = len(planes[0])
    lateral = _lattice(parameters) / np.sqrt(3)
    rng = np.random.default_rng(parameters.seed)
    atoms = bare.copy()
    for face, hollow, normal in ((planes[0], planes[2], -1), (planes[-1], planes[-3], 1)):
        groups = rng.permutation(_groups(parameters.termination, n_sites))
        surface = bare.positions[face, 2].mean()
        for (x, y), group in zip(bare.positions[hollow][:, :2], groups, strict=True):
            if group == "bare":
                continue
            bond = _OXYGEN_BOND[parameters.metal] + _LONGER_BOND[group]
            height = surface + normal * np.sqrt(max(bond**2 - lateral**2, 0.5))
            atoms += Atoms(group[0], positions=[(x, y, height)])
            if group == "OH":
                atoms += Atoms("H", positions=[(x, y, height + normal * _OH_BOND)])
    return in_vacuum(atoms, parameters.vacuum)


def _groups(termination: str | Mapping[str, float], n_sites: int) -> list[str]:
    """List the group of each site of a face; fractions are rounded by largest remainder."""
    if isinstance(termination, str):
        return [termination] * n_sites
    total = sum(termination.values())
    if total > 1 + 1e-9:
        raise RecipeError(
            f"fractions add up to {total:g}", where="termination", allowed="a sum of at most 1"
        )
    fractions = dict[str, float](termination.items()) | {"bare": 1 - total}
    counts = {group: int(fraction * n_sites + 1e-9) for group, fraction in fractions.items()}
    by_remainder = sorted(fractions, key=lambda g: (counts[g] - fractions[g] * n_sites, g))
    for group in by_remainder[: n_sites - sum(counts.values())]:
        counts[group] += 1
    return [group for group in fractions for _ in range(counts[group])]
