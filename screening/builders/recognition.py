"""What a foreign structure is: bulk, sheet, slab, ribbon, tube, cluster, and why."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers

from screening.builders.bonding import Bonds, pieces
from screening.builders.gaps import VACUUM_GAP_A, gap, gathered, normal
from screening.structure.candidate import Geometry, fixed_indices
from screening.structure.lattice import Lattice
from screening.structure.neighbours import close_pairs
from screening.structure.radii import radius

SHEET_THICKNESS_A = 8.0
"""A compound thicker than this is taken for a slab unless its layers say otherwise, Å."""

FLAT_A = 1.0
"""Matter thinner than this is one atomic layer, buckled or not, Å."""

PLANE_A = 0.5
"""Atoms whose heights differ by less are one layer of a relaxed or buckled structure, Å."""

SPARSE = 0.4
"""A layer with fewer atoms than this fraction of the densest one, of elements that the others lack,
is adsorbates or guests; so is one of the same elements with less than half of this."""

FILLED = 0.7
"""A layer with at least this fraction of the densest one's atoms is a whole plane."""

REPEAT_A = 0.25
"""An atom lies where the crystal's next one would, Å: less than the difference of bonds within
and between the layers of Bi2Se3."""

HOLE = 0.85
"""A tube's inner radius is more than this multiple of the distance of neighbours: the largest hole
of a close-packed metal has 0.71."""

COVALENT = 4
"""Atoms of covalent sheets have at most so many bonds."""

_METALS = frozenset(
    [*range(3, 5), *range(11, 14), *range(19, 32), *range(37, 51), *range(55, 84), *range(87, 119)]
)
_METALLOIDS = frozenset(atomic_numbers[s] for s in ("Si", "Ge", "As", "Sb", "Te"))
_CATIONS = _METALS | _METALLOIDS - {atomic_numbers["Te"]}
_MXENE = frozenset(atomic_numbers[s] for s in ("B", "C", "N"))


@dataclass(frozen=True)
class Recognised:
    """What a structure is and why.

    Attributes
    ----------
    geometry
        None for a bulk crystal, and where several readings are possible.
    reason
        A sentence for the user.
    readings
        The geometries that are possible if nothing tells between them.
    """

    geometry: Geometry | None
    reason: str
    readings: tuple[Geometry, ...] = ()


def recognise(atoms: Atoms) -> Recognised:
    """Tell sheet, slab, tube, cluster and bulk apart, by vacuum and by what repeats."""
    gaps = [gap(atoms, axis)[0] for axis in range(3)]
    open_axes = [axis for axis in range(3) if gaps[axis] >= VACUUM_GAP_A]
    names = " and ".join("abc"[axis] for axis in open_axes)
    if not open_axes:
        return Recognised(None, f"no vacuum of {VACUUM_GAP_A:g} Å along any axis: a bulk crystal")
    if len(open_axes) == 3:
        return Recognised("cluster", "vacuum all around: a cluster or molecule")
    whole = gathered(atoms, open_axes)
    if len(open_axes) == 2:
        (along,) = (axis for axis in range(3) if axis not in open_axes)
        return _rod(whole, np.asarray(atoms.cell)[along], f"vacuum along {names}")
    heights = whole.positions @ normal(whole, open_axes[0])
    return Layers(whole, heights).recognised(f"vacuum along {names}, {np.ptp(heights):.1f} Å thick")


