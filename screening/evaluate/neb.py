"""Climbing-image nudged elastic band between two relaxed end states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.mep import NEB, idpp_interpolate, interpolate
from ase.optimize import BFGS

from screening.calculators.interface import Point
from screening.errors import TaskError
from screening.evaluate.mirror import Mirror
from screening.evaluate.potential import Potential

SPRING_EV_A2 = 0.3
CLIMB_FROM_EV_A = 0.3
"""The highest image starts to climb once the band's largest force is below this, eV/Å."""
SAME_POSITION_A = 0.1
STIFF_EV_A2, SOFT_EV_A2 = 70.0, 8.0
"""Initial curvatures of bound atoms and of adatoms, eV/Å². From the guessed stiffness bands end
after half the calls, but with ripples of a sheet left that a calibration takes for 25 meV."""


@dataclass(frozen=True)
class Band:
    """A minimum-energy path.

    Attributes
    ----------
    images
        End states included, no calculators.
    energies_ev
        Energy of each image, shape (n_images,).
    fmax_ev_a
        Largest nudged force on a free atom of the final band, eV/Å.
    converged
        Whether `fmax_ev_a` is below the limit with the climbing image on.
    """

    images: tuple[Atoms, ...]
    energies_ev: np.ndarray
    fmax_ev_a: float
    converged: bool
    steps: int
    force_calls: int

    @property
    def saddle(self) -> int:
        """Index of the highest image."""
        return int(np.argmax(self.energies_ev))

    @property
    def forward_ev(self) -> float:
        """Barrier from the first image, eV."""
        return float(self.energies_ev[self.saddle] - self.energies_ev[0])

    @property
    def reverse_ev(self) -> float:
        """Barrier from the last image, eV."""
        return float(self.energies_ev[self.saddle] - self.energies_ev[-1])


def relax_band(
    start: Atoms,
    end: Atoms,
    potential: Potential,
    *,
    n_images: int,
    fmax: float,
    max_steps: int,
    soft: Sequence[int] = (),
    end_energies: tuple[float, float] | None = None,
    mirror: Mirror | None = None,
) -> Band:
    """Find the minimum-energy path between two relaxed structures.

    Improved tangent (Henkelman & Jónsson 2000, doi:10.1063/1.1323224), climbing image (Henkelman,
    Uberuaga & Jónsson 2000, doi:10.1063/1.1329672), IDPP starting path (Smidstrup et al. 2014,
    doi:10.1063/1.4878664). All images of a step are evaluated as one batch.

    Parameters
    ----------
    start, end
        End states: same atoms in the same order, same cell, `end` in the periodic image that makes
        the path short. Not changed.
    n_images
        Images between the end states.
    fmax
        Limit on the nudged force of a free atom, eV/Å.
    end_energies
        Energies of the end states, if known; saves two force calls.
    mirror
        Symmetry that swaps the end states; then only one half of the images is evaluated.

    Raises
    ------
    TaskError
        If the end states do not match, are the same state, or the calculator fails.
    """
    check_ends(start, end)
    calls = potential.force_calls
    ends = end_energies or tuple(p.energy_ev for p in potential.compute([start, end]))
    path = _Path(initial_path(start, end, n_images), mirror)
    for image, energy in zip((path.images[0], path.images[-1]), ends, strict=True):
        attach(image, Point(float(energy), np.zeros((len(image), 3))))
    band = NEB(path.images, k=SPRING_EV_A2, method="improvedtangent", climb=False)
    optimiser = BFGS(band, logfile=None)  # type: ignore[arg-type]  # optimizable, not Atoms
    optimiser.H0 = np.diag(np.tile(curvature(len(start), soft), len(path.free)))
    largest, step = np.inf, 0
    for step in range(max_steps + 1):
        path.evaluate(potential)
        largest = float(np.linalg.norm(band.get_forces(), axis=1).max())
        if (largest < fmax and band.climb) or step == max_steps:
            break
        if largest < CLIMB_FROM_EV_A and not band.climb:
            band.climb = True
            largest = float(np.linalg.norm(band.get_forces(), axis=1).max())
            if largest < fmax:
                break
        optimiser.step()
    images, energies = path.whole()
    return Band(
        images=images,
        energies_ev=energies,
        fmax_ev_a=largest,
        converged=bool(band.climb and largest < fmax),
        steps=step,
        force_calls=potential.force_calls - calls,
    )


