"""What a structure is, as JSON: the part of every key that comes from atoms."""

from __future__ import annotations

from typing import Any

import numpy as np
from ase import Atoms

POSITION_DECIMALS = 6
"""Structures closer than 1e-6 Å are the same structure."""


def content(atoms: Atoms) -> dict[str, Any]:
    """Elements, positions, cell and periodicity; nothing of `Atoms.info` or constraints."""
    return {
        "numbers": atoms.numbers.tolist(),
        # + 0.0 turns -0.0 into 0.0: the same place must have the same text.
        "positions": (np.round(atoms.positions, POSITION_DECIMALS) + 0.0).tolist(),
        "cell": (np.round(atoms.cell.array, POSITION_DECIMALS) + 0.0).tolist(),
        "pbc": atoms.pbc.tolist(),
    }
