"""Training of a calibration, and its leave-one-host-out test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.errors import InputError
from screening.structure.level import Level
from screening.surrogate.features import CLASSES, describe, host_class
from screening.surrogate.gaussian import conformal_score, leave_one_host_out, select
from screening.surrogate.latent import Components
from screening.surrogate.model import (
    Calibration,
    Estimate,
    engine_identity,
    host_key,
    with_components,
)
from screening.surrogate.recognise import Signature

COVERAGE = 0.9
MIN_HOSTS = 5
"""Fewer hosts say nothing about the next one."""


@dataclass(frozen=True)
class Sample:
    """One adsorption energy by the engine and at the reference level, eV.

    `change` is the engine's latent change per ion (`screening.surrogate.latent`), if it has any.
    """

    host: str
    clean: Atoms
    adsorbed: Atoms
    ions: tuple[int, ...]
    e_raw_ev: float
    e_ref_ev: float
    change: np.ndarray | None = None


def train(samples: Sequence[Sample], level: Level, reference: str) -> Calibration:
    """Fit a calibration; the same samples always give the same model.

    Raises
    ------
    InputError
        If the samples have fewer than `MIN_HOSTS` hosts.
    """
    hosts = len({host_key(sample.clean) for sample in samples})
    if hosts < MIN_HOSTS:
        raise InputError(
            f"{hosts} hosts are too few to calibrate from",
            where="reference set",
            allowed=f"{MIN_HOSTS} or more",
        )
    return _fit([_describe(sample) for sample in samples], level, reference)


def held_out(samples: Sequence[Sample], level: Level) -> list[Estimate]:
    """Estimate each sample by a model fitted, tuned and made conformal without its host."""
    described = [_describe(sample) for sample in samples]
    without = {
        key: _fit([d for d in described if d.key != key], level, "")
        for key in dict.fromkeys(d.key for d in described)
    }
    return [_estimate(without[d.key], d) for d in described]


@dataclass(frozen=True)
class _Described:
    sample: Sample
    key: str
    x: np.ndarray


def _describe(sample: Sample) -> _Described:
    x = describe(sample.clean, sample.adsorbed, sample.ions, sample.e_raw_ev)
    return _Described(sample, host_key(sample.clean), x)


def _fit(described: Sequence[_Described], level: Level, reference: str) -> Calibration:
    samples = [d.sample for d in described]
    keys = tuple(d.key for d in described)
    components = _components(described)
    x = np.array([with_components(d.x, components, d.sample.change) for d in described])
    y = np.array([s.e_ref_ev - s.e_raw_ev for s in samples])
    chosen = select(x, y, keys)
    mean, deviation = leave_one_host_out(x, y, keys, chosen)
    return Calibration(
        engine=engine_identity(level),
        reference=reference,
        x=x,
        y=y,
        hosts=tuple(s.host for s in samples),
        keys=keys,
        elements=_elements(samples),
        hyperparameters=chosen,
        score=conformal_score(y - mean, deviation, keys, COVERAGE),
        signatures={d.key: Signature.of(d.sample.clean) for d in described},
        components=components,
    )


def _components(described: Sequence[_Described]) -> Components | None:
    """Fit the components to the carbon hosts; None if they are few or the engine has none."""
    carbon = [d for d in described if d.x[0] == CLASSES["carbon"]]
    changes = [d.sample.change for d in carbon if d.sample.change is not None]
    if len({d.key for d in carbon}) < MIN_HOSTS or len(changes) < len(carbon):
        return None
    return Components.fit(np.array(changes))


def _elements(samples: Sequence[Sample]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for sample in samples:
        found.setdefault(host_class(sample.clean), set()).update(sample.clean.symbols)
    return {kind: tuple(sorted(found[kind])) for kind in sorted(found)}


def _estimate(calibration: Calibration, d: _Described) -> Estimate:
    if calibration.foreign(d.sample.clean):
        return calibration.estimate(
            d.sample.clean, d.sample.adsorbed, d.sample.ions, d.sample.e_raw_ev, d.sample.change
        )
    x = with_components(d.x, calibration.components, d.sample.change)
    return calibration.at(x, d.sample.e_raw_ev)
