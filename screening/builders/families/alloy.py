"""Alloys: intermetallic compounds of the alkali metals, and metal surfaces alloyed by a guest."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers
from pydantic import Field

from screening.builders.crystals import Crystal, cubic, hexagonal, tetragonal
from screening.builders.families.metal import MetalParameters, metal
from screening.builders.registry import builder
from screening.builders.slab import Faces, SlabCut, atomic_planes, cut_slab
from screening.errors import RecipeError

_ZINTL = "Zintl & Brauer, Z. Phys. Chem. B 20, 245 (1933)"
_PEARSON = "Pearson's Handbook of Crystallographic Data (1991)"


def _b2(first: str, second: str, a: float, source: str) -> Crystal:
    """CsCl type."""
    return Crystal(221, cubic(a), ((first, (0, 0, 0)), (second, (0.5, 0.5, 0.5))), source)


def _b32(first: str, second: str, a: float, source: str) -> Crystal:
    """NaTl type: two interpenetrating diamond lattices."""
    sites = ((first, (0.125, 0.125, 0.125)), (second, (0.375, 0.375, 0.375)))
    return Crystal(227, cubic(a), sites, source, setting=2)


ALLOYS: Mapping[str, Crystal] = MappingProxyType({
    "LiAg": _b2("Li", "Ag", 3.168, _ZINTL),
    "LiAu": _b2("Li", "Au", 3.107, _PEARSON),
    "LiMg": _b2("Li", "Mg", 3.484, "Herbstein & Averbach, Acta Metall. 4, 407 (1956): bcc solid "
                "solution at 50 at.%, ordered here as B2"),
    "LiAl": _b32("Li", "Al", 6.37, "Kuriyama & Masaki, Acta Cryst. B 31, 1793 (1975)"),
    "LiZn": _b32("Li", "Zn", 6.221, _ZINTL),
    "LiCd": _b32("Li", "Cd", 6.687, _ZINTL),
    "LiGa": _b32("Li", "Ga", 6.207, _ZINTL),
    "LiIn": _b32("Li", "In", 6.786, _ZINTL),
    "NaIn": _b32("Na", "In", 7.297, "Zintl & Dullenkopf, Z. Phys. Chem. B 16, 195 (1932)"),
    "Li3Bi": Crystal(
        225, cubic(6.722), (("Bi", (0, 0, 0)), ("Li", (0.25, 0.25, 0.25)), ("Li", (0.5, 0.5, 0.5))),
        "Zintl & Brauer, Z. Elektrochem. 41, 297 (1935): BiF3 type",
    ),
    "Na3Bi": Crystal(
        194, hexagonal(5.448, 9.655),
        (("Bi", (1 / 3, 2 / 3, 0.25)), ("Na", (0, 0, 0.25)), ("Na", (1 / 3, 2 / 3, 0.583))),
        "Brauer & Zintl, Z. Phys. Chem. B 37, 323 (1937): Na3As type",
    ),
    "NaZn13": Crystal(
        226, cubic(12.2836),
        (("Na", (0.25, 0.25, 0.25)), ("Zn", (0, 0, 0)), ("Zn", (0, 0.1806, 0.1192))),
        "Shoemaker, Marsh, Ewing & Pauling, Acta Cryst. 5, 637 (1952), "
        "doi:10.1107/S0365110X52001763",
    ),
    "Na15Sn4": Crystal(
        220, cubic(13.14),
        (("Na", (0.375, 0, 0.25)), ("Na", (0.12, 0.16, -0.04)), ("Sn", (-0.042, -0.042, -0.042))),
        "Müller & Volk, Z. Naturforsch. B 30, 494 (1975): Cu15Si4 type, its coordinates",
    ),
    "Li5Sn2": Crystal(
        166, hexagonal(4.74, 19.83),
        (("Li", (0, 0, 0)), ("Li", (0, 0, 1 / 7)), ("Li", (0, 0, 2 / 7)), ("Sn", (0, 0, 3 / 7))),
        "Frank, Müller & Schäfer, Z. Naturforsch. B 30, 1 (1975); heights of its parent bcc",
    ),
    "Li2Sn5": Crystal(
        127, tetragonal(10.274, 3.125),
        (("Li", (0.177, 0.677, 0.5)), ("Sn", (0, 0.5, 0)), ("Sn", (0.0593, 0.2053, 0))),
        "Hansen & Chang, Acta Cryst. B 25, 2392 (1969): Mn2Hg5 type",
    ),
})  # fmt: skip
"""Alloys of Li and Na with the metals that alkali metal wets: B2, B32, D0_3, D0_18 …"""


class AlloyParameters(SlabCut):
    """Which compound, which of its surfaces, which termination.

    Attributes
    ----------
    compound
        A key of `ALLOYS`.
    faces
        Whether the slab keeps the compound's composition, has two equal faces, or both.
    """

    compound: Annotated[str, Field(examples=list(ALLOYS))]
    faces: Faces = "stoichiometric"


def _crystal(parameters: AlloyParameters) -> tuple[Atoms, SlabCut]:
    return ALLOYS[parameters.compound].atoms(), parameters


@builder("alloy", family="alloy", geometry="slab", crystal=_crystal)
def alloy(parameters: AlloyParameters) -> Atoms:
    """Slab of an ordered intermetallic compound with any Miller indices and termination."""
    if parameters.compound not in ALLOYS:
        raise RecipeError(
            f"unknown compound {parameters.compound!r}", where="compound", allowed=", ".join(ALLOYS)
        )
    return cut_slab(ALLOYS[parameters.compound].atoms(), parameters, parameters.faces)


class SurfaceAlloyParameters(MetalParameters):
    """A metal slab some of whose surface atoms are replaced.

    Attributes
    ----------
    guest
        Element that replaces them.
    count
        Number of atoms replaced in the top plane of the cell; 1 makes a single-atom alloy.
    seed
        Of the random choice of the atoms.
    """

    guest: str
    count: Annotated[int, Field(ge=1)] = 1
    seed: Annotated[int, Field(ge=0)] = 0


@builder("surface-alloy", family="alloy", geometry="slab")
def surface_alloy(parameters: SurfaceAlloyParameters) -> Atoms:
    """Metal slab with guest atoms substituted at random in the top plane."""
    atoms = metal(parameters)
    if parameters.guest not in atomic_numbers or parameters.guest == parameters.element:
        raise RecipeError(
            f"{parameters.guest!r} cannot be a guest", where="guest", allowed="another element"
        )
    top = np.sort(atomic_planes(atoms)[-1])
    if parameters.count > len(top):
        raise RecipeError(
            f"count {parameters.count} exceeds the {len(top)} atoms of the top plane",
            where="count",
            allowed=f"1 to {len(top)}, or a larger size",
        )
    chosen = np.random.default_rng(parameters.seed).choice(top, parameters.count, replace=False)
    atoms.symbols[chosen] = parameters.guest
    return atoms
