"""Cheap estimate of a barrier: the highest point of a guessed path, relaxed across the path."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms, FixedPlane
from ase.data import covalent_radii

from screening.evaluate.neb import Band, check_ends, initial_path
from screening.evaluate.potential import Potential
from screening.evaluate.relax import relax_batch

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
    mirrored: bool = False,
) -> Band:
    """Estimate the barrier between two relaxed structures from points on the IDPP path.

    All points are evaluated once as guessed; the highest is then relaxed, the ion in the plane
    across the path and its neighbours freely. Where a symmetry puts the saddle in the middle this
    finds it; elsewhere the path may rise further between the points.

    Parameters
    ----------
    ion
        Index of the atom that moves from site to site.
    mirrored
        Whether a symmetry swaps the end states: only points up to the middle are evaluated.

    Returns
    -------
    Band
        The end states and the relaxed point between them; only the end states if the path rises
        from one to the other. `converged` is that of the point.

    Raises
    ------
    TaskError
        If the end states do not match, are the same state, or the calculator fails.
    """
    check_ends(start, end)
    calls = potential.force_calls
    images = initial_path(start, end, n_images)
    points = range(1, ((n_images + 1) // 2 if mirrored else n_images) + 1)
    guessed = [p.energy_ev for p in potential.compute([images[i] for i in points])]
    if max(guessed) <= max(end_energies):
        return Band(
            images=(images[0], images[-1]),
            energies_ev=np.array(end_energies),
            fmax_ev_a=0.0,
            converged=True,
            steps=0,
            force_calls=potential.force_calls - calls,
        )
    top = points[int(np.argmax(guessed))]
    tangent = images[top + 1].positions[ion] - images[top - 1].positions[ion]
    held = _held(images[top], ion, tangent)
    found = relax_batch([held], potential, fmax=fmax, max_steps=max_steps, soft=[ion])[0]
    images[top].positions = found.atoms.positions
    return Band(
        images=(images[0], images[top], images[-1]),
        energies_ev=np.array([end_energies[0], found.energy_ev, end_energies[1]]),
        fmax_ev_a=found.fmax_ev_a,
        converged=found.converged,
        steps=found.steps,
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