class _Path:
    """Images of a band; with a mirror, those up to the middle and the next one as a moving end."""

    def __init__(self, images: list[Atoms], mirror: Mirror | None) -> None:
        self.mirror, self.n_images = mirror, len(images) - 2
        n_free = (self.n_images + 1) // 2 if mirror else self.n_images
        self.images = images[: n_free + 2]

    @property
    def free(self) -> list[Atoms]:
        """Images that are evaluated and moved."""
        return self.images[1:-1]

    def evaluate(self, potential: Potential) -> None:
        """Attach energies and forces to all images."""
        if self.mirror and self.n_images % 2:
            middle = self.images[-2]
            middle.positions = self.mirror.centre(middle.positions)
        for image, point in zip(self.free, potential.compute(self.free), strict=True):
            attach(image, point)
        if self.mirror:
            twin, end = self.images[self.n_images - len(self.free)], self.images[-1]
            energy = float(twin.get_potential_energy())
            end.positions = self.mirror.apply(twin.positions)
            attach(end, Point(energy, np.zeros((len(end), 3))))

    def whole(self) -> tuple[tuple[Atoms, ...], np.ndarray]:
        """All images, without calculators, and their energies."""
        energies = [float(image.get_potential_energy()) for image in self.images]
        images = [_bare(image) for image in self.images]
        if self.mirror:
            del images[-1], energies[-1]
            for image in images[self.n_images - len(self.free) :: -1]:
                images.append(_bare(image))
                images[-1].positions = self.mirror.apply(image.positions)
            energies += energies[self.n_images - len(self.free) :: -1]
        return tuple(images), np.array(energies)


def check_ends(start: Atoms, end: Atoms) -> None:
    """Raise a TaskError unless two structures are the ends of one path."""
    if len(start) != len(end) or not np.array_equal(start.numbers, end.numbers):
        raise TaskError("the end states of a path hold different atoms or another order of them")
    if not np.allclose(start.cell, end.cell, atol=1e-8) or not np.array_equal(start.pbc, end.pbc):
        raise TaskError("the end states of a path have different cells")
    if np.abs(end.positions - start.positions).max() < SAME_POSITION_A:
        raise TaskError("the end states of a path are the same structure")


def initial_path(start: Atoms, end: Atoms, n_images: int) -> list[Atoms]:
    """IDPP path with its ends (Smidstrup et al. 2014, doi:10.1063/1.4878664); no force calls."""
    images = [start.copy() for _ in range(n_images + 1)] + [end.copy()]
    for image in images:
        image.calc = None
    # The end state is already in the right periodic image, so no minimum-image rule here: it
    # would pull a long hop back across the boundary.
    interpolate(images, mic=False, apply_constraint=False)
    path = NEB(images, method="improvedtangent")
    idpp_interpolate(path, traj=None, log=None, mic=False, fmax=0.1, steps=100)
    return images


def attach(atoms: Atoms, point: Point) -> None:
    """Let `atoms` serve the energy and forces of a point until it is moved."""
    atoms.calc = SinglePointCalculator(atoms, energy=point.energy_ev, forces=point.forces)


def curvature(n_atoms: int, soft: Sequence[int]) -> np.ndarray:
    """Diagonal of the initial Hessian, shape (3 n_atoms,), eV/Å²."""
    diagonal = np.full((n_atoms, 3), STIFF_EV_A2)
    diagonal[list(soft)] = SOFT_EV_A2
    return diagonal.ravel()


def _bare(image: Atoms) -> Atoms:
    bare: Atoms = image.copy()
    bare.calc = None
    return bare
