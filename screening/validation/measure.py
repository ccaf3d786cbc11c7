"""An engine at the geometries of a reference set, raw and calibrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from ase import Atoms
from pymatgen.core.periodic_table import Element

from screening.calculators.base import CalculatorSpec
from screening.descriptors.reference import energy_per_ion
from screening.errors import TaskError
from screening.evaluate.modes import atom_hessian
from screening.evaluate.potential import Potential
from screening.evaluate.relax import relax_batch
from screening.surrogate.domain import Estimate
from screening.surrogate.latent import latent_change
from screening.surrogate.model import Calibration
from screening.surrogate.sample import host_key
from screening.validation.compute import frame_key
from screening.validation.known import KnownEnergies
from screening.validation.reference import AS_RELAXED, ReferencePoint, ReferenceSet
from screening.validation.relaxed import NOTHING, SMALL_EV_A, Gain, gain_of

RELAX_FMAX_EV_A = 0.05
RELAX_STEPS = 200

OWN_EV_A = 2 * RELAX_FMAX_EV_A
"""Forces below this say that a structure is the engine's own minimum."""

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
    change
        The engine's latent change per ion, if it has latent features and they were asked for.
    held_out
        Whether the estimate was made without this host, which the calibration was trained on.
    known_host
        Whether the host is a training host at another geometry, and was predicted as that one.
    gain
        What the ions have still to gain at the reference level: of the engine's own minimum, and of
        its displaced copies, which stay as far from it as they are.
    """

    point: ReferencePoint
    e_ads_raw_ev: float | None
    estimate: Estimate | None = None
    held_out: bool = False
    reason: str = ""
    known_host: bool = False
    gain: Gain = NOTHING
    change: np.ndarray | None = field(default=None, compare=False, repr=False)

    @property
    def e_ads_ref_ev(self) -> float:
        """Reference value, eV, of ions that are relaxed at the reference level."""
        return self.point.e_ads_ref_ev - self.gain.energy_ev

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
    latent: bool = False,
    known: KnownEnergies | None = None,
    progress: Progress | None = None,
) -> tuple[Measured, ...]:
    """Evaluate every point; the engine's ``mu_A`` is that of the set's bulk frame.

    Parameters
    ----------
    relax
        Relax hosts, adsorbed structures and nothing else before their energy is taken.
    latent
        Take the engine's latent changes too, for training; a calibration that needs them has them.
    known
        Energies that need not be computed again; extended by those that are.

    Returns
    -------
    tuple of Measured
        In the order of the set; a point that the engine cannot do has a reason.
    """
    latent = latent or (calibration is not None and calibration.components is not None)
    final = latent or calibration is not None
    engine = _Engine(spec, known or KnownEnergies(), relax=relax, final=final)
    measured = []
    for number, point in enumerate(reference.points, start=1):
        if progress is not None:
            progress(number, len(reference.points))
        try:
            raw = _plausible(engine.adsorption(point))
            change = engine.change(point) if latent else None
        except TaskError as error:
            measured.append(Measured(point, None, reason=str(error)))
            continue
        if calibration is None:
            measured.append(Measured(point, raw, change=change))
            continue
        clean, adsorbed = engine.final(point.clean), engine.final(point.adsorbed)
        key = host_key(point.clean)
        without = key if key in calibration.keys else ""
        try:
            estimate = calibration.estimate(
                clean, adsorbed, point.ions, raw, change, without=without
            )
        except TaskError as error:
            measured.append(Measured(point, raw, reason=str(error), change=change))
            continue
        same = not without and bool(calibration.recognise(clean))
        found = Measured(point, raw, estimate, bool(without), known_host=same, change=change)
        measured.append(found)
    return _relaxed(measured, engine) if final and not relax else tuple(measured)


def _relaxed(measured: Sequence[Measured], engine: _Engine) -> tuple[Measured, ...]:
    """Add what is still to gain, which a calibration learns and is judged by."""
    gains: dict[tuple[str, str], Gain] = {}
    for m in measured:
        if m.point.note in AS_RELAXED and m.e_ads_raw_ev is not None:
            gains.setdefault((m.point.host, m.point.ion), engine.gain(m.point))
    return tuple(replace(m, gain=gains.get((m.point.host, m.point.ion), NOTHING)) for m in measured)


def _plausible(raw_ev: float) -> float:
    if abs(raw_ev) > IMPLAUSIBLE_EV:
        raise TaskError(
            f"{raw_ev:.0f} eV is no adsorption energy: the engine failed on a structure"
        )
    return raw_ev


class _Engine:
    """The engine's energies and latent features, each structure computed once.

    Relaxed structures are kept in memory, not in the file of known energies: where they are
    needed (`final`), known relaxed energies are not taken from there.
    """

    def __init__(
        self, spec: CalculatorSpec, known: KnownEnergies, *, relax: bool, final: bool
    ) -> None:
        self.spec, self.known, self.relax = spec, known, relax
        self.level = spec.level()
        self.reuse = not (relax and final)
        self.relaxed: dict[str, Atoms] = {}
        self.latent: dict[str, np.ndarray | None] = {}

    @cached_property
    def potential(self) -> Potential:
        """Made only if there is something to compute."""
        return Potential(self.spec.make())

    def adsorption(self, point: ReferencePoint) -> float:
        metal = self._energy(point.metal, relax=False) / len(point.metal)
        clean = self._energy(point.clean, relax=self.relax)
        adsorbed = self._energy(point.adsorbed, relax=self.relax)
        return energy_per_ion(adsorbed, clean, metal, len(point.ions))

    def final(self, atoms: Atoms) -> Atoms:
        """Return the structure whose energy was taken."""
        return self.relaxed.get(frame_key(atoms, self.level), atoms)

    def change(self, point: ReferencePoint) -> np.ndarray | None:
        """Latent change per ion; None if the engine has no latent features."""
        adsorbed, clean = (self._latent(self.final(a)) for a in (point.adsorbed, point.clean))
        metal = self._latent(point.metal)
        if adsorbed is None or clean is None or metal is None:
            return None
        return latent_change(adsorbed, clean, metal / len(point.metal), len(point.ions))

    def gain(self, point: ReferencePoint) -> Gain:
        """Return what the ions have still to gain, if this is the engine's own minimum."""
        forces, atoms = point.ion_forces, point.adsorbed
        if forces is None or np.linalg.norm(forces, axis=1).max() < SMALL_EV_A:
            return NOTHING
        own = self.potential.compute([atoms])[0].forces[list(point.ions)]
        if np.linalg.norm(own, axis=1).max() > OWN_EV_A:
            return NOTHING
        hessians = [atom_hessian(atoms, ion, self.potential) for ion in point.ions]
        return gain_of(forces, np.array(hessians))

    def _latent(self, atoms: Atoms) -> np.ndarray | None:
        key = frame_key(atoms, self.level)
        if key not in self.latent:
            found = self.potential.latent([atoms])
            self.latent[key] = None if found is None else found[0]
        return self.latent[key]

    def _energy(self, atoms: Atoms, *, relax: bool) -> float:
        unknown = sorted(set(atoms.get_chemical_symbols()) - set(self.spec.elements))
        if unknown:
            raise TaskError(f"{self.spec.name} does not know {', '.join(unknown)}")
        energy = self.known.find(atoms, self.level, relaxed=relax)
        if energy is None or not self._may_reuse(atoms, relax=relax):
            energy = self._compute(atoms, relax=relax)
            self.known.add(atoms, self.level, energy, relaxed=relax)
        return energy

    def _may_reuse(self, atoms: Atoms, *, relax: bool) -> bool:
        return self.reuse or not relax or frame_key(atoms, self.level) in self.relaxed

    def _compute(self, atoms: Atoms, *, relax: bool) -> float:
        if not relax:
            return self.potential.compute([atoms])[0].energy_ev
        (found,) = relax_batch([atoms], self.potential, fmax=RELAX_FMAX_EV_A, max_steps=RELAX_STEPS)
        if not found.converged:
            raise TaskError(f"relaxation not converged after {found.steps} steps")
        self.relaxed[frame_key(atoms, self.level)] = found.atoms
        return found.energy_ev


def kind_of(host: Atoms) -> str:
    """Say what a host is made of where no family is stated: carbon, metal or compound."""
    symbols = host.get_chemical_symbols()
    if symbols.count("C") > len(symbols) / 2:
        return "carbon"
    return "metal" if all(Element(symbol).is_metal for symbol in set(symbols)) else "compound"
