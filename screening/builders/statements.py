"""Statements about a user's host: its faces, and what makes its results special."""

from __future__ import annotations

import itertools

import numpy as np
from ase import Atoms

from screening.builders.recognition import PLANE_A, Layers
from screening.structure.candidate import PERIODIC, Geometry, fixed_indices
from screening.units import BCC_LATTICE_A, IONS

THIN_A = 6.0
"""A slab of at most three atomic planes below this thickness, Å, is mentioned."""

MISSED_EV = {3: "up to 0.15 eV", 2: "several 0.1 eV", 1: "several 0.1 eV"}
"""What e_ads_ev of a slab of so many planes was off one of five (benchmarks/thickness.py)."""

SPACIOUS_A = 7.0
"""Images of an ion closer than this are mentioned, Å: an ion feels them."""


def faces(host: Atoms, geometry: Geometry) -> list[str]:
    """Elements of the faces on which an ion lands."""
    if geometry not in {"sheet", "slab"}:
        return []
    layers = Layers(host, host.positions[:, 2])
    top, bottom = ("".join(sorted(set(host.symbols[layers.outer(side)]))) for side in (1, -1))
    return (
        [f"ions land on the top, {top}"]
        if geometry == "slab"
        else [f"ions land on the top, {top}, and on the bottom, {bottom}"]
    )


def doubts(host: Atoms, geometry: Geometry) -> list[str]:
    """Say what makes results of this host other than those of one ion on it."""
    said = []
    ions = {ion: count for ion, count in host.symbols.formula.count().items() if ion in IONS}
    if ions:
        names = ", ".join(f"{count} {ion}" for ion, count in ions.items())
        said.append(f"it holds {names} of its own: results for them are for one more")
    apart = image_distance(host, geometry)
    if apart < SPACIOUS_A:
        said.append(_crowded(apart))
    if geometry == "slab":
        said += _thin(host)
    return said


def image_distance(host: Atoms, geometry: Geometry) -> float:
    """Distance between the images of an ion on a host, Å; infinite on a cluster."""
    vectors = np.asarray(host.cell)[np.array(PERIODIC[geometry])]
    if not len(vectors):
        return np.inf
    steps = np.array(list(itertools.product(range(-3, 4), repeat=len(vectors))))
    return float(np.linalg.norm(steps[steps.any(axis=1)] @ vectors, axis=1).min())


def planes(heights: np.ndarray) -> int:
    """Count the atomic planes at heights, Å."""
    return 1 + int((np.diff(np.sort(heights)) > PLANE_A).sum()) if len(heights) else 0


def _thin(slab: Atoms) -> list[str]:
    heights = slab.positions[:, 2]
    count, held = planes(heights), planes(heights[fixed_indices(slab)])
    if count > 3 or np.ptp(heights) >= THIN_A:
        return []
    size = f"{count} atomic planes, {held} of them fixed, {np.ptp(heights):.1f} Å thick"
    return [f"{size}: e_ads_ev may be off by {MISSED_EV[count]}, compare with a thicker slab"]


def _crowded(distance: float) -> str:
    metal = {ion: a * np.sqrt(3) / 2 for ion, a in BCC_LATTICE_A.items()}
    nearer = ", ".join(f"{ion} {least:.2f}" for ion, least in metal.items() if distance < least)
    text = f"images of an ion are {distance:.2f} Å apart"
    if nearer:
        text += f", CLOSER than atoms in the metal ({nearer} Å): a layer of ions, not one"
    return f"{text}, --spacing {SPACIOUS_A:g} or a larger size keeps them apart"
