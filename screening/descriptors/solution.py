"""Host atoms dissolved in the alkali metal, and ions in the place of host atoms.

What tells gold, silver, zinc and magnesium from copper and nickel as substrates of lithium is
whether they dissolve in it (Yan et al., Nat. Energy 1, 16010 (2016), doi:10.1038/nenergy.2016.10).
"""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.build import bulk

from screening.errors import TaskError
from screening.structure import fixed_indices
from screening.structure.candidate import Geometry
from screening.units import Ion

REPEAT = 3
"""Conventional bcc cells along each edge: one foreign atom in 54, 10 Å or more from its image."""

TOP_PLANE_A = 1.2
"""Atoms less deep below the highest are the top layer, Å."""

BOLTZMANN_EV_K = 8.617333262e-5


def solubility(heat_from_compound_ev: float, temperature_k: float) -> float:
    """Dilute atomic fraction that the metal holds at equilibrium: ``exp(-h / kT)``, 1 at most.

    The entropy of vibrations is left out: within a factor of three or so.

    Parameters
    ----------
    heat_from_compound_ev
        Heat of solution out of what coexists with the metal, eV.

    Raises
    ------
    TaskError
        For a temperature that is not above 0.
    """
    if not temperature_k > 0:
        raise TaskError(f"no solubility at {temperature_k:g} K")
    return float(np.exp(min(0.0, -heat_from_compound_ev / (BOLTZMANN_EV_K * temperature_k))))


def solution_cell(ion: Ion, lattice_a: float, element: str) -> Atoms:
    """Bcc metal of 54 atoms, one of them replaced; its cell is meant to stay.

    Parameters
    ----------
    lattice_a
        Lattice constant of the metal at the same level, Å.

    Raises
    ------
    TaskError
        If the element is the metal itself.
    """
    if element == ion:
        raise TaskError(f"{ion} is no foreign atom in {ion}")
    atoms: Atoms = bulk(ion, "bcc", a=lattice_a, cubic=True).repeat(REPEAT)
    atoms.symbols[0] = element
    return atoms


def heat_of_solution_ev(
    solution_ev: float, n_atoms: int, mu_ion_ev: float, element_ev: float
) -> float:
    """Energy of dissolving one atom: ``E(A_(n-1) M) - (n - 1) mu_A - mu_M``, eV.

    Parameters
    ----------
    solution_ev
        Energy of the relaxed cell that holds one foreign atom, eV.
    n_atoms
        Atoms in it.
    mu_ion_ev, element_ev
        Energy per atom of the bulk metal, and of a host atom where it comes from, eV.
    """
    return solution_ev - (n_atoms - 1) * mu_ion_ev - element_ev


def substituted(host: Atoms, ion: Ion, geometry: Geometry) -> list[tuple[str, Atoms]]:
    """Host slabs with an ion in the place of one top-layer atom, one for each element there.

    Parameters
    ----------
    host
        Relaxed clean slab; left untouched.

    Returns
    -------
    list
        Element replaced, and the start for a relaxation. The ion is the last atom. Within an
        element the highest atom is taken.

    Raises
    ------
    TaskError
        If the host is no slab, or its top layer consists of the ion.
    """
    if geometry != "slab":
        raise TaskError("only an atom of a slab's top layer is exchanged")
    heights = host.positions[:, 2]
    frozen = set(fixed_indices(host).tolist())
    top = [
        i for i in np.argsort(-heights, kind="stable") if heights.max() - heights[i] < TOP_PLANE_A
    ]
    chosen: dict[str, int] = {}
    for index in top:
        symbol = host.symbols[index]
        if symbol != ion and index not in frozen:
            chosen.setdefault(symbol, int(index))
    if not chosen:
        raise TaskError(f"no atom of the top layer can be exchanged for {ion}")
    return [(symbol, _exchanged(host, index, ion)) for symbol, index in chosen.items()]


def substitution_energy_ev(
    exchanged_ev: float, host_ev: float, mu_ion_ev: float, element_ev: float
) -> float:
    """Energy of an ion in the place of a host atom that joins its own bulk, eV.

    ``E(host with A for M) + mu_M - E(host) - mu_A``: comparable with an adsorption energy, and
    below it where the ion digs itself in (Na on Al(111): Neugebauer & Scheffler, Phys. Rev. B 46,
    16067 (1992), doi:10.1103/PhysRevB.46.16067).
    """
    return exchanged_ev + element_ev - host_ev - mu_ion_ev


def _exchanged(host: Atoms, index: int, ion: Ion) -> Atoms:
    """Exchange one atom; the ion comes last, constraints are kept for the others."""
    order = [i for i in range(len(host)) if i != index] + [index]
    atoms: Atoms = host[order]
    atoms.symbols[len(atoms) - 1] = ion
    return atoms
