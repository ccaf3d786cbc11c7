"""Composites: clusters of metal or oxide on graphene, graphene on a close-packed metal."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from ase import Atoms
from ase.build import fcc111, hcp0001, make_supercell
from ase.cluster import Icosahedron
from ase.constraints import FixAtoms
from ase.data import atomic_numbers, covalent_radii, reference_states
from pydantic import Field

from screening.builders.families.carbon import Graphene, build_graphene, honeycomb, middle_atom
from screening.builders.registry import builder
from screening.builders.sp2 import CC_BOND_A
from screening.builders.supercell import in_vacuum
from screening.errors import RecipeError

LAYER_DISTANCE_A = MappingProxyType({"Ni": 2.1, "Co": 2.1, "Cu": 3.3, "Ag": 3.3, "Au": 3.3})
"""Graphene–metal distance, Å (Vanin et al., Phys. Rev. B 81, 081408 (2010),
doi:10.1103/PhysRevB.81.081408, and the experiments quoted there)."""

CONTACT_A = MappingProxyType({"Cu": 2.6, "Ni": 2.9, "Sn": 3.4})
"""Start height of a cluster above graphene, Å, by the element next to it, as relaxed with 7net-0;
2.6 Å for others, between a bond and a van der Waals contact."""

OXIDE_BOND_A = MappingProxyType({"Sn": 2.05, "Ni": 2.09, "Zn": 1.98, "Cu": 1.95})
"""Metal–oxygen distance of the bulk oxide, Å (Wyckoff, Crystal Structures, 2nd ed., vol. 1)."""


class ClusterOnGraphene(Graphene):
    """Parameters of ``cluster-on-graphene``.

    Attributes
    ----------
    cluster
        ``M4`` (tetrahedron) or ``M13`` (icosahedron) of a metal M; ``M4O4`` (cube of rocksalt) or
        ``M2O4`` (rhombus with two terminal oxygen atoms) of an oxide.
    """

    cluster: str
    size: tuple[int, int] = (4, 4)


class GrapheneOnMetal(Graphene):
    """Parameters of ``graphene-on-metal``: 1 × 1 registry on fcc(111) or hcp(0001).

    One carbon atom of two stands on top of a metal atom, the other over a hollow.

    Attributes
    ----------
    metal_layers
        Layers of metal; the lower half is fixed.
    strain_in
        Which side takes up the misfit.
    max_strain
        Largest strain accepted; the message states the true one.
    """

    metal: str
    metal_layers: int = Field(default=3, ge=2, le=12)
    strain_in: Literal["metal", "graphene"] = "metal"
    max_strain: float = Field(default=0.05, gt=0, le=0.2)


@builder("cluster-on-graphene", family="composite", geometry="sheet")
def build_cluster_on_graphene(parameters: ClusterOnGraphene) -> Atoms:
    """Metal or oxide cluster on graphene, pristine, doped or defective."""
    sheet = build_graphene(parameters)
    guest = cluster(parameters.cluster)
    foot = int(np.argmin(guest.positions[:, 2]))
    height = CONTACT_A.get(guest.symbols[foot], 2.6)
    guest.positions[:, :2] -= guest.positions[:, :2].mean(axis=0)
    guest.positions += [
        *sheet.positions[middle_atom(sheet), :2],
        sheet.positions[:, 2].max() + height - guest.positions[foot, 2],
    ]
    return in_vacuum(sheet + guest, parameters.vacuum)


@builder("graphene-on-metal", family="composite", geometry="slab")
def build_graphene_on_metal(parameters: GrapheneOnMetal) -> Atoms:
    """Graphene, pristine or doped, on a close-packed metal surface at a stated strain."""
    sheet = build_graphene(parameters)
    metal = _close_packed(parameters)
    strain = misfit(parameters.metal)
    if abs(strain) > parameters.max_strain:
        raise RecipeError(
            f"graphene on {parameters.metal} needs a strain of {100 * strain:.1f} %",
            where="max_strain",
            allowed=f"up to {100 * parameters.max_strain:g} %, or another metal",
        )
    giving, keeping = (metal, sheet) if parameters.strain_in == "metal" else (sheet, metal)
    giving.set_cell([*keeping.cell[:2], giving.cell[2]], scale_atoms=True)
    top = metal.positions[np.argmax(metal.positions[:, 2])]
    first = honeycomb(parameters.size).get_scaled_positions()[0] @ np.asarray(sheet.cell)
    gap = LAYER_DISTANCE_A.get(parameters.metal, 3.3)
    sheet.positions[:, :2] += top[:2] - first[:2]
    sheet.positions[:, 2] += top[2] + gap - np.median(sheet.positions[:, 2])
    both: Atoms = metal + sheet
    both.wrap()
    both.set_constraint(
        FixAtoms(np.flatnonzero(both.positions[:, 2] < metal.positions[:, 2].mean() - 1e-3))
    )
    return in_vacuum(both, parameters.vacuum)


def misfit(metal: str) -> float:
    """Return the strain that fits a close-packed metal layer to graphene, as a fraction."""
    state: dict[str, Any] = reference_states[atomic_numbers[metal]] or {}
    neighbour = state["a"] / np.sqrt(2.0) if state["symmetry"] == "fcc" else state["a"]
    return float(CC_BOND_A * np.sqrt(3) / neighbour - 1.0)


def cluster(formula: str) -> Atoms:
    """Return a small cluster standing on its widest side.

    Raises
    ------
    RecipeError
        If there is no model for the formula.
    """
    match = re.fullmatch(r"([A-Z][a-z]?)(\d+)(O4)?", formula)
    symbol, count, oxide = match.groups() if match else ("", "", None)
    known = symbol in (OXIDE_BOND_A if oxide else atomic_numbers)
    model = _MODELS.get((count, bool(oxide)))
    if model is None or not known or symbol == "X":
        raise RecipeError(
            f"no model of a cluster {formula!r}",
            where="cluster",
            allowed=f"M4, M13; M2O4, M4O4 with M = {', '.join(sorted(OXIDE_BOND_A))}",
        )
    return model(symbol)


def _tetrahedron(symbol: str) -> Atoms:
    edge = 2 * covalent_radii[atomic_numbers[symbol]]
    base = [[np.cos(a), np.sin(a), 0.0] for a in np.radians([90.0, 210.0, 330.0])]
    corners = np.array([*base, [0.0, 0.0, np.sqrt(2.0)]])
    return Atoms(f"{symbol}4", corners * edge / np.sqrt(3.0))


def _icosahedron(symbol: str) -> Atoms:
    ball = Icosahedron(symbol, 2, 2 * np.sqrt(2.0) * covalent_radii[atomic_numbers[symbol]] * 0.95)
    whole = Atoms(ball.symbols, ball.positions)
    face = sorted(range(13), key=lambda i: -float(whole.positions[i] @ [1.0, 1.0, 1.0]))[:3]
    whole.rotate(whole.positions[face].mean(axis=0), "-z", center=whole.positions.mean(axis=0))
    return whole


def _cube(symbol: str) -> Atoms:
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    symbols = [symbol if sum(corner) % 2 == 0 else "O" for corner in corners]
    cube = Atoms(symbols, np.array(corners, dtype=float) * OXIDE_BOND_A[symbol])
    cube.rotate(45, "z")  # shares a mirror plane with graphene, which halves the sites
    return cube


def _rhombus(symbol: str) -> Atoms:
    bond = OXIDE_BOND_A[symbol]
    half = bond * np.cos(np.radians(44.0)), bond * np.sin(np.radians(44.0))
    metal = [[half[0], 0, 0], [-half[0], 0, 0]]
    oxygen = [[0, half[1], 0], [0, -half[1], 0], [half[0] + 1.83, 0, 0], [-half[0] - 1.83, 0, 0]]
    return Atoms(f"{symbol}2O4", np.array(metal + oxygen, dtype=float))


_MODELS: dict[tuple[str, bool], Callable[[str], Atoms]] = {
    ("4", False): _tetrahedron,
    ("13", False): _icosahedron,
    ("4", True): _cube,
    ("2", True): _rhombus,
}


def _close_packed(parameters: GrapheneOnMetal) -> Atoms:
    """Return the unstrained slab in a cell of graphene's angle."""
    state = reference_states[atomic_numbers.get(parameters.metal, 0)] or {}
    makers: dict[object, Callable[..., Atoms]] = {"fcc": fcc111, "hcp": hcp0001}
    make = makers.get(state.get("symmetry"))
    if make is None:
        raise RecipeError(
            f"{parameters.metal!r} is no fcc or hcp metal", where="metal", allowed="Cu, Ni, Co, …"
        )
    slab = make(parameters.metal, size=(1, 1, parameters.metal_layers), vacuum=8.0)
    obtuse = make_supercell(slab, [[1, 0, 0], [-1, 1, 0], [0, 0, 1]])
    obtuse.pbc = (True, True, False)
    layers: Atoms = obtuse.repeat((*parameters.size, 1))
    return layers
