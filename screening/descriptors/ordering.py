"""An order of energies that their noise does not change."""

from __future__ import annotations

from collections.abc import Sequence

EQUAL_EV = 1e-3
"""Energies that differ by less are equal: the first of them comes first."""


def steady_order(energies_ev: Sequence[float], tolerance: float = EQUAL_EV) -> list[int]:
    """Return indices from the lowest energy up; of those equal to the lowest left, the first.

    Symmetry makes many starts and sites equal, and single precision tells them apart by chance:
    sorting by the bare numbers would choose another one on each machine.
    """
    rest = list(range(len(energies_ev)))
    order: list[int] = []
    while rest:
        lowest = min(energies_ev[index] for index in rest)
        first = next(index for index in rest if energies_ev[index] - lowest < tolerance)
        order.append(first)
        rest.remove(first)
    return order