def across(atoms: Atoms, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions across an axis, centred, shape (n_atoms, 2), and the two directions, (2, 3).

    The first direction is that of the widest extent, the second that of the least.
    """
    axis = along / np.linalg.norm(along)
    offsets = atoms.positions - atoms.positions.mean(axis=0)
    offsets -= np.outer(offsets @ axis, axis)
    _, _, directions = np.linalg.svd(offsets, full_matrices=True)
    directions = np.array([d for d in directions if abs(d @ axis) < 0.5][:2])
    return offsets @ directions.T, directions


def _rod(atoms: Atoms, along: np.ndarray, place: str) -> Recognised:
    """Tube, ribbon or wire, by its cross-section."""
    points, _ = across(atoms, along)
    width, thickness = np.ptp(points, axis=0)
    angles = np.sort(np.arctan2(points[:, 1], points[:, 0]))
    widest = np.diff([*angles, angles[0] + 2 * np.pi]).max() if len(angles) > 2 else 2 * np.pi
    distance = np.hypot(*points.T)
    hole = max(HOLE * _nearest(atoms), 0.35 * float(distance.mean()))
    if widest < np.pi / 2 and distance.min() > hole:
        return Recognised("tube", f"{place}, hollow: a tube")
    if thickness < 0.5 * width or width < FLAT_A:
        size = f"{width:.1f} Å wide and {thickness:.1f} Å thick"
        return Recognised("sheet", f"{place}, {size}: a ribbon, screened as a sheet")
    text = f"{place}, {width:.1f} Å wide, neither hollow nor flat: a wire or a ribbon"
    return Recognised(None, text, ("tube", "sheet"))


def _nearest(atoms: Atoms) -> float:
    """Mean distance from an atom to its nearest neighbour, Å."""
    reach = 4.0 * float(radius(atoms.numbers).max())
    first, _, _, distance = close_pairs(atoms, reach)
    least = np.full(len(atoms), reach)
    np.minimum.at(least, first, distance)
    return float(least.mean())


@dataclass(frozen=True)
class Layers:
    """A structure with one direction without periodicity, layer by layer.

    Attributes
    ----------
    heights
        Of the atoms along that direction, Å.
    """

    atoms: Atoms
    heights: np.ndarray

    @cached_property
    def dense(self) -> np.ndarray:
        """Indices of the atoms of the host proper: outer layers of adsorbates left out."""
        repeating = [p.atoms for p in pieces(self.atoms) if p.repeats > 0]
        kept = np.concatenate(repeating) if repeating else np.arange(len(self.atoms))
        layers, full = self._full_layers(kept)
        (first, *_), (*_, last) = full.nonzero()[0], full.nonzero()[0]
        return np.concatenate(layers[first : last + 1])

    def _full_layers(self, atoms: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """Layers of some of the atoms, from below, and whether each is more than adsorbates."""
        order = atoms[np.argsort(self.heights[atoms], kind="stable")]
        steps = np.flatnonzero(np.diff(self.heights[order]) > PLANE_A) + 1
        layers = np.split(order, steps)
        share = np.array([len(layer) for layer in layers]) / max(map(len, layers))
        full = share >= SPARSE
        known = np.unique(self._numbers(np.concatenate([layers[i] for i in full.nonzero()[0]])))
        alike = np.array([np.isin(self._numbers(layer), known).all() for layer in layers])
        return layers, full | (alike & (share >= SPARSE / 2))

    def outer(self, side: int) -> np.ndarray:
        """Atoms of the host's lowest (side -1) or highest (side 1) layer."""
        heights = side * self.heights
        return np.flatnonzero(heights > heights[self.dense].max() - PLANE_A)

    def held_face(self) -> int:
        """Side whose whole layer the file fixes, -1 or 1; 0 if none or all is fixed."""
        fixed = set(fixed_indices(self.atoms).tolist())
        dense = set(self.dense.tolist())
        if dense <= fixed:
            return 0
        held = [side for side in (-1, 1) if dense & set(self.outer(side).tolist()) <= fixed]
        return held[0] if len(held) == 1 else 0

    def recognised(self, place: str) -> Recognised:
        """Sheet or slab, by the surest sign that there is."""
        for geometry, sign in self._signs():
            return Recognised(geometry, f"{place}, {sign}: a {geometry}")
        text = f"{place}, no fixed atoms: a free sheet, or a thin slab whose lower face is held"
        return Recognised(None, text, ("sheet", "slab"))

    def _signs(self) -> Iterator[tuple[Geometry, str]]:
        """Signs of one or the other, the surest first."""
        thickness = float(np.ptp(self.heights[self.dense]))
        if thickness < FLAT_A:
            yield "sheet", "one atomic layer"
        if self.held_face():
            yield "slab", "one face held by fixed atoms"
        if self._metal_layers():
            yield "slab", "layers of metal"
        yield from self._stacked()
        order = self._alternating()
        if order == "mxene":
            yield "sheet", "layers of metal and C, N or B, an MXene"
        if self._repeats():
            yield "slab", "repeating along its normal as a crystal does"
        if order == "layered":
            yield "sheet", "metal layers between nonmetal layers"
        if thickness > SHEET_THICKNESS_A:
            yield "slab", "thicker than single layers are"
        if self._evenly_bonded():
            yield "sheet", "covalent, all atoms of an element bonded alike"

    def _numbers(self, atoms: np.ndarray) -> np.ndarray:
        return np.asarray(self.atoms.numbers[atoms])

    def _metal_layers(self) -> bool:
        """Whether some layers in a row are of metal, bonded as in a metal."""
        order = np.argsort(self.heights, kind="stable")
        metallic = np.isin(self._numbers(order), [*_METALS, *_METALLOIDS])
        for run in np.split(order, np.flatnonzero(np.diff(metallic.astype(int))) + 1):
            metals = np.isin(self._numbers(run), [*_METALS]).mean()
            if metals < 0.6 or np.ptp(self.heights[run]) < FLAT_A:
                continue
            part: Atoms = self.atoms[run]
            (largest, *_) = pieces(part)
            if largest.repeats > 1 and Bonds.of(part, None).count[largest.atoms].mean() >= 6:
                return True
        return False

    def _separate_layers(self) -> list[np.ndarray]:
        """List sets of atoms that no bond joins, from below, guests between them left out."""
        planes, full = self._full_layers(self.dense)
        host = np.concatenate([planes[i] for i in full.nonzero()[0]])
        found = [host[p.atoms] for p in pieces(self.atoms[host])]
        found.sort(key=lambda atoms: float(self.heights[atoms].mean()))
        layers = found[:1]
        for atoms in found[1:]:
            if self.heights[atoms].min() < self.heights[layers[-1]].max() + FLAT_A:
                layers[-1] = np.concatenate([layers[-1], atoms])
            else:
                layers.append(atoms)
        return layers

    def _stacked(self) -> Iterator[tuple[Geometry, str]]:
        layers = self._separate_layers()
        if len(layers) < 2:
            return
        kinds = {str(self.atoms[layer].symbols.formula.reduce()[0]) for layer in layers}
        guests = len(self.dense) > sum(map(len, layers))
        text = f"{len(layers)} layers{' with guests between them' if guests else ''}"
        if len(kinds) == 1 and not guests:
            yield "slab", f"{text} of one kind, a layered crystal"
        yield ("sheet" if len(layers) == 2 or guests else "slab"), text

    def _alternating(self) -> str:
        """``mxene`` or ``layered`` if layers of metal and of nonmetal alternate, else empty."""
        part = self.dense[self._numbers(self.dense) != 1]
        metal = np.isin(self._numbers(part), [*_CATIONS])
        runs = np.split(part, np.flatnonzero(np.diff(metal.astype(int))) + 1)
        spans = [(self.heights[run].min(), self.heights[run].max()) for run in runs]
        apart = [above[0] - below[1] for below, above in itertools.pairwise(spans)]
        if len(runs) < 3 or min(apart) < 0.3 or max(high - low for low, high in spans) > FLAT_A:
            return ""
        of_metal = [bool(np.isin(self._numbers(run), [*_CATIONS]).all()) for run in runs]
        first, last = (of_metal.index(True), len(runs) - 1 - of_metal[::-1].index(True))
        inner = [run for run, is_metal in zip(runs, of_metal, strict=True) if not is_metal]
        inner = inner[(first > 0) : len(inner) - (last < len(runs) - 1)]
        if sum(of_metal) > 6:
            return ""
        if inner and all(np.isin(self._numbers(run), [*_MXENE]).all() for run in inner):
            return "mxene"
        return "" if of_metal[0] or of_metal[-1] else "layered"

    def _repeats(self) -> bool:
        """Whether a translation out of the plane maps most of the lower part onto the rest.

        A rebuilt face is no part of the crystal: its thinned layers may be left out.
        """
        layers, _ = self._full_layers(self.dense)
        most = max(map(len, layers))
        filled = np.concatenate([layer for layer in layers if len(layer) >= FILLED * most])
        return self._maps_upwards(self.dense) or self._maps_upwards(filled)

    def _maps_upwards(self, atoms: np.ndarray) -> bool:
        part: Atoms = self.atoms[atoms]
        heights, lattice = self.heights[atoms], Lattice.of(part)
        lowest = int(np.argmin(heights))
        for other in np.flatnonzero(part.numbers == part.numbers[lowest]):
            rise = heights[other] - heights[lowest]
            if not FLAT_A <= rise <= float(np.ptp(heights)) / 1.3:
                continue
            below = np.flatnonzero(heights < heights.max() - rise + REPEAT_A)
            moved = part.positions[below] + part.positions[other] - part.positions[lowest]
            found = lattice.match(part.positions, moved, REPEAT_A)
            same = (found >= 0) & (part.numbers[found] == part.numbers[below])
            if same.mean() >= 0.8:
                return True
        return False

    def _evenly_bonded(self) -> bool:
        part: Atoms = self.atoms[self.dense]
        count = Bonds.of(part, None).count
        alike = all(np.ptp(count[part.numbers == z]) <= 1 for z in set(part.numbers.tolist()))
        return alike and count.mean() <= COVALENT
