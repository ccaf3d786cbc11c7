"""Functional groups on sp² carbon: on its faces, at its edges, in its holes."""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from pydantic import Field, model_validator

from screening.builders.sp2 import BOND_TO_H_A, CC_BOND_A, Added, Edit, Motif, Network, plan, unit
from screening.errors import StructureError

FaceGroup = Literal["epoxide", "hydroxyl", "fluoride", "carboxyl", "carbonyl"]
EdgeGroup = Literal["hydrogen", "hydroxyl", "fluoride", "carboxyl", "carbonyl"]

CLEARANCE_A = 1.9
"""Least distance between atoms of different groups, Å: wider than any bond among H, C, O, F but
narrow enough for hydroxyls on neighbouring carbon atoms of opposite faces."""

_LIFT_A = 0.35
"""How far a carbon atom that turns sp³ rises towards its group, Å (C–OH on graphene: Ghaderi &
Peressi, J. Phys. Chem. C 114, 21625 (2010))."""

_STAYS = np.zeros(3)
"""Shift of an atom that carries a group but is not moved; marks it as touched."""

_OXYGENS = {"epoxide": 1, "hydroxyl": 1, "fluoride": 0, "carboxyl": 2, "carbonyl": 1, "hydrogen": 0}

_TEMPLATES: dict[str, list[tuple[str, float, float]]] = {
    "hydrogen": [("H", BOND_TO_H_A["C"], 0.0)],
    "fluoride": [("F", 1.37, 0.0)],
    "carbonyl": [("O", 1.23, 0.0)],
    "hydroxyl": [("O", 1.40, 0.0), ("H", 1.68, 0.93)],
    "carboxyl": [("C", 1.50, 0.0), ("O", 2.11, 1.05), ("O", 2.18, -1.17), ("H", 3.12, -0.94)],
}
"""Atoms of a group: symbol, distance along its bond, distance sideways, Å. Standard bond lengths
and angles (Allen et al., J. Chem. Soc. Perkin Trans. 2, S1 (1987), doi:10.1039/P298700000S1)."""


class Decorated(Motif):
    """A motif and functional groups.

    Attributes
    ----------
    groups
        Groups on the faces, in the order in which they find a place.
    rim_groups
        Groups on bare carbon atoms around a vacancy, tilted out of its plane.
    o_to_c
        Oxygen to carbon ratio at which to stop repeating the groups; each is used once if absent.
    seed
        Chooses the places.
    """

    groups: tuple[FaceGroup, ...] = ()
    rim_groups: tuple[EdgeGroup, ...] = ()
    o_to_c: float | None = Field(default=None, gt=0, le=0.6)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _has_oxygen(self) -> Decorated:
        if self.o_to_c is not None and not any(_OXYGENS[group] for group in self.groups):
            raise ValueError("o_to_c needs groups that hold oxygen")
        return self

    def all_groups(self, carbons: int) -> tuple[FaceGroup, ...]:
        """Return the groups, repeated until the ratio for so many carbon atoms is nearest."""
        if self.o_to_c is None:
            return self.groups
        chosen: list[FaceGroup] = []
        ratios = [0.0]
        for group in itertools.cycle(self.groups):
            chosen.append(group)
            extra = chosen.count("carboxyl")
            ratios.append(sum(_OXYGENS[g] for g in chosen) / (carbons + extra))
            if ratios[-1] >= self.o_to_c:
                break
        overshoot = ratios[-1] - self.o_to_c > self.o_to_c - ratios[-2]
        return tuple(chosen[:-1] if overshoot else chosen)


def dress(net: Network, parameters: Decorated, centre: int, *, faces: int) -> Edit:
    """Plan the motif at an atom, then the groups around it."""
    edit = plan(net, parameters, centre)
    _close_rim(net, edit, parameters.rim_groups)
    carbons = len(net.atoms) - len(edit.removed) - len(edit.replaced)
    decorate(net, edit, parameters.all_groups(carbons), parameters.seed, faces=faces)
    return edit


def decorate(
    net: Network, edit: Edit, groups: tuple[FaceGroup, ...], seed: int, *, faces: int
) -> None:
    """Add groups to the faces of a network, at places that the seed chooses.

    They keep off the motif and its neighbours. Carbonyls sit where a carbon atom at a hole has a
    missing neighbour of its own.

    Parameters
    ----------
    faces
        2: the groups alternate between both faces; 1: all stand outward.

    Raises
    ------
    StructureError
        If there is no room for a group.
    """
    rng = np.random.default_rng(seed)
    busy = set(edit.touched)
    busy.update(j for i in edit.touched for j in net.neighbours(i))
    for number, group in enumerate(groups):
        side = -1.0 if faces == 2 and number % 2 else 1.0
        options = _options(net, edit, group, busy, side)
        for choice in rng.permutation(len(options)):
            used, change = options[choice]
            if _has_room(net.atoms, edit.added, change.added):
                edit.moved.update(change.moved)
                edit.added.extend(change.added)
                busy.update(used)
                break
        else:
            where = "needs a hole of 6" if group == "carbonyl" else "has no room"
            raise StructureError(
                f"group {number + 1} ({group}) {where}", allowed="fewer groups or a larger network"
            )


