"""Training of a calibration, and its leave-one-host-out test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screening.errors import InputError
from screening.structure.level import Level
from screening.surrogate.correction import Hyperparameters, observations, select
from screening.surrogate.domain import Estimate, Factors
from screening.surrogate.features import CLASSES, class_of, describe, host_class
from screening.surrogate.gaussian import (
    conformal_score,
    leave_all_but_one_out,
    leave_group_out,
)
from screening.surrogate.identity import engine_identity
from screening.surrogate.latent import Components
from screening.surrogate.model import Calibration, with_components
from screening.surrogate.recognise import STRANGER, Shape
from screening.surrogate.sample import Sample, host_key
from screening.surrogate.strangers import Strangers, opinions_of

COVERAGE = 0.9
MIN_HOSTS = 5
"""Fewer hosts say nothing about the next one."""
ANCHOR_ION = "Na"
OTHER_CLASS = 0.1
"""What a host counts for the interval of another class: alone, the 90 % quantile of nine hosts is
their largest."""
UNKNOWN_FACTOR = 1.645
"""Of a normal distribution, where no host has two points."""


def train(
    samples: Sequence[Sample], level: Level, reference: str, second: Level | None = None
) -> Calibration:
    """Fit a calibration; the same samples always give the same model.

    Parameters
    ----------
    level
        Of the engine that is calibrated.
    reference
        Level of the reference energies.
    second
        Of the engine whose energies the samples have too; None: they have none.

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
    return _fit([_describe(sample) for sample in samples], level, reference, second)


@dataclass(frozen=True)
class Judged:
    """Estimates of all samples by models that were fitted, tuned and made conformal without them.

    Attributes
    ----------
    strangers
        Without the sample's host.
    chemistries
        Without all hosts of its `chemistry`.
    anchored
        Without its host, of which one point then comes in as an anchor: the first with Na, as
        `alkascreen anchor` computes, else the first. None for the anchor's ion.
    """

    strangers: tuple[Estimate, ...]
    chemistries: tuple[Estimate, ...]
    anchored: tuple[Estimate | None, ...]


def judge(samples: Sequence[Sample], level: Level, second: Level | None = None) -> Judged:
    """Predict each sample three times as one that nobody has seen."""
    described = [_describe(sample) for sample in samples]
    keys = [d.key for d in described]
    by_host = _without(described, keys, level, second)
    kinds = [chemistry(sample) for sample in samples]
    by_kind = _without(described, kinds, level, second)
    return Judged(
        tuple(_estimate(by_host[key], d) for key, d in zip(keys, described, strict=True)),
        tuple(_estimate(by_kind[kind], d) for kind, d in zip(kinds, described, strict=True)),
        tuple(_with_one_ion(by_host, described)),
    )


def held_out(
    samples: Sequence[Sample], level: Level, second: Level | None = None
) -> list[Estimate]:
    """Estimate each sample by a model fitted, tuned and made conformal without its host."""
    described = [_describe(sample) for sample in samples]
    models = _without(described, [d.key for d in described], level, second)
    return [_estimate(models[d.key], d) for d in described]


def _without(
    described: Sequence[_Described],
    groups: Sequence[str],
    level: Level,
    second: Level | None,
) -> dict[str, Calibration]:
    """Fit a model without each group."""
    by_group = list(zip(described, groups, strict=True))
    return {
        group: _fit([d for d, own in by_group if own != group], level, "", second)
        for group in dict.fromkeys(groups)
    }


def _with_one_ion(
    models: Mapping[str, Calibration], described: Sequence[_Described]
) -> Iterator[Estimate | None]:
    anchors: dict[str, Sample] = {}
    for d in sorted(described, key=lambda d: d.sample.ion != ANCHOR_ION):
        anchors.setdefault(d.key, d.sample)
    for d in described:
        s, anchor = d.sample, anchors[d.key]
        if s.ion == anchor.ion:
            yield None
            continue
        known = models[d.key].with_anchors([anchor], "")
        yield known.estimate(s.clean, s.adsorbed, s.ions, s.e_raw_ev, s.change)


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


def _fit(
    described: Sequence[_Described], level: Level, reference: str, second: Level | None
) -> Calibration:
    samples = [d.sample for d in described]
    components = _components(described)
    x = np.array([with_components(d.x, components, d.sample.change.latent) for d in described])
    y = np.array([s.e_ref_ev - s.e_raw_ev for s in samples])
    keys = tuple(d.key for d in described)
    spread = np.array([s.spread_ev for s in samples])
    settings, factors = _settings(x, y, keys, spread)
    strangers = None
    if second is not None:
        opinions = opinions_of(samples)
        others = _settings(np.column_stack([x, opinions]), y, keys, spread)
        strangers = Strangers(engine_identity(second), opinions, *others)
    return Calibration(
        engine=engine_identity(level),
        reference=reference,
        x=x,
        y=y,
        hosts=tuple(s.host for s in samples),
        keys=keys,
        spread=spread,
        elements=_elements(samples),
        hyperparameters=settings,
        factors=factors,
        shapes={d.key: Shape.of(d.sample.clean) for d in described},
        components=components,
        strangers=strangers,
    )


def _settings(
    x: np.ndarray, y: np.ndarray, keys: Sequence[str], spread: np.ndarray
) -> tuple[Hyperparameters, Factors]:
    chosen = select(x, y, keys, spread)
    return chosen, _factors(x, y, keys, chosen, spread)


def _factors(
    x: np.ndarray, y: np.ndarray, keys: Sequence[str], h: Hyperparameters, spread: np.ndarray
) -> Factors:
    """Conformal factors by class; hosts of other classes count for `OTHER_CLASS` of one.

    Deviations are those of predictions, so that intervals cover what is not sure itself.
    """
    observed = observations(x, keys, h, spread)
    kinds = dict(zip(keys, map(class_of, x), strict=True))
    mean, deviation = leave_group_out(observed, y, keys, spread)
    stranger = _by_class(y - mean, deviation, keys, kinds)
    known = leave_all_but_one_out(observed, y, keys, h.noise, spread)
    return Factors(stranger, _by_class(*known, kinds))


def _by_class(
    errors: np.ndarray, deviations: np.ndarray, hosts: Sequence[str], kinds: Mapping[str, str]
) -> dict[str, float]:
    if not len(hosts):
        return dict.fromkeys(CLASSES, UNKNOWN_FACTOR)
    factors = {}
    for kind in CLASSES:
        shares = np.array([1.0 if kinds[host] == kind else OTHER_CLASS for host in hosts])
        factors[kind] = conformal_score(errors, deviations, hosts, COVERAGE, shares)
    return factors


def _components(described: Sequence[_Described]) -> Components | None:
    """Fit the components to the carbon hosts; None if they are few or the engine has none."""
    carbon = [d for d in described if d.x[0] == CLASSES["carbon"]]
    latent = (d.sample.change.latent for d in carbon)
    changes = [change for change in latent if change is not None]
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
    x = calibration.seen(d.x, d.sample.change, d.sample.e_raw_ev, STRANGER)
    return calibration.process_of(STRANGER).at(x, d.sample.e_raw_ev).below_free_atom(d.sample.ion)
