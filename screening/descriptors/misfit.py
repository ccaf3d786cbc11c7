"""Misfit: how well the planes of a metal lie on the surface cell of a host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

import numpy as np
from ase import Atoms

from screening.errors import TaskError
from screening.structure import Geometry, Lattice

PLANES: Mapping[str, np.ndarray] = MappingProxyType(
    {
        "110": np.array([[np.sqrt(3) / 2, 0.0], [1 / np.sqrt(12), np.sqrt(2 / 3)]]),
        "100": np.eye(2),
        "111": np.array([[np.sqrt(2), 0.0], [np.sqrt(0.5), np.sqrt(1.5)]]),
    }
)
"""Primitive cells of the bcc planes, rows in units of the lattice constant, densest plane first."""

MAX_AREA_A2 = 100.0
"""Larger cells fit ever better and mean ever less: a nucleus of this area holds some ten atoms."""
MAX_STRAIN = 0.10
"""Beyond this a layer is not strained to fit; it is another structure."""

CARBON = 6
SAME_SHARES = (0.7, 0.9)
"""Share of a doped host's atoms that its parent's translations keep; the second where those of the
first are no group, as on a ribbon, which a step across it almost keeps."""
BLUR_A = 0.4
"""How far from its parent's place an atom may be, Å."""


@dataclass(frozen=True)
class Misfit:
    """The best coincidence cell of a metal's plane and a host.

    Attributes
    ----------
    plane
        ``110``, ``100`` or ``111`` of the bcc metal.
    strain
        Largest principal strain of the metal that brings it onto the host, without sign.
    area_a2
        Area of the coincidence cell on the host, Å².
    """

    plane: str
    strain: float
    area_a2: float


def misfit(
    host: Atoms, geometry: Geometry, metal: Atoms, max_area_a2: float = MAX_AREA_A2
) -> Misfit:
    """Smallest strain with which a plane of a bcc metal lies on a host.

    Zero-strain lattice search (Zur & McGill) over the host's primitive surface cell and the
    (110), (100) and (111) planes of the metal, in any orientation. Of equal strains, to 1e-4, the
    smaller cell wins. The search compares the shortest vectors of each cell: a strain above 5 %
    may be a little larger than the smallest possible.

    Parameters
    ----------
    host
        Sheet or slab, a and b in the surface plane.
    metal
        Relaxed bulk bcc metal, any cell; only its volume per atom counts.
    max_area_a2
        Largest area of a coincidence cell, Å².

    Raises
    ------
    TaskError
        If the host has no surface plane, or no coincidence cell is small and fits well enough.

    References
    ----------
    Zur & McGill, J. Appl. Phys. 55, 378 (1984), doi:10.1063/1.333084, as in pymatgen.
    """
    if geometry not in {"sheet", "slab"}:
        raise TaskError(f"a {geometry} has no plane for the metal to lie on")
    cell = surface_cell(host, geometry)
    lattice_a = (2 * metal.cell.volume / len(metal)) ** (1 / 3)
    found = [
        match
        for plane, shape in PLANES.items()
        for match in _matches(plane, cell, lattice_a * shape, max_area_a2)
    ]
    if not found:
        raise TaskError(
            f"no plane of the metal fits the host within {MAX_STRAIN:.0%} strain "
            f"in a cell below {max_area_a2:g} Å²"
        )
    return min(found, key=lambda match: (round(match.strain, 4), match.area_a2))


def surface_cell(host: Atoms, geometry: Geometry) -> np.ndarray:
    """Primitive cell of a host's surface plane, Å, shape (2, 2): the two shortest translations.

    Of a doped or defective host it is the cell of the parent crystal: a translation counts if it
    carries most atoms onto atoms of their kind, within `BLUR_A`. In hosts that are half carbon all
    atoms are of one kind, since dopants take the places of carbon.
    """
    cell = host.cell.array[:2, :2]
    steps, shares = _translations(host, geometry)
    for least in SAME_SHARES:
        fractions = steps[shares >= least] @ np.linalg.inv(cell)
        # In fractions of the cell a translation is a multiple of 1/order; relaxed atoms blur it.
        order = len(fractions)
        multiples = np.rint(fractions * order).astype(int) % order
        if _is_group(multiples, order):
            return _shortest((multiples / order) @ cell, cell)
    return _shortest(np.zeros((1, 2)), cell)