def terminate(
    net: Network, edit: Edit, groups: tuple[EdgeGroup, ...], dopants: tuple[str, ...], seed: int
) -> None:
    """Close the open bonds at edges: dopants and groups where the seed puts them, then hydrogen.

    Parameters
    ----------
    dopants
        Elements in place of edge C–H, such as pyridinic nitrogen; never on neighbouring atoms.

    Raises
    ------
    StructureError
        If there are more of them than places that keep them apart.
    """
    rng = np.random.default_rng(seed)
    edges = [i for i, bonds in enumerate(net.bonds) if len(bonds) == 2 and i not in edit.touched]
    free = [int(i) for i in rng.permutation(edges)]
    for dopant in dopants:
        apart = [i for i in free if not set(net.neighbours(i)) & set(edit.replaced)]
        if not apart:
            raise StructureError(f"no edge place for another {dopant}", allowed="a longer ribbon")
        edit.replaced[apart[0]] = dopant
        free.remove(apart[0])
    for number, group in enumerate(groups):
        for i in free:
            atoms = _edge(net, i, group)
            if _has_room(net.atoms, edit.added, atoms):
                edit.added.extend(atoms)
                free.remove(i)
                break
        else:
            raise StructureError(f"edge group {number + 1} ({group}) has no room")
    for i in sorted(free):
        edit.added.extend(_edge(net, i, "hydrogen"))


def _close_rim(net: Network, edit: Edit, groups: tuple[EdgeGroup, ...]) -> None:
    """Put groups on rim atoms of a vacancy, halfway between its plane and the normal."""
    bare = [
        (i, d)
        for j in sorted(edit.removed)
        for i in net.neighbours(j)
        for k, d in net.bonds[i]
        if k == j and i not in edit.removed and i not in edit.replaced
    ]
    if len(groups) > len(bare):
        raise StructureError(f"{len(groups)} rim groups on {len(bare)} bare rim atoms")
    for number, (group, (i, bond)) in enumerate(zip(groups, bare, strict=False)):
        side = -1.0 if number % 2 else 1.0
        edit.added.extend(_along(net, i, group, unit(unit(bond) + side * net.normals[i])))
        edit.moved[i] = _STAYS


def _options(
    net: Network, edit: Edit, group: FaceGroup, busy: set[int], side: float
) -> list[tuple[set[int], Edit]]:
    """Return every way to add a group: the carbon atoms it uses, and the change."""
    if group == "carbonyl":
        return [
            ({i}, Edit(moved={i: _STAYS}, added=_along(net, i, "carbonyl", d)))
            for i, d in _open(net, edit)
        ]
    free = [i for i, bonds in enumerate(net.bonds) if len(bonds) == 3 and i not in busy]
    if group == "epoxide":
        return [
            ({i, j}, _epoxide(net, i, j, d, side))
            for i in free
            for j, d in net.bonds[i]
            if i < j and j in free
        ]
    changes = []
    for i in free:
        up = side * net.normals[i]
        added = [(s, at + _LIFT_A * up) for s, at in _along(net, i, group, up)]
        changes.append(({i}, Edit(moved={i: _LIFT_A * up}, added=added)))
    return changes


def _open(net: Network, edit: Edit) -> list[tuple[int, np.ndarray]]:
    """Carbon atoms at a hole whose missing neighbour is nobody else's, and its direction."""
    found = []
    for j in sorted(edit.removed):
        rim = [i for i in net.neighbours(j) if i not in edit.removed]
        if len(rim) == 1 and rim[0] not in edit.touched:
            found.append((rim[0], unit(next(d for k, d in net.bonds[rim[0]] if k == j))))
    return found


def _epoxide(net: Network, i: int, j: int, bond: np.ndarray, side: float) -> Edit:
    """Bridge a bond by oxygen: C–O 1.46 Å, both carbon atoms a little raised."""
    up = unit(side * (net.normals[i] + net.normals[j]))
    rise = 0.25 * up
    top = net.atoms.positions[i] + bond / 2 + rise + np.sqrt(1.46**2 - (CC_BOND_A / 2) ** 2) * up
    return Edit(moved={i: rise, j: rise}, added=[("O", top)])


def _edge(net: Network, i: int, group: EdgeGroup) -> list[Added]:
    return _along(net, i, group, unit(-np.sum([d for _, d in net.bonds[i]], axis=0)))


def _along(net: Network, i: int, group: str, direction: np.ndarray) -> list[Added]:
    """Put the atoms of a group along a direction; sideways is away from a neighbour, or up."""
    sideways = -net.bonds[i][0][1]
    if abs(net.normals[i] @ direction) < 0.5:
        sideways = net.normals[i]
    sideways = unit(sideways - (sideways @ direction) * direction)
    start = net.atoms.positions[i]
    return [(s, start + x * direction + y * sideways) for s, x, y in _TEMPLATES[group]]


def _has_room(atoms: Atoms, present: list[Added], new: list[Added]) -> bool:
    if not present:
        return True
    _, distances = get_distances(
        [at for _, at in new], [at for _, at in present], cell=atoms.cell, pbc=atoms.pbc
    )
    return bool(distances.min() > CLEARANCE_A)
