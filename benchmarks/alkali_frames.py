"""Structures that the alkali term is fitted to: small ones of Li, Na, K, for the reference level.

``python benchmarks/alkali_frames.py alkali-frames.extxyz`` writes them; compute them with
`screening.validation.compute.compute_missing` (a few core hours) and fit the term to the result by
``benchmarks/fit_alkali.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, bcc100, bcc110, bcc111, bulk
from ase.io import read, write

LATTICE_A = {"Li": 3.4276, "Na": 4.2048, "K": 5.3556}
"""Of bcc by 7net-0; by PBE 3.43, 4.20 and 5.28 Å."""

BOND_A = {"Li": 2.73, "Na": 3.08, "K": 3.95}
"""Of the free dimer."""

DIMERS_A = {
    "Li": (2.4, 2.73, 3.1, 3.6, 4.4),
    "Na": (2.7, 3.08, 3.6, 4.2, 5.2),
    "K": (3.4, 3.95, 4.5, 5.2, 6.2),
}
MARGIN_A = 6.0
"""Vacuum around molecules, Å."""

VACUUM_A = 5.5
"""Vacuum on each side of sheets and slabs, Å."""


def frames(ion: str) -> Iterator[Atoms]:
    """Structures of one alkali metal, each with its host (a unique name) and kind."""
    near = LATTICE_A[ion] * np.sqrt(3) / 2
    for name, kind, atoms in [*_molecules(ion), *_sheets(ion, near), *_slabs(ion), *_bulks(ion)]:
        atoms.info = {"host": f"{ion.lower()}-{name}", "kind": kind, "metal": ion}
        yield atoms


def _molecules(ion: str) -> Iterator[tuple[str, str, Atoms]]:
    yield "atom", "atom", _free([(0, 0, 0)], ion)
    # One cell for all of them: the same error of the vacuum, and restarts.
    span = max(DIMERS_A[ion])
    for length in DIMERS_A[ion]:
        pair = _free([(0, 0, 0), (0, 0, length)], ion)
        cell = np.diag([2 * MARGIN_A, 2 * MARGIN_A, 2 * MARGIN_A + span])
        pair.set_cell(cell)
        pair.center()
        yield f"dimer-{length:g}", "dimer", pair
    bond = BOND_A[ion]
    for name, points in SHAPES.items():
        yield name, "cluster", _free(np.array(points) * bond * 1.05, ion)


def _free(points: np.ndarray | list[tuple[float, float, float]], ion: str) -> Atoms:
    atoms = Atoms(ion * len(points), points, pbc=False)
    atoms.center(vacuum=MARGIN_A)
    return atoms


def _bipyramid(count: int, *, both: bool) -> list[tuple[float, float, float]]:
    """Return a regular ring of edge 1 with an apex above it, or above and below, edges near 1."""
    radius = 0.5 / np.sin(np.pi / count)
    turns = 2 * np.pi * np.arange(count) / count
    ring = [(radius * np.cos(t), radius * np.sin(t), 0.0) for t in turns]
    height = np.sqrt(max(1.05 - radius**2, 0.3))
    return [*ring, (0.0, 0.0, height), *([(0.0, 0.0, -height)] if both else [])]


def _capped_tetrahedron() -> list[tuple[float, float, float]]:
    inner = np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]) / np.sqrt(8)
    return [tuple(p) for p in [*inner, *(-inner * 5 / 3)]]


STRAINS = {
    "tetragonal": np.diag([1.04, 1.04, 1.04**-2]),
    "shear": [(1, 0.05, 0), (0.05, 1, 0), (0, 0, 1 / (1 - 0.05**2))],
}
"""Deformations that keep the volume."""

SHAPES: dict[str, list[tuple[float, float, float]]] = {
    "triangle": [(0, 0, 0), (0.65, 0.76, 0), (1.3, 0, 0)],
    "rhombus": [(0.5, 0, 0), (-0.5, 0, 0), (0, 0.97, 0), (0, -0.97, 0)],
    "tetrahedron": [tuple(p) for p in np.array(_capped_tetrahedron()[:4])],
    "pyramid-6": _bipyramid(5, both=False),
    "bipyramid-7": _bipyramid(5, both=True),
    "tetrahedron-8": _capped_tetrahedron(),
}


def _sheets(ion: str, near: float) -> Iterator[tuple[str, str, Atoms]]:
    for factor in (0.88, 0.95, 1.03):
        side = factor * near
        for name, angle in (("square", 90.0), ("hexagonal", 60.0)):
            cell = [side, side, 2 * VACUUM_A, 90, 90, angle]
            sheet = Atoms(ion, [(0, 0, VACUUM_A)], cell=cell, pbc=(True, True, False))
            yield f"{name}-{factor:g}", "monolayer", sheet


def _slabs(ion: str) -> Iterator[tuple[str, str, Atoms]]:
    a = LATTICE_A[ion]
    cuts = (
        ("110", bcc110, (3, 5)),
        ("100", bcc100, (3, 5)),
        ("111", bcc111, (5, 7)),
    )
    for plane, build, counts in cuts:
        for layers in counts:
            slab = build(ion, size=(1, 1, layers), a=a, vacuum=VACUUM_A)
            yield f"{plane}-{layers}", "slab", _sheet(slab)
    relaxed = _sheet(bcc100(ion, size=(1, 1, 5), a=a, vacuum=VACUUM_A))
    heights = np.sort(relaxed.positions[:, 2])
    step = heights[1] - heights[0]
    order = np.argsort(relaxed.positions[:, 2])
    relaxed.positions[order[0], 2] += 0.08 * step
    relaxed.positions[order[-1], 2] -= 0.08 * step
    yield "100-5-pressed", "slab", relaxed
    for site in ("hollow", "bridge"):
        slab = bcc100(ion, size=(2, 2, 3), a=a, vacuum=VACUUM_A)
        add_adsorbate(slab, ion, {"hollow": 0.5 * a, "bridge": 0.68 * a}[site], site)
        slab.center(vacuum=VACUUM_A, axis=2)
        yield f"100-{site}", "adatom", _sheet(slab)


def _sheet(slab: Atoms) -> Atoms:
    return Atoms(slab.symbols, slab.positions, cell=slab.cell, pbc=(True, True, False))


def _bulks(ion: str) -> Iterator[tuple[str, str, Atoms]]:
    a = LATTICE_A[ion]
    near = a * np.sqrt(3) / 2
    for factor in (0.88, 0.94, 1.0, 1.06, 1.14):
        yield f"bcc-{factor:g}", "bulk", bulk(ion, "bcc", a=a * factor ** (1 / 3))
    cubic = bulk(ion, "bcc", a=a)
    for name, strain in STRAINS.items():
        sheared = cubic.copy()
        sheared.set_cell(cubic.cell.array @ np.array(strain), scale_atoms=True)
        yield f"strained-{name}", "strained", sheared
    for factor in (0.94, 1.0):
        yield f"fcc-{factor:g}", "bulk", bulk(ion, "fcc", a=a * (2 * factor) ** (1 / 3))
    for factor in (0.92, 1.0):
        yield f"sc-{factor:g}", "open", bulk(ion, "sc", a=near * factor)
    yield "diamond-0.95", "open", bulk(ion, "diamond", a=near * 0.95 * 4 / np.sqrt(3))


def on_hosts(reference: Path) -> Iterator[Atoms]:
    """Ions next to each other on a host: what the term must leave as it is.

    Two of them 4.3 Å apart on graphene, and a third on top of these; two Li on Al(111). The clean
    hosts and those with one ion are in the reference set.
    """
    known = read(reference, index=":")
    for ion in LATTICE_A:
        pair = _doubled(_lone(known, "graphene", ion), ion, (1 / 3, 1 / 3))
        yield _named(pair, f"graphene-{ion.lower()}2", ion)
        top = pair.copy()
        # Above the middle of the triangle of two ions and an image, at the bond of the dimer.
        pair_at, cell = pair.positions[-2:], pair.cell.array
        middle = (pair_at.sum(axis=0) + pair_at[0] + cell[0]) / 3
        reach = np.linalg.norm((middle - pair_at[0])[:2])
        rise = np.sqrt(max((1.1 * BOND_A[ion]) ** 2 - reach**2, 0.5 * BOND_A[ion] ** 2))
        top += Atoms(ion, [(*middle[:2], middle[2] + rise)])
        top.center(vacuum=VACUUM_A, axis=2)
        yield _named(top, f"graphene-{ion.lower()}3", ion)
    yield _named(_doubled(_lone(known, "al-111", "Li"), "Li", (0.5, 0.0)), "al-111-li2", "Li")


def _lone(known: list[Atoms], host: str, ion: str) -> Atoms:
    wanted = {"host": host, "ion": ion, "note": "relaxed"}
    return next(a for a in known if wanted.items() <= a.info.items())


def _doubled(lone: Atoms, ion: str, shift: tuple[float, float]) -> Atoms:
    site = lone.positions[np.flatnonzero(lone.symbols == ion)[-1]]
    other = site + shift[0] * lone.cell[0] + shift[1] * lone.cell[1]
    pair = lone.copy()
    pair += Atoms(ion, [other])
    return pair


def _named(atoms: Atoms, host: str, ion: str) -> Atoms:
    plain = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    plain.info = {"host": host, "kind": "on-host", "metal": ion}
    return plain


def main(output: str, reference: str = "results/reference/pbe.extxyz") -> None:
    """Write all structures, those of one cell next to each other."""
    found = [atoms for ion in LATTICE_A for atoms in frames(ion)]
    found += list(on_hosts(Path(reference)))
    part = Path(f"{output}.part")
    write(part, found, format="extxyz")
    part.replace(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
