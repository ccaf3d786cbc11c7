"""How a reference set grows: the queued structures that teach its calibration most come first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms

from screening.calculators import CalculatorSpec
from screening.errors import InputError
from screening.pipeline.store import Store
from screening.structure.content import content
from screening.structure.level import digest
from screening.surrogate.correction import Corrections
from screening.surrogate.gaussian import host_weights
from screening.surrogate.information import choose
from screening.surrogate.model import Calibration
from screening.surrogate.sample import host_key
from screening.surrogate.second import second_level
from screening.surrogate.train import train
from screening.validation.compute import read_frames
from screening.validation.held_out import as_samples
from screening.validation.measure import Measured, Progress, measure
from screening.validation.reference import ReferencePoint, ReferenceSet, read_queue, read_reference


@dataclass(frozen=True)
class Step:
    """A point to compute next.

    Attributes
    ----------
    frames
        What it needs that no earlier step needs: bulk metal, clean host, itself last.
    reduction_ev2
        Fall of the variance of predictions on a new host, eV², once it is computed after those
        before it.
    seconds
        Expected time of the frames.
    """

    point: ReferencePoint
    frames: tuple[Atoms, ...]
    reduction_ev2: float
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Points in the order to compute them.

    Attributes
    ----------
    before_ev, after_ev
        Root mean square over hosts of the standard deviation predicted for a new host, eV: now,
        and with all steps computed.
    skipped
        Points that cannot be chosen, each with the reason.
    """

    steps: tuple[Step, ...]
    before_ev: float
    after_ev: float
    skipped: tuple[str, ...]


def plan(
    queue: Path,
    reference: Path,
    spec: CalculatorSpec,
    *,
    seconds: float = math.inf,
    points: int | None = None,
    store: Store | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Plan:
    """Choose among the points of a queue that a reference set does not hold.

    Parameters
    ----------
    queue, reference
        extxyz files; clean hosts and metals of the queue's points stand in either.
    spec
        Engine whose calibration is to be taught; its energies are computed for both files.
    seconds, points
        Limits: expected time, number of points.
    store
        Whose results are reused, and where new ones are kept; None: none are.
    jobs
        Worker processes; 1 runs in this process.

    Raises
    ------
    InputError
        If a file cannot be read, the reference is too small to calibrate from, none of its frames
        states its time, or no point is left within the limits.
    """
    done, computed = read_reference(reference), read_frames(reference)
    seconds_of = fit_seconds(computed, str(reference))
    there = {_key(atoms) for atoms in computed}
    frames = {key: a for a in read_frames(queue) if (key := _key(a)) not in there}
    found = {_key(point.adsorbed): point for point in read_queue(queue, reference)}
    wanted = ReferenceSet(
        str(queue), done.level, tuple(found[key] for key in frames if key in found)
    )
    old, new = (
        measure(chosen, spec, training=True, store=store, jobs=jobs, progress=progress)
        for chosen in (done, wanted)
    )
    calibration = train(as_samples(old), spec.level(), done.level, second_level(spec))
    described = [(m, _features(calibration, m)) for m in new]
    able = [(m.point, x) for m, x in described if np.isfinite(x).all()]
    if not able:
        raise InputError("no point is left to compute", where=str(queue))
    pool = np.array([x for _, x in able]), [host_key(point.clean) for point, _ in able]
    needs = [[k for k in map(_key, (p.metal, p.clean, p.adsorbed)) if k in frames] for p, _ in able]
    picks = choose(
        (calibration.x, calibration.keys),
        pool,
        [frozenset(keys) for keys in needs],
        {key: seconds_of(atoms) for key, atoms in frames.items()},
        calibration.hyperparameters,
        budget=seconds,
        points=points,
    )
    if not picks:
        raise InputError(f"no point can be computed in {seconds:.0f} s", where=str(queue))
    steps = []
    for pick in picks:
        own = tuple(frames.pop(key).copy() for key in needs[pick.index] if key in frames)
        steps.append(Step(able[pick.index][0], own, pick.reduction_ev2, pick.cost))
    return Plan(
        steps=tuple(steps),
        before_ev=_deviation(calibration, pool, []),
        after_ev=_deviation(calibration, pool, [pick.index for pick in picks]),
        skipped=tuple(
            f"{m.point.host} {m.point.ion}: {m.reason or 'its features are not finite'}"
            for m, x in described
            if not np.isfinite(x).all()
        ),
    )


def fit_seconds(frames: Sequence[Atoms], where: str) -> Callable[[Atoms], float]:
    """Return the expected time of a structure: a power of its number of atoms, fitted to `frames`.

    Back from logarithms by the smearing estimate (Duan, J. Am. Stat. Assoc. 78, 605, 1983,
    doi:10.2307/2288126). Electrons and volume did not predict our set's times better than atoms.

    Raises
    ------
    InputError
        If no frame states its time in ``info["seconds"]``.
    """
    timed = [a for a in frames if a.info.get("seconds", 0.0) > 0.0]
    if not timed:
        raise InputError("no frame states its time", where=where, allowed='info["seconds"]')
    logs = np.log([float(a.info["seconds"]) for a in timed])
    terms = np.array([(1.0, np.log(len(a))) for a in timed])
    (start, power), *_ = np.linalg.lstsq(terms, logs, rcond=None)
    smearing = np.exp(logs - terms @ (start, power)).mean()
    return lambda atoms: float(smearing * np.exp(start + power * np.log(len(atoms))))


def _key(atoms: Atoms) -> str:
    return digest(content(atoms))


def _features(calibration: Calibration, measured: Measured) -> np.ndarray:
    point, raw = measured.point, measured.e_ads_raw_ev
    if raw is None:
        return np.array([math.nan])
    return calibration.features(point.clean, point.adsorbed, point.ions, raw, measured.change)


def _deviation(
    calibration: Calibration, pool: tuple[np.ndarray, Sequence[str]], chosen: Sequence[int]
) -> float:
    x = np.vstack([calibration.x, pool[0]])
    hosts = [*calibration.keys, *pool[1]]
    data = [*range(len(calibration.x)), *(index + len(calibration.x) for index in chosen)]
    seen = [hosts[index] for index in data]
    spread = np.append(calibration.spread, np.zeros(len(chosen)))
    settings = calibration.hyperparameters
    known = Corrections(x[data], np.zeros(len(data)), seen, settings, spread)
    _, deviation = known.predict(x)
    return float(np.sqrt(host_weights(hosts) @ deviation**2))
