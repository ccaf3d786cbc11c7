"""What the ion costs its host: the energy of bending the host into the shape it has with the ion.

The strain part of the activation strain model (Bickelhaupt & Houk, Angew. Chem. Int. Ed. 56, 10070
(2017), doi:10.1002/anie.201701486).
"""

from __future__ import annotations

from collections.abc import Iterator

from ase import Atoms

from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reference import RelaxedState
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value

NOISE_EV = 0.02
"""A distortion energy may lie this far below zero: what a relaxation leaves undone."""


class Distortion(DescriptorSettings):
    """Energy of the host's distortion under the ion."""


COLUMN = Column(
    "host_distortion_ev",
    "eV",
    "Energy of the host as the ion left it less that of the relaxed clean host.",
    better="less",
    energy=True,
)


def cost(_settings: Distortion, size: Size) -> Iterator[Work]:
    """One evaluation."""
    yield Work("points", 1, size.atoms)


@descriptor("distortion", COLUMN, cost=cost)
def distortion(settings: Distortion, pair: Pair, bound: Bound) -> Steps[Found]:  # noqa: ARG001
    """Evaluate the host of the structure behind `e_ads_ev` once, without its ion."""
    if bound.best is None:
        return Found().lacking("host distortion: no adsorbed ion")
    best, state = bound.best
    frozen = without_ion(state.atoms, bound.ion_index)
    (point,) = yield [pair.task("points", (frozen,), {}, best.site)]
    if point.failed:
        return Found().lacking(f"host distortion: {point.reason}")
    cost_ev = host_distortion(point.data["energies_ev"][0], bound.host)
    found = Found().given(host_distortion_ev=Value(cost_ev, "engine", task=state.task))
    if cost_ev >= -NOISE_EV:
        return found
    return found.flagged(f"the ion led the host to a shape {-cost_ev:.2f} eV below its own minimum")


def without_ion(adsorbed: Atoms, ion: int) -> Atoms:
    """Host of an adsorbed structure, its atoms where they are; the ion is atom `ion`, the last."""
    host: Atoms = adsorbed[:ion]
    return host


def host_distortion(frozen_ev: float, host: RelaxedState) -> float:
    """Energy of the host as the ion left it less that of the relaxed clean host, eV.

    Parameters
    ----------
    frozen_ev
        Energy of `without_ion` by the engine that relaxed the host.
    """
    return frozen_ev - host.energy_ev
