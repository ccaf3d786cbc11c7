"""Training of a calibration, and its leave-one-host-out test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms

from screening.errors import InputError
from screening.structure.level import Level
from screening.surrogate.domain import Estimate, Factors
from screening.surrogate.features import CLASSES, class_of, describe, host_class
from screening.surrogate.gaussian import (
    Hyperparameters,
    conformal_score,
    leave_all_but_one_out,
    leave_one_host_out,
    select,
)
from screening.surrogate.latent import Components
from screening.surrogate.model import Calibration, engine_identity, with_components
from screening.surrogate.recognise import Shape
from screening.surrogate.sample import Computed, Sample, host_key

COVERAGE = 0.9
MIN_HOSTS = 5
"""Fewer hosts say nothing about the next one."""
UNKNOWN_FACTOR = 1.645
"""Of a normal distribution, where no host has two points."""


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


def held_out(
    samples: Sequence[Sample], level: Level, groups: Sequence[str] | None = None
) -> list[Estimate]:
    """Estimate each sample by a model fitted, tuned and made conformal without its group.

    Parameters
    ----------
    groups
        Name of each sample's group, of which all are left out together: its host by default.
    """
    described = [_describe(sample) for sample in samples]
    names = [d.key for d in described] if groups is None else list(groups)
    without = {
        name: _fit([d for d, n in zip(described, names, strict=True) if n != name], level, "")
        for name in dict.fromkeys(names)
    }
    return [_estimate(without[name], d) for name, d in zip(names, described, strict=True)]


def anchored(samples: Sequence[Sample], level: Level) -> list[Estimate | None]:
    """Estimate each sample with one other ion of its host known: the first in the order given.

    The model is fitted without the host, which comes in as an anchor. None for the anchor itself,
    and for hosts with one ion only.
    """
    keys = [host_key(sample.clean) for sample in samples]
    found: list[Estimate | None] = [None] * len(samples)
    for key in dict.fromkeys(keys):
        anchor, *others = (i for i, k in enumerate(keys) if k == key)
        others = [i for i in others if samples[i].ion != samples[anchor].ion]
        if not others:
            continue
        rest = [s for s, k in zip(samples, keys, strict=True) if k != key]
        model = train(rest, level, "").with_anchors([samples[anchor]], "")
        for i in others:
            s = samples[i]
            found[i] = model.estimate(s.clean, s.adsorbed, s.ions, s.e_raw_ev, s.change)
    return found


def chemistry(sample: Sample) -> str:
    """Return what a host is made of beside its class: hosts alike in it are left out together.

    The elements beside carbon and hydrogen for carbons (all with boron alone are one chemistry),
    beside carbon for MXenes, all of them for metals.
    """
    kind = host_class(sample.clean)
    common = {"carbon": {"C", "H"}, "compound": {"C"}}.get(kind, set())
    return f"{kind} {' '.join(sorted(set(sample.clean.symbols) - common))}".strip()


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
    return Calibration(
        engine=engine_identity(level),
        reference=reference,
        x=x,
        y=y,
        hosts=tuple(s.host for s in samples),
        keys=keys,
        elements=_elements(samples),
        hyperparameters=chosen,
        factors=_factors(x, y, keys, chosen),
        shapes={d.key: Shape.of(d.sample.clean) for d in described},
        computed=tuple(map(Computed.of, samples)),
        components=components,
    )


def _factors(
    x: np.ndarray, y: np.ndarray, keys: Sequence[str], h: Hyperparameters
) -> Factors:
    """Conformal factors by class; of all classes together for one of less than `MIN_HOSTS`."""
    mean, deviation = leave_one_host_out(x, y, keys, h)
    label = dict(zip(keys, map(class_of, x), strict=True))
    strangers = y - mean, deviation, list(keys)
    known = leave_all_but_one_out(x, y, keys, h)
    return Factors(
        **{
            name: {kind: _factor(*found, label, kind) for kind in CLASSES}
            for name, found in (("stranger", strangers), ("known", known))
        }
    )


def _factor(
    errors: np.ndarray,
    deviations: np.ndarray,
    hosts: Sequence[str],
    label: Mapping[str, str],
    kind: str,
) -> float:
    mine = np.array([label[host] == kind for host in hosts], dtype=bool)
    owners = [host for host in hosts if label[host] == kind]
    if len(set(owners)) < MIN_HOSTS:
        mine, owners = np.ones(len(hosts), dtype=bool), list(hosts)
    if not len(owners):
        return UNKNOWN_FACTOR
    return conformal_score(errors[mine], deviations[mine], owners, COVERAGE)


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
    return calibration.at(x, d.sample.e_raw_ev).below_free_atom(d.sample.ion)
