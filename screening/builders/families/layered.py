"""Two-dimensional crystals beside carbon and MXene: h-BN, g-C3N4, MoS2, phosphorene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from ase import Atoms

from screening.builders.registry import builder
from screening.builders.supercell import SurfaceCell, in_vacuum, repeat_surface

Material = Literal["h-BN", "g-C3N4", "MoS2", "phosphorene"]

_THIRD = (1 / 3, 2 / 3)


class LayeredParameters(SurfaceCell):
    """Which monolayer."""

    material: Material


@builder("layered", family="layered", geometry="sheet")
def layered(parameters: LayeredParameters) -> Atoms:
    """Monolayer of a layered crystal."""
    primitive = in_vacuum(_MONOLAYERS[parameters.material](), parameters.vacuum)
    return repeat_surface(primitive, parameters)


def _boron_nitride() -> Atoms:
    """Honeycomb of B and N; a = 2.504 Å, Paszkowicz et al., Appl. Phys. A 75, 431 (2002)."""
    return _hexagonal(2.504, [("B", (0, 0), 0.0), ("N", _THIRD, 0.0)])


def _molybdenum_disulfide() -> Atoms:
    """Sulphur prisms around Mo.

    a = 3.160 Å, S-S 3.172 Å: Schutte et al., J. Solid State Chem. 70, 207 (1987),
    doi:10.1016/0022-4596(87)90057-0.
    """
    half = 3.172 / 2
    return _hexagonal(3.160, [("Mo", (0, 0), 0.0), ("S", _THIRD, half), ("S", _THIRD, -half)])


def _carbon_nitride() -> Atoms:
    """Heptazine sheet C6N8.

    A 3×3 honeycomb, N on one sublattice and C on the other, from which one N site and the three
    C sites around it are missing. a = 7.13 Å: Wang et al., Nat. Mater. 8, 76 (2009),
    doi:10.1038/nmat2317.
    """
    a = 7.13
    nitrogen = [("N", (i / 3, j / 3), 0.0) for i in range(3) for j in range(3)]
    carbon = [("C", ((i + 1 / 3) / 3, (j + 2 / 3) / 3), 0.0) for i in range(3) for j in range(3)]
    full = _hexagonal(a, nitrogen + carbon)
    around = np.argsort(full.get_distances(0, range(len(full)), mic=True))[:4]
    del full[around]
    return full


def _phosphorene() -> Atoms:
    """Puckered layer of black phosphorus (Cmce, P at 0, 0.1017, 0.0806).

    Brown & Rundqvist, Acta Cryst. 19, 684 (1965), doi:10.1107/S0365110X65004140.
    """
    zigzag, stacking, armchair = 3.3136, 10.478, 4.3763
    y, z = 0.10168 * stacking, 0.08056
    scaled = [(0.0, z), (0.5, 0.5 - z), (0.0, -z), (0.5, 0.5 + z)]
    positions = [
        (u * zigzag, v * armchair, height)
        for (u, v), height in zip(scaled, (y, y, -y, -y), strict=True)
    ]
    return Atoms("P4", positions=positions, cell=[zigzag, armchair, 1.0], pbc=(True, True, False))


def _hexagonal(a: float, basis: list[tuple[str, tuple[float, float], float]]) -> Atoms:
    """Plane crystal from symbols, fractional lateral positions and heights in Å."""
    cell = np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, 1.0]])
    positions = [(*(np.asarray(lateral) @ cell[:2, :2]), height) for _, lateral, height in basis]
    symbols = [symbol for symbol, _, _ in basis]
    return Atoms(symbols, positions=positions, cell=cell, pbc=(True, True, False))


_MONOLAYERS: Mapping[Material, Callable[[], Atoms]] = MappingProxyType({
    "h-BN": _boron_nitride,
    "g-C3N4": _carbon_nitride,
    "MoS2": _molybdenum_disulfide,
    "phosphorene": _phosphorene,
})  # fmt: skip
