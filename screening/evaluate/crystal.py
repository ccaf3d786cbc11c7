"""Relaxation of a crystal with its cell, within its space group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.evaluate.minimise import Minimiser
from screening.evaluate.potential import Potential
from screening.evaluate.stiffness import stiffness, strain_stiffness
from screening.structure import Lattice

SYMPREC_A = 0.01
LENGTH_A = 10.0
"""A strain counts as a displacement at this distance: no step strains by more than 0.03."""


@dataclass(frozen=True)
class Crystallisation:
    """A crystal at the engine's own lattice.

    Attributes
    ----------
    atoms
        Relaxed cell, no constraints, no calculator.
    energy_ev
        Energy of the cell, eV.
    fmax_ev_a
        Largest force on an atom or component of the cell's gradient (virial over atoms), eV/Å.
    force_calls
        Evaluations that it took.
    """

    atoms: Atoms
    energy_ev: float
    fmax_ev_a: float
    converged: bool
    force_calls: int


def relax_crystal(
    atoms: Atoms, potential: Potential, *, fmax: float, max_steps: int, fixed_cell: bool = False
) -> Crystallisation:
    """Minimise the energy over positions and cell; the symmetry of the start is kept.

    Parameters
    ----------
    atoms
        Periodic along three directions; left untouched.
    fmax
        Limit on forces and on the gradient by the cell, eV/Å.
    max_steps
        Optimiser steps; the last state is returned, unconverged, after that.
    fixed_cell
        Relax positions only: a molecule in a box.

    Raises
    ------
    TaskError
        If the engine fails or has no stress.
    """
    work = Atoms(atoms.numbers, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    group, n = _Group.of(work), len(work)
    blocks = [stiffness(work)]
    if not fixed_cell:
        blocks.append(strain_stiffness(work) / LENGTH_A**2)
    minimiser = Minimiser(blocks)
    walked = np.zeros((n if fixed_cell else n + 3, 3))
    for step in range(max_steps + 1):
        if fixed_cell:
            point, pull = potential.compute([work])[0], np.empty((0, 3))
        else:
            point, virial = potential.strained(work)
            pull = -group.tensor(virial)
        forces = group.vectors(point.forces)
        largest = float(np.linalg.norm(np.vstack([forces, pull / n]), axis=1).max(initial=0.0))
        if largest < fmax or step == max_steps:
            break
        moves = minimiser.step(walked, np.vstack([forces, pull / LENGTH_A]))
        walked += moves
        work.positions += moves[:n]
        if not fixed_cell:
            work.set_cell(work.cell.array @ (np.eye(3) + moves[n:] / LENGTH_A), scale_atoms=True)
    return Crystallisation(work, point.energy_ev, largest, largest < fmax, step + 1)


@dataclass(frozen=True)
class _Group:
    """Isometries of a crystal: rotations (n, 3, 3), and where each atom lands (n, n_atoms)."""

    rotations: np.ndarray
    landing: np.ndarray

    @classmethod
    def of(cls, atoms: Atoms) -> _Group:
        """Space group of a crystal; the identity where none is found."""
        import spglib  # noqa: PLC0415 (only crystals pay for it)

        cell = atoms.cell.array
        scaled = np.linalg.solve(cell.T, atoms.positions.T).T
        found = spglib.get_symmetry(
            (cell.tolist(), scaled.tolist(), atoms.numbers.tolist()), symprec=SYMPREC_A
        )
        if found is None:
            return cls(np.eye(3)[None], np.arange(len(atoms))[None])
        turned = np.einsum("gij,nj->gni", found["rotations"], scaled)
        places = (turned + found["translations"][:, None]) @ cell
        lattice = Lattice(cell)
        landing = lattice.match(atoms.positions, places.reshape(-1, 3), 5 * SYMPREC_A)
        landing = landing.reshape(len(places), len(atoms))
        known = (landing >= 0).all(axis=1)
        rotations = cell.T @ found["rotations"] @ np.linalg.inv(cell.T)
        return cls(rotations[known], landing[known])

    def vectors(self, values: np.ndarray) -> np.ndarray:
        """Part of vectors on atoms, shape (n_atoms, 3), that has the full symmetry."""
        turned = values @ self.rotations.transpose(0, 2, 1)
        total = np.zeros_like(values)
        np.add.at(total, self.landing.ravel(), turned.reshape(-1, 3))
        total /= len(self.rotations)
        return total

    def tensor(self, values: np.ndarray) -> np.ndarray:
        """Part of a tensor, shape (3, 3), that has the full symmetry."""
        turned = self.rotations @ values @ self.rotations.transpose(0, 2, 1)
        mean: np.ndarray = turned.mean(axis=0)
        return mean
