"""Curved and finite carbon: nanotubes, nanoribbons, fullerenes and bowls cut from them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from ase import Atoms
from ase.build import graphene_nanoribbon, molecule, nanotube
from pydantic import Field, model_validator

from screening.builders.groups import Decorated, EdgeGroup, dress, terminate
from screening.builders.registry import builder
from screening.builders.sp2 import (
    BOND_TO_H_A,
    CC_BOND_A,
    Added,
    Edit,
    Element,
    Network,
    network,
    ring,
    unit,
)
from screening.builders.supercell import in_vacuum
from screening.config import StrictModel
from screening.errors import StructureError


class Nanotube(Decorated):
    """Parameters of ``nanotube``: chiral indices (n, m) and cells along the axis."""

    n: int = Field(ge=3, le=30)
    m: int = Field(ge=0, le=30)
    cells: int = Field(default=1, ge=1, le=50)
    vacuum: float = Field(default=6.0, ge=4.0, le=50.0)

    @model_validator(mode="after")
    def _ordered(self) -> Nanotube:
        if self.m > self.n:
            raise ValueError(f"write ({self.n}, {self.m}) with n not less than m")
        return self


class Nanoribbon(Decorated):
    """Parameters of ``nanoribbon``.

    Attributes
    ----------
    edge
        zigzag or armchair; the ribbon runs along a.
    width
        Zigzag chains across, or pairs of armchair dimer lines.
    length
        Cells along a: 2.46 Å (zigzag) or 4.26 Å (armchair) each.
    edge_groups
        Groups in place of edge hydrogen atoms.
    edge_dopants
        Elements in place of edge C–H, such as N for pyridinic edges.
    gap
        Empty space between the ribbon and its image in the plane, Å.
    """

    edge: Literal["zigzag", "armchair"] = "armchair"
    width: int = Field(default=5, ge=2, le=40)
    length: int = Field(default=2, ge=1, le=40)
    edge_groups: tuple[EdgeGroup, ...] = ()
    edge_dopants: tuple[Element, ...] = ()
    gap: float = Field(default=8.0, ge=6.0, le=50.0)
    vacuum: float = Field(default=8.0, ge=4.0, le=50.0)


class Fullerene(Decorated):
    """Parameters of ``fullerene``: C60."""

    vacuum: float = Field(default=6.0, ge=4.0, le=50.0)


class CarbonBowl(StrictModel):
    """Parameters of ``carbon-bowl``: a curved patch of C60 with hydrogen on its rim.

    Attributes
    ----------
    core
        pentagon: corannulene, C20H10; hexagon: sumanene, C21H12.
    dopant, motif, count
        graphitic: in place of an inner carbon atom; pyridinic: in place of rim C–H of a hexagon;
        pyrrolic: X–H in place of the CH2 of a pentagon (sumanene).
    """

    core: Literal["pentagon", "hexagon"] = "hexagon"
    motif: Literal["pristine", "graphitic", "pyridinic", "pyrrolic"] = "pristine"
    dopant: Literal["B", "N", "O", "P", "S"] | None = None
    count: int = Field(default=1, ge=1, le=3)
    vacuum: float = Field(default=6.0, ge=4.0, le=50.0)

    @model_validator(mode="after")
    def _fits(self) -> CarbonBowl:
        if (self.dopant is None) != (self.motif == "pristine"):
            raise ValueError("a motif needs a dopant, and a pristine bowl takes none")
        if self.motif == "pyrrolic" and self.core == "pentagon":
            raise ValueError("a pyrrolic motif needs core 'hexagon' (sumanene)")
        return self


@builder("nanotube", family="carbon", geometry="tube")
def build_nanotube(parameters: Nanotube) -> Atoms:
    """Carbon nanotube (n, m): pristine, doped or with groups on its outside."""
    tube = nanotube(parameters.n, parameters.m, length=parameters.cells, bond=CC_BOND_A)
    tube.pbc = (False, False, True)
    tube.center(vacuum=parameters.vacuum, axis=(0, 1))
    return _decorated(tube, parameters, _radial(tube, axes=(0, 1)), axes=(0, 1))


@builder("fullerene", family="carbon", geometry="cluster")
def build_fullerene(parameters: Fullerene) -> Atoms:
    """Fullerene C60: pristine, doped or with groups on its outside."""
    ball = molecule("C60")
    ball.center(vacuum=parameters.vacuum)
    return _decorated(ball, parameters, _radial(ball, axes=(0, 1, 2)), axes=(0, 1, 2))


@builder("nanoribbon", family="carbon", geometry="sheet")
def build_nanoribbon(parameters: Nanoribbon) -> Atoms:
    """Graphene nanoribbon along a: armchair or zigzag edges with hydrogen or other groups."""
    standing = graphene_nanoribbon(
        parameters.width, parameters.length, type=parameters.edge, C_C=CC_BOND_A
    )
    ribbon = Atoms(standing.symbols, standing.positions[:, [2, 0, 1]])
    ribbon.cell = [standing.cell[2, 2], 1.0, 1.0]
    ribbon.center(vacuum=parameters.gap / 2, axis=1)
    ribbon.center(vacuum=parameters.vacuum, axis=2)
    ribbon.pbc = (True, True, False)
    net = network(ribbon, np.tile([0.0, 0.0, 1.0], (len(ribbon), 1)))
    inner = [i for i, bonds in enumerate(net.bonds) if len(bonds) == 3]
    offset = ribbon.positions[inner] - np.asarray(ribbon.cell).sum(axis=0) / 2
    edit = dress(net, parameters, inner[int(np.argmin((offset**2).sum(axis=1).round(3)))], faces=2)
    terminate(net, edit, parameters.edge_groups, parameters.edge_dopants, parameters.seed)
    result = edit.apply(ribbon)
    result.center(vacuum=parameters.gap / 2, axis=1)
    return in_vacuum(result, parameters.vacuum)


@builder("carbon-bowl", family="carbon", geometry="cluster")
def build_carbon_bowl(parameters: CarbonBowl) -> Atoms:
    """Curved patch: corannulene or sumanene, pristine or doped."""
    ball = molecule("C60")
    net = network(ball, _radial(ball, axes=(0, 1, 2)))
    core = ring(net, 0, 6 if parameters.core == "hexagon" else 5)
    patch = set(core)
    for _ in range(2):
        patch |= {j for i in patch for j in net.neighbours(i)}
    rim = [i for i in sorted(patch) if len(patch & set(net.neighbours(i))) == 2]
    apexes = [i for i in rim if not set(net.neighbours(i)) & set(rim)]
    doped = _doped_sites(parameters, core, [i for i in rim if i not in apexes], apexes)
    edit = Edit(
        replaced=dict.fromkeys(doped, parameters.dopant or "C"),
        removed=set(range(len(ball))) - patch,
    )
    for i in rim:
        outward = unit(-np.sum([d for j, d in net.bonds[i] if j in patch], axis=0))
        kind = "CH2" if i in apexes else "CH"
        if i in doped:
            kind = "NH" if parameters.motif == "pyrrolic" and parameters.dopant == "N" else "bare"
        edit.added.extend(_rim_hydrogens(net, i, outward, kind))
    bowl = edit.apply(ball)
    bowl.rotate(ball.positions[core].mean(axis=0) - ball.positions.mean(axis=0), "z")
    bowl.center(vacuum=parameters.vacuum)
    return bowl


def _doped_sites(
    parameters: CarbonBowl, core: list[int], rim: list[int], apexes: list[int]
) -> list[int]:
    sites = {"graphitic": core[::2], "pyridinic": rim[::2], "pyrrolic": apexes}
    available = sites.get(parameters.motif, [])
    if parameters.dopant and parameters.count > len(available):
        raise StructureError(f"only {len(available)} {parameters.motif} places on this bowl")
    return available[: parameters.count]


def _rim_hydrogens(net: Network, i: int, outward: np.ndarray, kind: str) -> list[Added]:
    """Return one H for CH and NH, two for CH2, none for a bare dopant."""
    start, length = net.atoms.positions[i], BOND_TO_H_A["C"]
    if kind == "bare":
        return []
    if kind in {"CH", "NH"}:
        return [("H", start + BOND_TO_H_A[kind[0]] * outward)]
    tilt = np.radians(54.0)  # half the H–C–H angle of a CH2 group
    up = unit(net.normals[i] - (net.normals[i] @ outward) * outward)
    return [
        ("H", start + length * (np.cos(tilt) * outward + sign * np.sin(tilt) * up))
        for sign in (1.0, -1.0)
    ]


def _radial(atoms: Atoms, axes: tuple[int, ...]) -> np.ndarray:
    """Return unit vectors away from the atoms' axis or centre, shape (n, 3)."""
    away = np.zeros((len(atoms), 3))
    columns = list(axes)
    away[:, columns] = atoms.positions[:, columns] - atoms.positions[:, columns].mean(axis=0)
    return np.asarray(away / np.linalg.norm(away, axis=1, keepdims=True))


def _decorated(
    atoms: Atoms, parameters: Nanotube | Fullerene, normals: np.ndarray, axes: tuple[int, ...]
) -> Atoms:
    """Put motif and groups on the side towards +x, and centre the result in its vacuum."""
    net = network(atoms, normals)
    level = np.asarray(atoms.cell).sum(axis=0)[2] / 2
    distance = np.abs(atoms.positions[:, 2] - level) - 2 * atoms.positions[:, 0]
    edit = dress(net, parameters, int(np.argmin(distance.round(3))), faces=1)
    result = edit.apply(atoms)
    result.center(vacuum=parameters.vacuum, axis=axes)
    return result
