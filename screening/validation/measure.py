"""An engine at the geometries of a reference set, raw and calibrated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ase import Atoms
from pymatgen.core.periodic_table import Element

from screening.calculators.base import CalculatorSpec
from screening.descriptors.reference import energy_per_ion
from screening.errors import TaskError
from screening.evaluate.potential import Potential
from screening.evaluate.relax import relax_batch
from screening.surrogate.model import Calibration, Estimate
from screening.validation.known import KnownEnergies
from screening.validation.reference import ReferencePoint, ReferenceSet

RELAX_FMAX_EV_A = 0.05
RELAX_STEPS = 200

IMPLAUSIBLE_EV = 50.0
"""No ion binds like this: the engine's self-consistency ended elsewhere."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Measured:
    """A reference point and what the engine says of it.

    Attributes
    ----------
    e_ads_raw_ev
        The engine's adsorption energy, eV; None if it has none, and `reason` says why.
    estimate
        Calibrated value with its interval; None without a calibration.
    held_out
        Whether the estimate was made without this host, which the calibration was trained on.
    """

    point: ReferencePoint
    e_ads_raw_ev: float | None
    estimate: Estimate | None = None
    held_out: bool = False
    reason: str = ""

    @property
    def e_ads_ev(self) -> float | None:
        """Best value there is: calibrated inside the domain, raw elsewhere."""
        return self.e_ads_raw_ev if self.estimate is None else self.estimate.e_ads_ev

    @property
    def family(self) -> str:
        """Family as the set states it, else what the host is made of."""
        return self.point.family or kind_of(self.point.clean)


def measure(
    reference: ReferenceSet,
    spec: CalculatorSpec,
    calibration: Calibration | None = None,
    *,
    relax: bool = False,
    known: KnownEnergies | None = None,
    progress: Progress | None = None,
) -> tuple[Measured, ...]:
    """Evaluate every point; the engine's ``mu_A`` is that of the set's bulk frame.

    Parameters
    ----------
    relax
        Relax hosts, adsorbed structures and nothing else before their energy is taken.
    known
        Energies that need not be computed again; extended by those that are.

    Returns
    -------
    tuple of Measured
        In the order of the set; a point that the engine cannot do has a reason.
    """
    energies = _Energies(spec, known or KnownEnergies(), relax=relax)
    measured = []
    for number, point in enumerate(reference.points, start=1):
        if progress is not None:
            progress(number, len(reference.points))
        try:
            raw = _plausible(energies.adsorption(point))
        except TaskError as error:
            measured.append(Measured(point, None, reason=str(error)))
            continue
        if calibration is None:
            measured.append(Measured(point, raw))
            continue
        estimate, held_out = calibration.judge(point.clean, point.adsorbed, point.ions, raw)
        measured.append(Measured(point, raw, estimate, held_out))
    return tuple(measured)


def _plausible(raw_ev: float) -> float:
    if abs(raw_ev) > IMPLAUSIBLE_EV:
        raise TaskError(
            f"{raw_ev:.0f} eV is no adsorption energy: the engine failed on a structure"
        )
    return raw_ev


class _Energies:
    """The engine's energies, each structure computed once."""

    def __init__(self, spec: CalculatorSpec, known: KnownEnergies, *, relax: bool) -> None:
        self.spec, self.known, self.relax = spec, known, relax
        self.level = spec.level()
        self.potential: Potential | None = None

    def adsorption(self, point: ReferencePoint) -> float:
        metal = self._energy(point.metal, relax=False) / len(point.metal)
        clean = self._energy(point.clean, relax=self.relax)
        adsorbed = self._energy(point.adsorbed, relax=self.relax)
        return energy_per_ion(adsorbed, clean, metal, len(point.ions))

    def _energy(self, atoms: Atoms, *, relax: bool) -> float:
        unknown = sorted(set(atoms.get_chemical_symbols()) - set(self.spec.elements))
        if unknown:
            raise TaskError(f"{self.spec.name} does not know {', '.join(unknown)}")
        energy = self.known.find(atoms, self.level, relaxed=relax)
        if energy is None:
            if self.potential is None:
                self.potential = Potential(self.spec.make())
            energy = self._compute(self.potential, atoms, relax=relax)
            self.known.add(atoms, self.level, energy, relaxed=relax)
        return energy

    def _compute(self, potential: Potential, atoms: Atoms, *, relax: bool) -> float:
        if not relax:
            return potential.compute([atoms])[0].energy_ev
        (found,) = relax_batch([atoms], potential, fmax=RELAX_FMAX_EV_A, max_steps=RELAX_STEPS)
        if not found.converged:
            raise TaskError(f"relaxation not converged after {found.steps} steps")
        return found.energy_ev


def kind_of(host: Atoms) -> str:
    """Say what a host is made of where no family is stated: carbon, metal or compound."""
    symbols = host.get_chemical_symbols()
    if symbols.count("C") > len(symbols) / 2:
        return "carbon"
    return "metal" if all(Element(symbol).is_metal for symbol in set(symbols)) else "compound"
