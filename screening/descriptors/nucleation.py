"""Nucleation: what each added ion costs, and the overpotential that makes every step downhill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from ase import Atoms

from screening.geometry import Site
from screening.structure import Lattice
from screening.units import BCC_LATTICE_A, Ion

NEIGHBOUR = 1.5
"""An ion within this multiple of the metal's nearest-neighbour distance stands beside another."""


def step_energies(totals_ev: Sequence[float]) -> tuple[float, ...]:
    """Energy of each added ion, eV: ``e_step_n = G_n - G_(n-1)``.

    Parameters
    ----------
    totals_ev
        ``G_n = E(host + n A) - E(host) - n mu_A`` for n = 0, 1, 2 …; ``G_0 = 0``.
    """
    return tuple(float(step) for step in np.diff(totals_ev))


def overpotential_mv(steps_ev: Sequence[float]) -> float:
    """Limiting nucleation overpotential, mV: ``1000 max(0, max_n e_step_n)``.

    The overpotential at which each added ion runs downhill; for plating what the limiting
    potential is to the computational hydrogen electrode (Nørskov et al. 2004,
    doi:10.1021/jp047349j).
    """
    return 1000.0 * max(0.0, *steps_ev)


def clustering_margin(beside_ev: float, apart_ev: float) -> float:
    """Energy of two ions beside each other over two ions apart, eV; negative: they cluster."""
    return beside_ev - apart_ev


def sites_beside(
    surface: Atoms, ions: Sequence[int], sites: Sequence[Site], ion: Ion | str
) -> list[bool]:
    """Tell for each site of a surface that holds ions whether it is next to one of them.

    Parameters
    ----------
    ions
        Indices of the ions in `surface`.
    """
    reach = NEIGHBOUR * BCC_LATTICE_A[ion] * np.sqrt(3) / 2
    anchors = np.array([site.anchor for site in sites]).reshape(-1, 1, 3)
    vectors = Lattice.of(surface).minimum_image(anchors - surface.positions[list(ions)])
    close: list[bool] = (np.linalg.norm(vectors, axis=2).min(axis=1) < reach).tolist()
    return close
