"""Statements about a user's host: its faces, and what makes its results special."""

from __future__ import annotations

import itertools

import numpy as np
from ase import Atoms

from screening.builders.recognition import Layers
from screening.structure.candidate import PERIODIC, Geometry
from screening.units import BCC_LATTICE_A, IONS

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
    vectors = np.asarray(host.cell)[np.array(PERIODIC[geometry])]
    if len(vectors):
        steps = np.array(list(itertools.product(range(-3, 4), repeat=len(vectors))))
        lengths = np.linalg.norm(steps[steps.any(axis=1)] @ vectors, axis=1)
        if lengths.min() < SPACIOUS_A:
            said.append(_crowded(float(lengths.min())))
    return said


def _crowded(distance: float) -> str:
    metal = {ion: a * np.sqrt(3) / 2 for ion, a in BCC_LATTICE_A.items()}
    nearer = ", ".join(f"{ion} {least:.2f}" for ion, least in metal.items() if distance < least)
    text = f"images of an ion are {distance:.2f} Å apart"
    if nearer:
        text += f", CLOSER than atoms in the metal ({nearer} Å): a layer of ions, not one"
    return f"{text}, --spacing {SPACIOUS_A:g} widens the cell"
