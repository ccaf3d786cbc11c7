"""Cheap estimate of a barrier: the highest point of a guessed path, relaxed across the path."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms, FixedPlane
from ase.data import covalent_radii

from screening.evaluate.mirror import Mirror
from screening.evaluate.neb import Band, check_ends, initial_path
from screening.evaluate.potential import Potential
from screening.evaluate.relax import Relaxation, relax_batch

NEAR = 1.5
"""Host atoms within this multiple of the sum of covalent radii (Cordero 2008,
doi:10.1039/b801115j) give way to the ion; all others keep the host from sliding along with it."""


def scan_path(
    start: Atoms,
    end: Atoms,
    potential: Potential,
    *,
    n_images: int,
    fmax: float,
    max_steps: int,
    ion: int,
    end_energies: tuple[float, float],
    mirror: Mirror | None = None,
) -> Band:
    """Estimate the barrier between two relaxed structures from points on the IDPP path.

    All points are evaluated once. The highest is relaxed, the ion in the plane across the path and
    its neighbours freely, until no point stands above the highest relaxed one: the result is the
    largest constrained minimum over the points, without relaxing all of them. Between the points
    the path may rise further, and a path that bends away from the guess lies lower.

    Parameters
    ----------
    ion
        Index of the atom that moves from site to site.
    mirror
        Symmetry that swaps the end states; then only points up to the middle are evaluated.

    Returns
    -------
    Band
        Its saddle is a relaxed point; the points below may be unrelaxed. `converged` says whether
        the saddle is.

    Raises
    ------
    TaskError
        If the end states do not match, are the same state, or the calculator fails.
    """
    check_ends(start, end)
    calls = potential.force_calls
    images = initial_path(start, end, n_images)
    free = range(1, ((n_images + 1) // 2 if mirror else n_images) + 1)
    energies = np.full(n_images + 2, -np.inf)
    energies[[0, -1]] = end_energies
    energies[list(free)] = [p.energy_ev for p in potential.compute([images[i] for i in free])]
    relaxed: dict[int, Relaxation] = {}
    while (top := int(np.argmax(energies))) in free and top not in relaxed:
        tangent = images[top + 1].positions[ion] - images[top - 1].positions[ion]
        held = _held(images[top], ion, tangent)
        found = relax_batch([held], potential, fmax=fmax, max_steps=max_steps, soft=[ion])[0]
        relaxed[top] = found
        images[top].positions = found.atoms.positions
        energies[top] = found.energy_ev
    if mirror:
        for index in free:
            images[-1 - index].positions = mirror.apply(images[index].positions)
            energies[-1 - index] = energies[index]
    return Band(
        images=tuple(images),
        energies_ev=energies,
        fmax_ev_a=relaxed[top].fmax_ev_a if top in relaxed else 0.0,
        converged=top not in relaxed or relaxed[top].converged,
        steps=sum(found.steps for found in relaxed.values()),
        force_calls=potential.force_calls - calls,
    )


def _held(image: Atoms, ion: int, tangent: np.ndarray) -> Atoms:
    """Point of a path whose ion stays in the plane across it, on a host that gives way nearby."""
    numbers = image.numbers
    reach = NEAR * (covalent_radii[numbers] + covalent_radii[numbers[ion]])
    distance = image.get_distances(ion, range(len(image)), mic=True)
    held: Atoms = image.copy()
    held.set_constraint(
        [
            *image.constraints,
            FixAtoms(np.flatnonzero(distance > reach)),
            FixedPlane([ion], tangent),
        ]
    )
    return held
