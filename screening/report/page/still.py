"""A still of a structure seen from above: what print and pages without WebGL show."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.data import covalent_radii
from ase.data.colors import jmol_colors
from markupsafe import Markup

RADIUS = 0.7
"""Of an atom, as a share of its covalent radius: neighbours touch but do not hide each other."""
BORDER_A = 1.5
MOST_ATOMS = 400


def still(atoms: Atoms, label: str) -> Markup:
    """Draw atoms from the lowest to the highest; empty for very large structures.

    Parameters
    ----------
    atoms
        The adsorbed ion comes last, and is ringed.
    """
    if len(atoms) > MOST_ATOMS:
        return Markup()
    low = atoms.positions[:, :2].min(axis=0) - BORDER_A
    width, height = np.ptp(atoms.positions[:, :2], axis=0) + 2 * BORDER_A
    parts = []
    for index in np.argsort(atoms.positions[:, 2], kind="stable"):
        x, y = atoms.positions[index, :2] - low
        number = atoms.numbers[index]
        red, green, blue = (round(255 * part) for part in jmol_colors[number])
        parts.append(
            Markup('<circle cx="{}" cy="{}" r="{}" fill="#{}"{}/>').format(
                round(float(x), 2),
                round(float(height - y), 2),
                round(RADIUS * float(covalent_radii[number]), 2),
                f"{red:02x}{green:02x}{blue:02x}",
                Markup(' class="ion"') if index == len(atoms) - 1 else "",
            )
        )
    head = '<svg class="still" viewBox="0 0 {} {}" role="img" aria-label="{}">'
    return Markup(head).format(f"{width:.2f}", f"{height:.2f}", label) + Markup().join(
        [*parts, Markup("</svg>")]
    )
