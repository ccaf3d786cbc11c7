"""One view of a structure: atoms as shaded balls, bonds as sticks, the cell and a ruler."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.data.colors import jmol_colors
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import Circle, Patch, PathPatch
from matplotlib.path import Path as Outline
from scipy.spatial.distance import cdist

from screening.structure import Lattice, fixed_indices
from screening.structure.radii import radius

MARGIN_A = 1.6
BALL = 0.6
"""Drawn radius over the covalent one."""
BOND = 1.2
"""Atoms closer than this multiple of the sum of their covalent radii are joined by a stick."""
HAZE, HAZE_DEPTH_A = 0.6, 4.0
"""The deepest atoms fade to white by this share, in hosts at least this deep."""
BORDER = 0.02
"""Atoms this share of the cell beyond its border are drawn too."""
NONMETALS = (1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 34, 35, 53)
"""H, B, C, N, O, F, Si, P, S, Cl, Se, Br, I: their bonds across the border are completed."""
REACH_A = 4.0
RULER_A = 5.0
INK = "#333333"


@dataclass(frozen=True)
class View:
    """A direction to look in, by the axes that point right and up in the picture."""

    name: str
    right: tuple[int, int, int]
    up: tuple[int, int, int]

    @property
    def axes(self) -> np.ndarray:
        """Directions right, up and towards the viewer as rows, shape (3, 3)."""
        return np.array([self.right, self.up, np.cross(self.right, self.up)])


TOP = View("top", (1, 0, 0), (0, 1, 0))
SIDE = View("side", (1, 0, 0), (0, 0, 1))
OTHERS = (
    View("bottom", (1, 0, 0), (0, -1, 0)),
    View("back", (-1, 0, 0), (0, 0, 1)),
    View("left", (0, -1, 0), (0, 0, 1)),
    View("right", (0, 1, 0), (0, 0, 1)),
)


def draw_view(axes: Axes, atoms: Atoms, view: View) -> None:
    """Draw one view of a structure, its cell and a ruler, to scale; crosses mark fixed atoms.

    Along directions that do not repeat, the empty part of the cell is cut off.
    """
    balls, cell = _balls(atoms, view), _cell_edges(atoms, view)
    axes.add_collection(LineCollection(list(cell), colors="0.6", linewidths=0.7, zorder=0))
    axes.add_collection(PatchCollection(balls, match_original=True, zorder=1))
    (left, bottom), (right, top) = box(atoms, view)
    x, y = left + 0.3, bottom + 0.3
    axes.plot([x, x + RULER_A], [y, y], color=INK, linewidth=1.5, solid_capstyle="butt")
    axes.text(x + RULER_A + 0.2, y, f"{RULER_A:g} Å", fontsize=6, color=INK, va="center")
    axes.text(x, top - 0.1, view.name, fontsize=7, color=INK, va="top")
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    axes.set_axis_off()


def _copies(atoms: Atoms) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the drawn atoms, shape (n_drawn, 3), and the atom that each is a copy of.

    Those in the cell and on its border, the copies that nonmetals in it have bonds to, and the
    hydrogen of these.
    """
    lattice = Lattice.of(atoms)
    copies, owner, _ = lattice.images(atoms.positions, REACH_A)
    numbers, home = atoms.numbers[owner], lattice.at_home(copies, BORDER)
    nonmetal = np.isin(numbers, NONMETALS)

    def bonded(to: np.ndarray) -> np.ndarray:
        limits = BOND * np.add.outer(radius(numbers), radius(numbers[to]))
        near: np.ndarray = (cdist(copies, copies[to]) < limits).any(axis=1)
        return near

    drawn = home | nonmetal & bonded(home & nonmetal)
    drawn |= (numbers == 1) & bonded(drawn)
    return copies[drawn], owner[drawn]


def _balls(atoms: Atoms, view: View) -> list[Patch]:
    """Balls and sticks from back to front; balls have a highlight, fixed ones a cross."""
    copies, owner = _copies(atoms)
    seen, radii = copies @ view.axes.T, radius(atoms.numbers[owner])
    depth = seen[:, 2].max() - seen[:, 2]
    haze = HAZE * depth / max(depth.max(), HAZE_DEPTH_A)
    fixed = np.isin(owner, fixed_indices(atoms))
    distances = cdist(copies, copies)
    pairs = np.argwhere(np.triu(distances < BOND * np.add.outer(radii, radii), 1))
    layers: list[tuple[float, Patch]] = []
    for i, j in pairs:
        # From surface to surface, so that no stick is drawn over its own balls.
        cut = 0.95 * BALL * (seen[j] - seen[i]) / distances[i, j]
        ends = np.array([seen[i] + radii[i] * cut, seen[j] - radii[j] * cut])
        edge = str(0.45 + 0.4 * (haze[i] + haze[j]) / 2)
        stick = PathPatch(Outline(ends[:, :2]), edgecolor=edge, linewidth=2.5)
        layers.append(((depth[i] + depth[j]) / 2, stick))
    for k, centre in enumerate(seen[:, :2]):
        size, edge = BALL * radii[k], str(0.2 + 0.6 * haze[k])
        colour = (1 - haze[k]) * jmol_colors[atoms.numbers[owner[k]]] + haze[k]
        glint, arm = centre + 0.3 * size * np.array([-1, 1]), 0.4 * size
        ball = [
            Circle(centre, size, facecolor=colour, edgecolor=edge, linewidth=0.6),
            Circle(glint, 0.3 * size, facecolor="white", alpha=0.4, linewidth=0),
        ]
        layers += [(depth[k], patch) for patch in ball]
        if fixed[k]:
            ends = centre + arm * np.array([[-1, -1], [1, 1], [-1, 1], [1, -1]])
            cross = Outline(ends, [Outline.MOVETO, Outline.LINETO] * 2)
            layers.append((depth[k], PathPatch(cross, edgecolor=edge, linewidth=0.8)))
    return [patch for _, patch in sorted(layers, key=lambda layer: -layer[0])]


def _cell_edges(atoms: Atoms, view: View) -> np.ndarray:
    """Edges of the cell in the picture, shape (12, 2, 2)."""
    corners = np.array(list(np.ndindex(2, 2, 2)))
    ends = [
        (i, j) for i in range(8) for j in range(i) if np.abs(corners[i] - corners[j]).sum() == 1
    ]
    flat = corners @ atoms.cell.array @ view.axes[:2].T
    return np.array([[flat[i], flat[j]] for i, j in ends])


def box(atoms: Atoms, view: View) -> np.ndarray:
    """Lower left and upper right corner of the picture, Å, shape (2, 2)."""
    copies, _ = _copies(atoms)
    corners = np.array(list(np.ndindex(2, 2, 2))) @ atoms.cell.array
    # Where the host does not repeat, its cell ends where its atoms end.
    ends = np.array([copies.min(axis=0), copies.max(axis=0)])
    ends[:, atoms.pbc] = [[-np.inf], [np.inf]]
    corners = np.clip(corners, *ends)
    points = np.vstack([corners, copies]) @ view.axes[:2].T
    return np.array([points.min(axis=0) - MARGIN_A, points.max(axis=0) + MARGIN_A])
