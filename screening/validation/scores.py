"""How far an engine is from the reference: error, bias, order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from screening.units import IONS
from screening.validation.measure import Measured

MIN_FOR_ORDER = 4
"""Fewer points have no order worth a number."""

Value = Callable[[Measured], float | None]


@dataclass(frozen=True)
class Score:
    """Errors over a group of points that have a value, eV; None where there are too few.

    Attributes
    ----------
    bias_ev
        Mean of engine minus reference: negative overbinds.
    """

    count: int
    mae_ev: float | None
    bias_ev: float | None
    spearman: float | None


@dataclass(frozen=True)
class GroupScore:
    """Scores of one group, raw and calibrated; `coverage` of its 90 % intervals."""

    group: str
    raw: Score
    calibrated: Score | None
    coverage: float | None
    in_domain: int


def score_groups(measured: Sequence[Measured]) -> list[GroupScore]:
    """Score all points, then those of each family, ion, and the points inside the domain."""
    groups: dict[str, list[Measured]] = {"all": list(measured)}
    for family in sorted({m.family for m in measured}):
        groups[family] = [m for m in measured if m.family == family]
    for ion in IONS:
        groups[ion] = [m for m in measured if m.point.ion == ion]
    if any(m.estimate for m in measured):
        groups["in domain"] = [m for m in measured if m.estimate and m.estimate.in_domain]
    return [_group(name, members) for name, members in groups.items() if members]


def _group(name: str, members: Sequence[Measured]) -> GroupScore:
    estimated = [m for m in members if m.estimate]
    inside = [m for m in estimated if m.estimate and m.estimate.in_domain]
    return GroupScore(
        group=name,
        raw=score(members, lambda m: m.e_ads_raw_ev),
        calibrated=score(estimated, lambda m: m.e_ads_ev) if estimated else None,
        coverage=_coverage(estimated),
        in_domain=len(inside),
    )


def score(members: Sequence[Measured], value: Value) -> Score:
    """Score one column against the reference over the points that have it."""
    return score_pairs([(v, m.point.e_ads_ref_ev) for m in members if (v := value(m)) is not None])


def score_pairs(pairs: Sequence[tuple[float, float]]) -> Score:
    """Score pairs of engine's and reference value, eV."""
    if not pairs:
        return Score(0, None, None, None)
    found, reference = np.array(pairs).T
    error = found - reference
    order = None
    if len(pairs) >= MIN_FOR_ORDER and np.ptp(found) and np.ptp(reference):
        order = float(spearmanr(found, reference).statistic)
    return Score(len(pairs), float(np.abs(error).mean()), float(error.mean()), order)


def _coverage(members: Sequence[Measured]) -> float | None:
    inside = [
        m.estimate.lower90_ev <= m.point.e_ads_ref_ev <= m.estimate.upper90_ev
        for m in members
        if m.estimate
    ]
    return float(np.mean(inside)) if inside else None
