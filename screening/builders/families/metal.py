"""Metals: any low-index surface of the elements that plate, host or collect the alkali metals."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import numpy as np
from ase import Atoms
from pydantic import Field

from screening.builders.crystals import Crystal, cubic, hexagonal, tetragonal
from screening.builders.registry import builder
from screening.builders.slab import SlabCut, cut_slab
from screening.errors import RecipeError

_WYCKOFF = "Wyckoff, Crystal Structures vol. 1 (1963), room temperature"

_FCC = {
    "Ag": 4.0862, "Al": 4.0496, "Au": 4.0786, "Ca": 5.582, "Cu": 3.6147, "Ni": 3.5239,
    "Pb": 4.9505, "Pd": 3.8898, "Pt": 3.9231,
}  # fmt: skip
_BCC = {"Cr": 2.8839, "Fe": 2.8664, "Mo": 3.1473, "Nb": 3.3004, "Ta": 3.3058, "V": 3.0240,
        "W": 3.1648}  # fmt: skip
_ALKALI = {"K": 5.225, "Li": 3.491, "Na": 4.225}
_HCP = {
    "Cd": (2.9793, 5.6181), "Co": (2.507, 4.069), "Mg": (3.2095, 5.2107), "Ti": (2.950, 4.686),
    "Zn": (2.6648, 4.9467), "Zr": (3.232, 5.147),
}  # fmt: skip

METALS: Mapping[str, Crystal] = MappingProxyType(
    {m: Crystal(225, cubic(a), ((m, (0, 0, 0)),), _WYCKOFF) for m, a in _FCC.items()}
    | {m: Crystal(229, cubic(a), ((m, (0, 0, 0)),), _WYCKOFF) for m, a in _BCC.items()}
    | {
        m: Crystal(229, cubic(a), ((m, (0, 0, 0)),), "Kittel, Introduction to Solid State Physics, "
                   "8th ed., ch. 1, table 3; Li at 78 K, Na and K at 5 K")
        for m, a in _ALKALI.items()
    }
    | {
        m: Crystal(194, hexagonal(a, c), ((m, (1 / 3, 2 / 3, 1 / 4)),), _WYCKOFF)
        for m, (a, c) in _HCP.items()
    }
    | {
        "Bi": Crystal(
            166, hexagonal(4.546, 11.862), (("Bi", (0, 0, 0.23389)),),
            "Cucka & Barrett, Acta Cryst. 15, 865 (1962), doi:10.1107/S0365110X62002297",
        ),
        "In": Crystal(139, tetragonal(3.2523, 4.9461), (("In", (0, 0, 0)),), _WYCKOFF),
        "Sb": Crystal(
            166, hexagonal(4.307, 11.273), (("Sb", (0, 0, 0.23349)),),
            "Barrett, Cucka & Haefner, Acta Cryst. 16, 451 (1963), doi:10.1107/S0365110X63001262",
        ),
        "Sn": Crystal(141, tetragonal(5.8316, 3.1815), (("Sn", (0, 0, 0)),), _WYCKOFF),
    }
)  # fmt: skip
"""A1 fcc, A2 bcc, A3 hcp, A7 (Bi, Sb), A6 (In), A5 (white tin). The alkali metals, which shrink by
up to 2 % on cooling, at low temperature: energies are those of 0 K."""


class MetalParameters(SlabCut):
    """Which metal and which of its surfaces.

    Attributes
    ----------
    element
        A key of `METALS`.
    scale
        Factor on the lattice constant: for the equilibrium of another level, or for strain.
    """

    element: Annotated[str, Field(examples=list(METALS))]
    scale: Annotated[float, Field(gt=0.8, lt=1.25)] = 1.0


def _crystal(parameters: MetalParameters) -> tuple[Atoms, SlabCut]:
    return metal_bulk(parameters.element, parameters.scale), parameters


@builder("metal", family="metal", geometry="slab", crystal=_crystal)
def metal(parameters: MetalParameters) -> Atoms:
    """Slab of a pure metal with any Miller indices."""
    return cut_slab(metal_bulk(parameters.element, parameters.scale), parameters)


def metal_bulk(element: str, scale: float = 1.0) -> Atoms:
    """Conventional cell of a metal.

    Raises
    ------
    RecipeError
        If the metal is not in `METALS`.
    """
    if element not in METALS:
        raise RecipeError(
            f"no lattice constant for {element!r}", where="element", allowed=", ".join(METALS)
        )
    atoms = METALS[element].atoms()
    atoms.set_cell(np.asarray(atoms.cell) * scale, scale_atoms=True)
    return atoms