def _translations(host: Atoms, geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Find steps in the plane from atom to atom, (n, 2), and the share of atoms each keeps, (n,).

    The best step comes first; the zero step, which keeps all, is always there.
    """
    lattice = Lattice.of(host, geometry)
    common = host.positions[host.numbers == np.bincount(host.numbers).argmax()]
    steps = (common[None] - common[:, None]).reshape(-1, 3)
    steps = steps[np.abs(steps[:, 2]) < BLUR_A] * (1, 1, 0)
    steps = steps[lattice.unique(steps, BLUR_A)]
    # The kind is a fourth coordinate: atoms of different kinds never come close.
    padded = Lattice(np.pad(lattice.vectors, ((0, 0), (0, 1))))
    doped_carbon = 2 * np.count_nonzero(host.numbers == CARBON) >= len(host)
    kinds = np.zeros(len(host)) if doped_carbon else host.numbers
    places = np.column_stack([host.positions, 1e3 * kinds])
    moved = places + np.pad(steps, ((0, 0), (0, 1)))[:, None]
    landed = padded.match(places, moved.reshape(-1, 4), BLUR_A).reshape(len(steps), -1) >= 0
    shares = landed.mean(axis=1)
    steps, shares = steps[np.argsort(-shares)], np.sort(shares)[::-1]
    apart = lattice.unique(steps, 2 * BLUR_A)
    return steps[apart, :2], shares[apart]


def _shortest(points: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Two shortest vectors of the lattice that a cell and points in it make, shape (2, 2)."""
    corners = np.array(list(product(range(-2, 3), repeat=2))) @ cell
    vectors = (points[:, None] + corners).reshape(-1, 2)
    vectors = vectors[np.argsort(np.linalg.norm(vectors, axis=1), kind="stable")]
    first = vectors[np.linalg.norm(vectors, axis=1) > 1e-6][0]
    areas = np.abs(first[0] * vectors[:, 1] - first[1] * vectors[:, 0])
    return np.array([first, vectors[areas > 1e-3 * (first @ first)][0]])


def _is_group(steps: np.ndarray, order: int) -> bool:
    """Whether translations, in units of 1/order of the cell, are distinct and closed."""
    known = set(map(tuple, steps.tolist()))
    sums = (steps[:, None] + steps[None]).reshape(-1, 2) % order
    return len(known) == order and known >= set(map(tuple, sums.tolist()))


def _matches(
    plane: str, host: np.ndarray, metal: np.ndarray, max_area_a2: float
) -> Iterator[Misfit]:
    from pymatgen.analysis.interfaces.zsl import ZSLGenerator  # noqa: PLC0415 (1.4 s)

    # Looser than the strain allows, so that the search leaves nothing out that passes below.
    search = ZSLGenerator(  # type: ignore[no-untyped-call]
        max_area_ratio_tol=2 * MAX_STRAIN,
        max_area=max_area_a2,
        max_length_tol=MAX_STRAIN,
        max_angle_tol=2 * MAX_STRAIN,
    )
    film, substrate = (np.pad(vectors, ((0, 0), (0, 1))) for vectors in (metal, host))
    for match in search(film, substrate):
        start = np.array(match.film_sl_vectors)[:, :2]
        end = np.array(match.substrate_sl_vectors)[:, :2]
        stretches = np.linalg.svd(np.linalg.solve(start, end), compute_uv=False)
        strain = float(np.abs(stretches - 1).max())
        if strain <= MAX_STRAIN:
            yield Misfit(plane, strain, float(abs(np.linalg.det(end))))
