"""Half of a band that a symmetry maps onto its reverse gives the same as the whole, for less."""

from __future__ import annotations

import numpy as np
import pytest

from screening.errors import TaskError
from screening.evaluate import Band, Mirror, Potential, relax_band
from tests.evaluate.test_neb import hollow
from tests.toys import BARRIER_EV, CORRUGATION_EV, LATTICE_A, EggBox

DIP_EV, WIDTH_A = 0.15, 0.4
REFLECTION = np.diag([-1.0, 1.0, 1.0])


class DippedBox(EggBox):
    """A shallow minimum on the bridge: two equal saddles, neither in the middle of the path."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        offset = atoms.positions[-1, 0] - LATTICE_A
        dip = -DIP_EV * np.exp(-((offset / WIDTH_A) ** 2) / 2)
        self.results["energy"] += dip
        self.results["forces"][-1, 0] += dip * offset / WIDTH_A**2


def mirror() -> Mirror:
    """Reflection between two hollows, which leaves each column of the host where it is."""
    return Mirror.between(hollow(), hollow(1), REFLECTION, range(5))


def band(images: int, twin: Mirror | None, calculator: type[EggBox] = EggBox) -> Band:
    return relax_band(
        hollow(),
        hollow(1),
        Potential(calculator()),
        n_images=images,
        fmax=1e-5,
        max_steps=500,
        soft=[4],
        mirror=twin,
    )


@pytest.mark.parametrize("images", [1, 2, 3, 5])
def test_half_a_band_finds_the_known_saddle(images: int) -> None:
    half = band(images, mirror())
    assert half.converged
    assert len(half.images) == images + 2
    assert half.forward_ev == pytest.approx(BARRIER_EV, abs=1e-6)
    assert half.energies_ev == pytest.approx(half.energies_ev[::-1], abs=1e-12)


@pytest.mark.parametrize("images", [5, 6])
def test_two_saddles_beside_the_middle_are_found_too(images: int) -> None:
    x = np.linspace(LATTICE_A / 2, LATTICE_A, 100_001)
    profile = CORRUGATION_EV * np.cos(2 * np.pi * x / LATTICE_A)
    profile -= DIP_EV * np.exp(-(((x - LATTICE_A) / WIDTH_A) ** 2) / 2)
    half = band(images, mirror(), DippedBox)
    assert half.converged
    assert half.saddle != (images + 1) / 2
    assert half.forward_ev == pytest.approx(profile.max() - profile[0], abs=1e-6)


def test_the_other_half_is_the_mirror_image() -> None:
    half = band(3, mirror())
    for image, twin in zip(half.images, half.images[::-1], strict=True):
        assert mirror().apply(image.positions) == pytest.approx(twin.positions, abs=1e-6)


@pytest.mark.parametrize(("images", "evaluated"), [(2, 1), (3, 2), (5, 3)])
def test_only_images_up_to_the_middle_are_evaluated(images: int, evaluated: int) -> None:
    half = band(images, mirror())
    assert half.force_calls == 2 + evaluated * (half.steps + 1)


def test_an_operation_that_does_not_swap_the_ends_is_refused() -> None:
    with pytest.raises(TaskError, match="does not swap"):
        Mirror.between(hollow(), hollow(1), np.eye(3), range(5))
