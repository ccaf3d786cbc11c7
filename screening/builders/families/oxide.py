"""Oxides: non-polar surfaces of SnO2, NiO, Al2O3 and ZnO, and an oxide film on alkali metal."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
from ase import Atoms
from ase.build import make_supercell
from ase.constraints import FixAtoms
from ase.data import covalent_radii
from pydantic import Field

from screening.builders.crystals import Crystal, cubic, hexagonal, tetragonal
from screening.builders.families.metal import metal_bulk
from screening.builders.registry import builder
from screening.builders.slab import Miller, SlabCut, atomic_planes, cut_slab
from screening.builders.supercell import coincidence_cell, in_vacuum
from screening.config import StrictModel
from screening.errors import RecipeError

Oxide = Literal["SnO2", "NiO", "Al2O3", "ZnO"]

OXIDES: Mapping[Oxide, Crystal] = MappingProxyType({
    "SnO2": Crystal(
        136, tetragonal(4.7374, 3.1864), (("Sn", (0, 0, 0)), ("O", (0.3056, 0.3056, 0))),
        "Bolzan et al., Acta Cryst. B 53, 373 (1997), doi:10.1107/S0108768197001468: rutile",
    ),
    "NiO": Crystal(
        225, cubic(4.178), (("Ni", (0, 0, 0)), ("O", (0.5, 0.5, 0.5))),
        "Wyckoff, Crystal Structures vol. 1 (1963): rocksalt",
    ),
    "Al2O3": Crystal(
        167, hexagonal(4.7602, 12.9933), (("Al", (0, 0, 0.35219)), ("O", (0.30633, 0, 0.25))),
        "Kirfel & Eichhorn, Acta Cryst. A 46, 271 (1990), doi:10.1107/S0108767389012596: corundum",
    ),
    "ZnO": Crystal(
        186, hexagonal(3.2495, 5.2069),
        (("Zn", (1 / 3, 2 / 3, 0)), ("O", (1 / 3, 2 / 3, 0.3819))),
        "Kisi & Elcombe, Acta Cryst. C 45, 1867 (1989), doi:10.1107/S0108270189004269: wurtzite",
    ),
})  # fmt: skip


class OxideParameters(SlabCut):
    """Which oxide, which of its surfaces, and what makes a polar one stable.

    Attributes
    ----------
    oxide
        A key of `OXIDES`.
    treatment
        ``none`` asks for a stoichiometric slab with equal faces, which has no dipole.
        ``octopolar`` rebuilds rocksalt (111) as p(2×2): three quarters of the outer plane and one
        quarter of the next are missing on both faces, which cancels the dipole (Wolf, Phys. Rev.
        Lett. 68, 3315 (1992), doi:10.1103/PhysRevLett.68.3315).
    """

    oxide: Oxide
    treatment: Literal["none", "octopolar"] = "none"


def _crystal(parameters: OxideParameters) -> tuple[Atoms, SlabCut]:
    if parameters.treatment != "none":
        raise RecipeError(f"the {parameters.treatment} surface is rebuilt, no plain cut")
    return OXIDES[parameters.oxide].atoms(), parameters


@builder("oxide", family="oxide", geometry="slab", crystal=_crystal)
def oxide(parameters: OxideParameters) -> Atoms:
    """Stoichiometric slab of an oxide without a dipole along its normal."""
    bulk = OXIDES[parameters.oxide].atoms()
    if parameters.treatment == "octopolar":
        return _octopolar(bulk, parameters)
    return nonpolar_slab(parameters.oxide, bulk, parameters, "; treatment: octopolar for NiO (111)")


def nonpolar_slab(name: str, bulk: Atoms, cut: SlabCut, hint: str = "") -> Atoms:
    """Stoichiometric slab with two equal faces, which has no dipole; see `cut_slab`.

    Parameters
    ----------
    name, hint
        For the error: of the crystal, and what else may be done.

    Raises
    ------
    RecipeError
        If no cut along these planes is one.
    """
    try:
        return cut_slab(bulk, cut, faces="both")
    except RecipeError as error:
        if error.where != "termination":
            raise
        raise RecipeError(
            f"{name} planes {list(cut.miller)} are polar, or do not end in "
            f"{cut.termination or 'equal faces'}",
            where="miller",
            allowed=f"a non-polar surface and one of its terminations{hint}",
        ) from None


def _octopolar(bulk: Atoms, parameters: OxideParameters) -> Atoms:
    if parameters.oxide != "NiO" or parameters.miller != (1, 1, 1):
        raise RecipeError("octopolar is for rocksalt (111)", where="treatment", allowed="none")
    if parameters.size not in (None, (2, 2)):
        raise RecipeError("the octopolar cell is 2×2", where="size", allowed="[2, 2]")
    flat = parameters.model_copy(update={"size": (2, 2), "layers": parameters.layers or 6})
    atoms = cut_slab(bulk, flat)
    planes = atomic_planes(atoms)
    missing: list[int] = []
    for outer, inner in ((planes[-1], planes[-2]), (planes[0], planes[1])):
        kept = outer[0]
        distances = atoms.get_distances(kept, inner, mic=True)
        missing += [*outer[1:], inner[int(np.argmax(distances))]]
    del atoms[missing]
    return atoms


class OxideFilmParameters(StrictModel):
    """An Al-terminated alumina film on a slab of alkali metal.

    Attributes
    ----------
    metal, miller
        The metal and its surface.
    oxygen_layers
        Thickness of the film, in close-packed oxygen planes.
    metal_layers
        Thickness of the metal, in atomic planes; the lower half is fixed.
    max_strain
        Largest strain of the metal, which is the softer part and takes all of it.
    max_area
        Largest area of the common cell, Å².
    min_distance
        Least distance between periodic images in the plane, Å.
    vacuum
        Empty space above and below, each, Å.
    """

    metal: Literal["Li", "Na", "K"]
    miller: Miller = (1, 1, 0)
    oxygen_layers: Annotated[int, Field(ge=1, le=6)] = 2
    metal_layers: Annotated[int, Field(ge=3, le=12)] = 4
    max_strain: Annotated[float, Field(gt=0, le=0.12)] = 0.06
    max_area: Annotated[float, Field(gt=10, le=400)] = 150.0
    min_distance: Annotated[float, Field(gt=0, le=40)] = 4.9
    vacuum: Annotated[float, Field(ge=5, le=60)] = 10.0


@builder("alumina-on-metal", family="oxide", geometry="slab")
def alumina_on_metal(parameters: OxideFilmParameters) -> Atoms:
    """Alumina film, Al-terminated and stoichiometric, on an alkali metal strained to fit it."""
    film_cut = SlabCut(
        miller=(0, 0, 1), layers=3 * parameters.oxygen_layers, termination="Al", size=(1, 1)
    )
    film = cut_slab(OXIDES["Al2O3"].atoms(), film_cut, faces="both")
    film.set_constraint()
    metal_cut = SlabCut(miller=parameters.miller, layers=parameters.metal_layers, size=(1, 1))
    metal = cut_slab(metal_bulk(parameters.metal), metal_cut)
    common = coincidence_cell(
        film.cell[:2, :2],
        metal.cell[:2, :2],
        parameters.max_area,
        parameters.max_strain,
        parameters.min_distance,
    )
    film, metal = _repeat(film, common.film), _repeat(metal, common.substrate)
    metal.set_cell([*film.cell[:2], metal.cell[2]], scale_atoms=True)
    contact = (covalent_radii[13] + covalent_radii[metal.numbers[0]]) * 0.95
    film.positions[:, 2] += metal.positions[:, 2].max() - film.positions[:, 2].min() + contact
    heights = metal.positions[:, 2]
    lower = np.flatnonzero(heights < (heights.min() + heights.max()) / 2 - 1e-3)
    stack = in_vacuum(metal + film, parameters.vacuum)
    stack.set_constraint(FixAtoms(lower))
    return stack


def _repeat(atoms: Atoms, matrix: np.ndarray) -> Atoms:
    """Repeat in the plane and turn the first vector to x."""
    full = np.eye(3, dtype=int)
    full[:2, :2] = matrix
    repeated: Atoms = make_supercell(atoms, full)
    repeated.set_cell(repeated.cell.standard_form()[0], scale_atoms=True)
    repeated.wrap()
    return repeated
