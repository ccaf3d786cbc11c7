"""How far an engine is from the reference: error, bias, order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, spearmanr

from screening.units import IONS
from screening.validation.measure import Measured

MIN_FOR_ORDER = 4
"""Fewer points have no order worth a number."""

TINY_EV = 1e-9

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
class IntervalScore:
    """How good the intervals of a group are.

    Attributes
    ----------
    coverage
        Share of points inside their 90 % interval.
    half_ev
        Mean half-width, eV.
    miscalibration
        Area between the share of points covered and the share promised, over all shares; 0 is
        perfect, 0.5 the worst (Kuleshov, Fenner & Ermon, ICML 2018; widths scaled as a normal's).
    order
        Spearman correlation of error and width; None where there are too few.
    domain_auc
        Chance that a point outside the domain has the larger error of it and one inside; None
        without both.
    """

    coverage: float
    half_ev: float
    miscalibration: float
    order: float | None
    domain_auc: float | None


@dataclass(frozen=True)
class GroupScore:
    """Scores of one group, raw and calibrated."""

    group: str
    raw: Score
    calibrated: Score | None
    intervals: IntervalScore | None
    in_domain: int

    @property
    def coverage(self) -> float | None:
        """Share of points inside their 90 % interval."""
        return self.intervals.coverage if self.intervals else None


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
        intervals=score_intervals(estimated),
        in_domain=len(inside),
    )


def score(members: Sequence[Measured], value: Value) -> Score:
    """Score one column against the reference over the points that have it."""
    return score_pairs([(v, m.e_ads_ref_ev) for m in members if (v := value(m)) is not None])


def score_pairs(pairs: Sequence[tuple[float, float]]) -> Score:
    """Score pairs of engine's and reference value, eV."""
    if not pairs:
        return Score(0, None, None, None)
    found, reference = np.array(pairs).T
    error = found - reference
    order = _order(found, reference)
    return Score(len(pairs), float(np.abs(error).mean()), float(error.mean()), order)


def score_intervals(members: Sequence[Measured]) -> IntervalScore | None:
    """Score the intervals of points that have an estimate; None if none has."""
    found = [(m.estimate, m.e_ads_ref_ev) for m in members if m.estimate]
    if not found:
        return None
    low, high, value, inside = np.array(
        [(e.lower90_ev, e.upper90_ev, e.e_ads_ev, e.in_domain) for e, _ in found]
    ).T
    reference = np.array([wanted for _, wanted in found])
    error, half = np.abs(value - reference), np.maximum((high - low) / 2, TINY_EV)
    outside = error[inside == 0], error[inside == 1]
    return IntervalScore(
        coverage=float(((low <= reference) & (reference <= high)).mean()),
        half_ev=float(half.mean()),
        miscalibration=_area(error / half),
        order=_order(error, half),
        domain_auc=_auc(*outside) if all(map(len, outside)) else None,
    )


def _area(scaled: np.ndarray) -> float:
    """Miscalibration area of errors in units of their 90 % half-width."""
    promised = np.linspace(0.01, 0.99, 99)
    widths = norm.ppf((1 + promised) / 2) / norm.ppf(0.95)
    covered = (scaled[:, None] <= widths).mean(axis=0)
    return float(np.abs(covered - promised).mean())


def _order(one: np.ndarray, two: np.ndarray) -> float | None:
    if len(one) < MIN_FOR_ORDER or not np.ptp(one) or not np.ptp(two):
        return None
    return float(spearmanr(one, two).statistic)


def _auc(larger: np.ndarray, smaller: np.ndarray) -> float:
    """Area under the receiver's curve: Mann & Whitney's U over the number of pairs."""
    above = (larger[:, None] > smaller).mean() + 0.5 * (larger[:, None] == smaller).mean()
    return float(above)
