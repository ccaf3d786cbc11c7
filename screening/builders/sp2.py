"""Networks of sp² carbon, flat or curved, and the motifs that can be cut or doped into them.

Every motif is an `Edit` planned on the pristine network, so that sheets, ribbons, tubes and
fullerenes share them: "out of plane" means along the local normal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols, covalent_radii
from pydantic import AfterValidator, Field, model_validator

from screening.config import StrictModel
from screening.errors import StructureError
from screening.structure.neighbours import close_pairs

CC_BOND_A = 2.46 / np.sqrt(3)
"""C–C distance of graphene, Å (lattice constant 2.46 Å: Castro Neto et al., Rev. Mod. Phys. 81,
109 (2009), doi:10.1103/RevModPhys.81.109; PBE gives 2.46–2.47 Å)."""

SP2_RADIUS_A = 0.73
"""Covalent radius of sp² carbon, Å (Cordero et al., Dalton Trans. 2008, 2832)."""

FIVE_RING_HALF_A = 1.22
"""Half the distance between the two carbon atoms beside X in a C4X ring, Å (pyrrole 1.12, Nygaard
et al., J. Mol. Struct. 3, 491 (1969); thiophene 1.24, Bak et al., J. Mol. Spectrosc. 7, 58
(1961)); a stretched middle value, since the network pulls."""

BOND_TO_H_A = {"C": 1.09, "N": 1.01}

MotifName = Literal[
    "pristine",
    "graphitic",
    "pair",
    "vacancy",
    "pyridinic",
    "pyrrolic",
    "thiophenic",
    "single-atom",
]
Position = Literal["ortho", "meta", "para"]
_RIM = {1: 3, 2: 4, 6: 6}
_DOPED = {"graphitic", "pair", "pyridinic", "pyrrolic", "thiophenic", "single-atom"}


def _known(symbol: str) -> str:
    if symbol not in chemical_symbols[1:]:
        raise ValueError(f"{symbol!r} is not a chemical element")
    return symbol


Element = Annotated[str, AfterValidator(_known)]
"""Symbol of a chemical element."""


class Motif(StrictModel):
    """What is cut or doped into a network.

    Attributes
    ----------
    motif
        graphitic: a dopant in place of a carbon; pair: two of them at a relative `position` in
        one hexagon; vacancy: `missing` atoms less (1, 2 neighbours, or a hexagon of 6);
        pyridinic: `count` dopants on the rim of such a vacancy; pyrrolic and thiophenic: X–H or
        X closes a five-membered ring at a hole; single-atom: a metal in a divacancy lined with
        four nitrogen atoms (M–N4).
    """

    motif: MotifName = "pristine"
    dopant: Element | None = None
    co_dopant: Element | None = None
    position: Position | None = None
    missing: Literal[1, 2, 6] = 1
    count: int = Field(default=1, ge=1, le=6)

    @model_validator(mode="after")
    def _fits(self) -> Motif:
        if (self.motif in _DOPED) != (self.dopant is not None):
            verb = "needs a" if self.motif in _DOPED else "takes no"
            raise ValueError(f"motif {self.motif!r} {verb} dopant")
        if len({self.co_dopant is None, self.position is None, self.motif != "pair"}) > 1:
            raise ValueError("co_dopant and position belong to motif 'pair', which needs both")
        if self.missing > 1 and self.motif not in {"vacancy", "pyridinic"}:
            raise ValueError("missing belongs to the motifs 'vacancy' and 'pyridinic'")
        if self.count > (_RIM[self.missing] if self.motif == "pyridinic" else 1):
            raise ValueError(
                f"count {self.count} is more than fits: 3, 4, 6 pyridinic dopants "
                "around 1, 2, 6 missing atoms; 1 of anything else"
            )
        return self


@dataclass(frozen=True)
class Network:
    """Atoms, their unit normals (shape (n, 3)), and their bonds: (neighbour, vector) lists."""

    atoms: Atoms
    normals: np.ndarray
    bonds: tuple[tuple[tuple[int, np.ndarray], ...], ...]

    def neighbours(self, atom: int) -> list[int]:
        """Return the indices of the bonded atoms."""
        return [j for j, _ in self.bonds[atom]]


Added = tuple[str, np.ndarray]
"""A new atom: symbol and position."""


@dataclass
class Edit:
    """Changes to a network, by index of the pristine atoms."""

    replaced: dict[int, str] = field(default_factory=dict)
    moved: dict[int, np.ndarray] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    added: list[Added] = field(default_factory=list)

    @property
    def touched(self) -> set[int]:
        """Atoms that no longer are plain sp² carbon."""
        return {*self.replaced, *self.moved, *self.removed}

    def apply(self, atoms: Atoms) -> Atoms:
        """Return the edited copy; removed atoms leave, added ones stand last."""
        result: Atoms = atoms.copy()
        for i, symbol in self.replaced.items():
            result.symbols[i] = symbol
        for i, shift in self.moved.items():
            result.positions[i] += shift
        del result[sorted(self.removed)]
        for symbol, position in self.added:
            result.extend(Atoms(symbol, [position]))
        return result


def network(atoms: Atoms, normals: np.ndarray) -> Network:
    """Find the bonds of a pristine carbon network, sorted by neighbour."""
    first, second, vector, _ = close_pairs(atoms, 1.2 * CC_BOND_A)
    bonds: list[list[tuple[int, np.ndarray]]] = [[] for _ in range(len(atoms))]
    for i, j, d in zip(first, second, vector, strict=True):
        bonds[int(i)].append((int(j), d))
    key = [sorted(b, key=lambda pair: (pair[0], *np.round(pair[1], 3))) for b in bonds]
    return Network(atoms, normals, tuple(map(tuple, key)))


def plan(net: Network, motif: Motif, centre: int) -> Edit:
    """Plan a motif around an atom that has three neighbours.

    Raises
    ------
    StructureError
        If the network is too small: the motif would meet its own periodic image.
    """
    if motif.motif == "pristine":
        return Edit()
    if len(set(net.neighbours(centre))) != 3:
        raise StructureError("the cell is too small for a motif", allowed="at least 2 × 2 cells")
    dopant = motif.dopant or ""
    match motif.motif:
        case "graphitic":
            return _substitute(net, {centre: dopant})
        case "pair":
            other = partner(net, centre, motif.position or "ortho")
            return _substitute(net, {centre: dopant, other: motif.co_dopant or ""})
        case "vacancy" | "pyridinic":
            return _vacancy(net, centre, motif.missing, dopant, motif.count)
        case "single-atom":
            edit = _vacancy(net, centre, 2, "N", 4)
            middle = net.atoms.positions[centre] + net.bonds[centre][0][1] / 2
            edit.added.append((dopant, middle))
            return edit
        case _:
            return _five_ring(net, centre, dopant, hydrogen=motif.motif == "pyrrolic")


def partner(net: Network, atom: int, position: Position) -> int:
    """Return the atom in ortho, meta or para position of one hexagon: 1, 2 or 3 bonds away."""
    steps = ("ortho", "meta", "para").index(position) + 1
    ends = [
        (round(float(np.linalg.norm(path[-1][1])), 3), path[-1][0])
        for path in _walks(net, atom, steps)
    ]
    if not ends:
        raise StructureError(f"the cell is too small for a {position} pair")
    return min(ends)[1]


def ring(net: Network, atom: int, members: int) -> list[int]:
    """Return the first ring of that many members through an atom, in ring order."""
    for walk in _walks(net, atom, members - 1):
        last, way = walk[-1]
        if any(j == atom and np.allclose(way + d, 0, atol=0.1) for j, d in net.bonds[last]):
            return [i for i, _ in walk]
    raise StructureError(f"no ring of {members} around the atom", allowed="a larger size")


def unit(vector: np.ndarray) -> np.ndarray:
    """Return the vector at length one."""
    return np.asarray(vector / np.linalg.norm(vector))


def protrusion(symbol: str) -> float:
    """Return the height at which a dopant in a carbon site keeps its covalent bond length, Å.

    Elements of the first two periods fit into the plane; larger ones stand above it.
    """
    number = atomic_numbers[symbol]
    if number <= 10:
        return 0.0
    bond = SP2_RADIUS_A + covalent_radii[number]
    return float(np.sqrt(max(bond**2 - CC_BOND_A**2, 0.0)))


def _walks(net: Network, atom: int, steps: int) -> list[list[tuple[int, np.ndarray]]]:
    """Return all self-avoiding walks: (atom, vector from the start) for each step."""
    walks = [[(atom, np.zeros(3))]]
    for _ in range(steps):
        walks = [
            [*walk, (j, walk[-1][1] + d)]
            for walk in walks
            for j, d in net.bonds[walk[-1][0]]
            if j not in {i for i, _ in walk}
        ]
    return walks


def _substitute(net: Network, dopants: dict[int, str]) -> Edit:
    shifts = {i: protrusion(symbol) * net.normals[i] for i, symbol in dopants.items()}
    return Edit(replaced=dopants, moved={i: s for i, s in shifts.items() if s.any()})


def _vacancy(net: Network, centre: int, missing: int, dopant: str, count: int) -> Edit:
    removed = {1: [centre], 2: [centre, net.neighbours(centre)[0]]}.get(missing)
    removed = removed or ring(net, centre, 6)
    rim = [j for i in removed for j in net.neighbours(i) if j not in removed]
    if len(set(rim)) != _RIM[missing]:
        raise StructureError("the cell is too small for the vacancy", allowed="a larger size")
    if missing == 6:
        rim = [rim[i] for i in (0, 3, 1, 4, 2, 5)]  # opposite atoms of the rim in pairs
    return Edit(removed=set(removed), replaced=dict.fromkeys(rim[:count], dopant) if dopant else {})


def _five_ring(net: Network, centre: int, dopant: str, *, hydrogen: bool) -> Edit:
    """Close a five-membered C4X ring at a hole of four carbon atoms.

    Two bonded atoms leave; on one side of them X bridges the ends of the remaining C4 chain. On
    the other side two more atoms leave to make room; of the four bonds this opens, those in one
    ring close to a C≡C as at a bare armchair edge, the others get a hydrogen.
    """
    start = net.atoms.positions[centre]
    other, bond = net.bonds[centre][0]
    near = [(j, start + d) for j, d in net.bonds[centre] if j != other]
    far = [(j, start + bond + d) for j, d in net.bonds[other] if j != centre]
    (a, at_a), (c, at_c) = min(
        ((x, y) for x in near for y in far), key=lambda p: float(np.linalg.norm(p[0][1] - p[1][1]))
    )
    middle, across = (at_a + at_c) / 2, (at_c - at_a) / 2
    outward = unit(start + bond / 2 - middle)
    length = SP2_RADIUS_A + covalent_radii[atomic_numbers[dopant]]
    bridge = middle + outward * np.sqrt(length**2 - FIVE_RING_HALF_A**2)
    squeeze = across * (1 - FIVE_RING_HALF_A / np.linalg.norm(across))
    edit = Edit(moved={a: squeeze, c: -squeeze}, removed={centre, other})
    edit.added.append((dopant, bridge))
    if hydrogen:
        edit.added.append(("H", bridge + BOND_TO_H_A["N"] * outward))
    for j, at in near + far:
        if j not in {a, c}:
            edit.removed.add(j)
            outer = [at + d for k, d in net.bonds[j] if k not in {centre, other}]
            end = max(outer, key=lambda point: abs((point - middle) @ unit(across)))
            edit.added.append(("H", end + BOND_TO_H_A["C"] * unit(at - end)))
    if len(edit.removed) != 4:
        raise StructureError("the cell is too small for the hole", allowed="a larger size")
    return edit
