"""An engine at the geometries of a reference set, raw and calibrated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from ase import Atoms

from screening.calculators.base import CalculatorSpec
from screening.descriptors import Steps
from screening.descriptors.reference import energy_per_ion
from screening.errors import TaskError
from screening.evaluate.settings import RelaxSettings
from screening.evaluate.task import Engine, Task, TaskResult
from screening.pipeline.evaluator import Question, answers
from screening.pipeline.store import Store
from screening.pipeline.tally import Progress as Progressed
from screening.surrogate.domain import Estimate
from screening.surrogate.features import host_class
from screening.surrogate.latent import Change, latent_change
from screening.surrogate.model import Calibration
from screening.surrogate.recognise import STRANGER
from screening.surrogate.sample import host_key
from screening.surrogate.second import second_for, second_of
from screening.validation.reference import AS_RELAXED, ReferencePoint, ReferenceSet
from screening.validation.relaxed import NOTHING, SMALL_EV_A, Gain, gain_of

RELAX = RelaxSettings()

OWN_EV_A = 2 * RELAX.fmax
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
        What engines see per ion, as far as it was asked for.
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
    change: Change = field(default=Change(), compare=False, repr=False)

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
        return self.point.family or host_class(self.point.clean)


def measure(
    reference: ReferenceSet,
    spec: CalculatorSpec,
    calibration: Calibration | None = None,
    *,
    relax: bool = False,
    training: bool = False,
    store: Store | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> tuple[Measured, ...]:
    """Evaluate every point; the engine's ``mu_A`` is that of the set's bulk frame.

    Parameters
    ----------
    relax
        Relax hosts, adsorbed structures and nothing else before their energy is taken.
    training
        Take what the engine and a second one see, too; a calibration that needs it has it.
    store
        Whose results are reused, and where new ones are kept; None: none are.
    jobs
        Worker processes; 1 runs in this process.
    progress
        Called with the points done and all of them.

    Returns
    -------
    tuple of Measured
        In the order of the set; a point that the engine cannot do has a reason.
    """
    engine = Engine.of(spec)
    second = second_for(engine) if training else second_of(calibration, engine)
    latent = training or (calibration is not None and calibration.components is not None)
    known = frozenset(spec.elements)
    rule = _Rule(engine, known, calibration, second, relax=relax, latent=latent)
    questions = [
        Question(f"{p.host} {p.ion}", partial(rule.measured, p), partial(_failed, p))
        for p in reference.points
    ]

    def report(state: Progressed) -> None:
        if progress is not None:
            progress(state.rows, state.pairs)

    measured = answers(questions, store, jobs, report)
    return _shared_gains(measured)


def _failed(point: ReferencePoint, reason: str) -> Measured:
    return Measured(point, None, reason=reason)


def _shared_gains(measured: Sequence[Measured]) -> tuple[Measured, ...]:
    """Give displaced copies what their minimum has still to gain."""
    gains: dict[tuple[str, str], Gain] = {}
    for m in measured:
        if m.point.note in AS_RELAXED and m.e_ads_raw_ev is not None:
            gains.setdefault((m.point.host, m.point.ion), m.gain)
    return tuple(
        m
        if m.point.note in AS_RELAXED
        else replace(m, gain=gains.get((m.point.host, m.point.ion), NOTHING))
        for m in measured
    )


@dataclass(frozen=True)
class _Rule:
    """How a point is measured."""

    engine: Engine
    elements: frozenset[str]
    calibration: Calibration | None
    second: Engine | None
    relax: bool
    latent: bool

    def measured(self, point: ReferencePoint) -> Steps[Measured]:
        """Go from a point to what the engine, and its calibration, say of it."""
        try:
            self._require_elements(point)
            clean, adsorbed, metal = yield from self._states(point)
            raw = _plausible(_e_ads(clean, adsorbed, metal, len(point.ions)))
            change = yield from self._change(point, clean, adsorbed, metal)
        except TaskError as error:
            return _failed(point, str(error))
        found = Measured(point, raw, change=change)
        if self.calibration is not None:
            found = _estimated(found, raw, self.calibration, (_atoms(clean), _atoms(adsorbed)))
        if self.relax or not (self.latent or self.calibration):
            return found
        gain = yield from self._gain(point, adsorbed)
        return replace(found, gain=gain)

    def _require_elements(self, point: ReferencePoint) -> None:
        symbols = set(point.adsorbed.symbols) | set(point.clean.symbols)
        if unknown := sorted(symbols - self.elements):
            raise TaskError(f"{self.engine.name} does not know {', '.join(unknown)}")

    def _states(self, point: ReferencePoint) -> Steps[tuple[TaskResult, ...]]:
        """Return host, host with ions and metal, each with structure and energy."""
        tags = {"candidate": point.host}
        metal = self._task("points", point.metal, {"ion": point.ion})
        if self.relax:
            arguments = RELAX.model_dump()
            soft = {**arguments, "soft": list(point.ions)}
            results = yield [
                self._task("host", point.clean, tags, arguments),
                self._task("adsorption", point.adsorbed, {**tags, "ion": point.ion}, soft),
                metal,
            ]
        else:
            results = yield [
                self._task("points", point.clean, tags),
                self._task("points", point.adsorbed, {**tags, "ion": point.ion}),
                metal,
            ]
        return tuple(map(_sound, results))

    def _change(self, point: ReferencePoint, *states: TaskResult) -> Steps[Change]:
        """Return what the engines see per ion; no latent change if the engine has no features."""
        tags = {"candidate": point.host, "ion": point.ion}
        latent, second = None, None
        if self.latent:
            results = yield [self._task("latent", _atoms(state), tags) for state in states]
            values = [_sound(result).data["latent"] for result in results]
            if None not in values:
                clean, adsorbed, metal = (np.array(value[0]) for value in values)
                latent = latent_change(adsorbed, clean, metal / len(point.metal), len(point.ions))
        if self.second is not None:
            points = [self._task("points", _atoms(state), tags) for state in states]
            results = yield [replace(task, engine=self.second) for task in points]
            host, ion, bulk = map(_sound, results)
            second = _plausible(_e_ads(host, ion, bulk, len(point.ions)))
        return Change(latent, second)

    def _gain(self, point: ReferencePoint, adsorbed: TaskResult) -> Steps[Gain]:
        """Return what the ions have still to gain, if this is the engine's own minimum."""
        forces, own = point.ion_forces, adsorbed.forces
        if point.note not in AS_RELAXED or forces is None or own is None:
            return NOTHING
        if point.push_ev_a is not None and point.push_ev_a < SMALL_EV_A:
            return NOTHING
        if np.linalg.norm(own[list(point.ions)], axis=1).max() > OWN_EV_A:
            return NOTHING
        if point.gain is not None:
            return point.gain
        tags = {"candidate": point.host, "ion": point.ion}
        results = yield [
            self._task("hessian", point.adsorbed, tags, {"atom": ion}) for ion in point.ions
        ]
        return gain_of(forces, np.array([_sound(r).data["hessian_ev_a2"] for r in results]))

    def _task(
        self,
        kind: str,
        atoms: Atoms,
        tags: Mapping[str, str],
        settings: Mapping[str, Any] = MappingProxyType({}),
    ) -> Task:
        return Task(kind, self.engine, (atoms,), settings, tags)


def _estimated(
    found: Measured, raw_ev: float, model: Calibration, states: tuple[Atoms, Atoms]
) -> Measured:
    """Add what a calibration says, trained without the host if it was trained on it."""
    point = found.point
    key = host_key(point.clean)
    without = key if key in model.keys else ""
    host = STRANGER if without else model.recognise(states[0])
    try:
        estimate = model.estimate(
            *states, point.ions, raw_ev, found.change, host=host, without=without
        )
    except TaskError as error:
        return replace(found, reason=str(error))
    return replace(found, estimate=estimate, held_out=bool(without), known_host=bool(host))


def _sound(result: TaskResult) -> TaskResult:
    if result.failed:
        raise TaskError(result.reason)
    return result


def _atoms(result: TaskResult) -> Atoms:
    if result.atoms is None:
        raise TaskError(f"the result of {result.kind} {result.key} has no structure")
    return result.atoms


def _e_ads(clean: TaskResult, adsorbed: TaskResult, metal: TaskResult, ions: int) -> float:
    energies = clean.energy_ev, adsorbed.energy_ev, metal.energy_ev
    if None in energies:
        raise TaskError("a result has no energy")
    host, with_ions, bulk = (float(energy) for energy in energies if energy is not None)
    return energy_per_ion(with_ions, host, bulk / len(_atoms(metal)), ions)


def _plausible(raw_ev: float) -> float:
    if abs(raw_ev) > IMPLAUSIBLE_EV:
        raise TaskError(
            f"{raw_ev:.0f} eV is no adsorption energy: the engine failed on a structure"
        )
    return raw_ev
