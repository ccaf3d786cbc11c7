"""The alkali-philicity score and the order of hosts for one ion. Formula: docs/ranking.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from screening.descriptors import Row
from screening.ranking.desirability import geometric_mean, log_desirability
from screening.ranking.judged import applies, judged, value_of
from screening.ranking.levels import require_one_level
from screening.ranking.standing import why_apart, why_unfit
from screening.ranking.weights import Objective, Weights
from screening.structure.level import Level
from screening.units import Ion

Spread = Mapping[str, tuple[float, ...]]
"""By objective: sorted logarithms of the desirabilities of all hosts that have a value."""


@dataclass(frozen=True)
class Ranked:
    """A host with a score.

    Attributes
    ----------
    score
        Weighted geometric mean of the desirabilities, 0 to 1.
    rank
        1 is best; hosts of equal score share the better rank. Hosts apart have an order of their
        own.
    score_lower90, score_upper90
        The score with every descriptor at the worse, and at the better, end of its 90 % interval;
        None where no descriptor has one.
    rank_best, rank_worst
        Ranks that the intervals of this and all other hosts leave open; None as above.
    filled
        Objectives for which the host has no value: they count as the median of the hosts that have
        one, from the worst to the best of them.
    apart
        Why the host is not comparable with the others; empty if it is.
    pareto_layer
        1: no other host is at least as good in everything and better in something; 2: none but
        those of layer 1 …; None if not asked for or a value is missing.
    """

    row: Row
    score: float
    rank: int
    score_lower90: float | None = None
    score_upper90: float | None = None
    rank_best: int | None = None
    rank_worst: int | None = None
    filled: tuple[str, ...] = ()
    apart: str = ""
    pareto_layer: int | None = None


@dataclass(frozen=True)
class Unranked:
    """A host without a score, and why."""

    row: Row
    reason: str


@dataclass(frozen=True)
class Ranking:
    """All hosts screened for one ion, scored or with the reason why not.

    Attributes
    ----------
    objectives
        Those that count, by name; the first is decisive.
    dropped
        Names of objectives for which no host has a value with any ion.
    ranked
        Best first.
    apart
        Hosts with a score that is not comparable with those of `ranked`, in an order of their own.
    spread
        What missing values are drawn from.
    """

    ion: Ion
    levels: tuple[Level, ...]
    objectives: Mapping[str, Objective]
    dropped: tuple[str, ...]
    ranked: tuple[Ranked, ...]
    unranked: tuple[Unranked, ...]
    apart: tuple[Ranked, ...] = ()
    spread: Spread = field(default_factory=dict)

    @property
    def scored(self) -> tuple[Ranked, ...]:
        """Hosts with a score: those ranked, then those apart."""
        return (*self.ranked, *self.apart)

    @property
    def entries(self) -> tuple[Ranked | Unranked, ...]:
        """All hosts in the order of the tables."""
        return (*self.scored, *self.unranked)


def rank(
    rows: Iterable[Row], ion: Ion, weights: Weights, *, mix: bool = False, everything: bool = False
) -> Ranking:
    """Score and order the hosts of one ion.

    What counts is decided over the rows of all ions together, so that scores of Li, Na and K mean
    the same. An objective for which no row has a value is dropped; a host that lacks a value which
    others have takes their median and their range; one that lacks the first objective has no score.

    Parameters
    ----------
    rows
        Of all ions.
    everything
        Rank hosts among the others that would be ranked apart; they keep their mark.

    Raises
    ------
    LevelError
        If the ion's rows have several levels and `mix` is false.
    """
    return rank_ions(rows, (ion,), weights, mix=mix, everything=everything)[0]


def rank_ions(
    rows: Iterable[Row],
    ions: Iterable[Ion],
    weights: Weights,
    *,
    mix: bool = False,
    everything: bool = False,
) -> list[Ranking]:
    """Score and order the hosts of several ions; what they share is worked out once.

    Raises
    ------
    LevelError
        If an ion's rows have several levels and `mix` is false.
    """
    rows = list(rows)
    fields: dict[frozenset[str], _Field] = {}
    found = []
    for ion in ions:
        mine = sorted((row for row in rows if row.ion == ion), key=_identity)
        levels = require_one_level(mine, mix=mix)
        known = frozenset(level.fingerprint for level in levels)
        if known not in fields:
            alike = [row for row in rows if row.level.fingerprint in known]
            fields[known] = _field(alike, weights, everything=everything)
        found.append(_ranking(ion, mine, levels, fields[known], everything=everything))
    return found


@dataclass(frozen=True)
class _Field:
    """What rows of all ions say together.

    Attributes
    ----------
    unfit, apart
        By identity of the row, why no value of it may be used, and why it is ranked apart; the
        latter only of rows that are fit.
    """

    objectives: Mapping[str, Objective]
    dropped: tuple[str, ...]
    spread: Spread
    unfit: Mapping[int, str]
    apart: Mapping[int, str]


def _field(rows: Sequence[Row], weights: Weights, *, everything: bool) -> _Field:
    unfit = {id(row): why_unfit(row) for row in rows}
    fit = [row for row in rows if not unfit[id(row)]]
    apart = _apart(fit, weights)
    proper = [row for row, why in zip(fit, apart, strict=True) if everything or not why] or fit
    active = {
        name: objective
        for name, objective in weights.objectives.items()
        if any(value_of(row, objective) is not None for row in proper)
    }
    return _Field(
        objectives=active,
        dropped=tuple(name for name in weights.objectives if name not in active),
        spread={name: _spread(proper, objective) for name, objective in active.items()},
        unfit=unfit,
        apart={id(row): why for row, why in zip(fit, apart, strict=True)},
    )


def _ranking(
    ion: Ion, mine: Sequence[Row], levels: tuple[Level, ...], field: _Field, *, everything: bool
) -> Ranking:
    objectives = field.objectives
    reasons = [field.unfit[id(row)] or _why_incomplete(row, objectives) for row in mine]
    scored = [
        _scored(row, objectives, field.spread, field.apart[id(row)])
        for row, why in zip(mine, reasons, strict=True)
        if not why
    ]
    return Ranking(
        ion=ion,
        levels=levels,
        objectives=objectives,
        dropped=field.dropped,
        ranked=_ordered([entry for entry in scored if everything or not entry.apart]),
        unranked=tuple(Unranked(r, why) for r, why in zip(mine, reasons, strict=True) if why),
        apart=_ordered([entry for entry in scored if entry.apart and not everything]),
        spread=field.spread,
    )


def _apart(fit: Sequence[Row], weights: Weights) -> list[str]:
    """Return for each row why it is ranked apart, empty if it is not."""
    columns = [objective.column for objective in weights.objectives.values()]
    decisive = next((c for c in columns if any(row[c] is not None for row in fit)), columns[0])
    values = [row.values.get(decisive) for row in fit]
    calibrated = any(value is not None and value.in_domain for value in values)
    return [why_apart(r, decisive, weights.max_host_disp_a, calibrated=calibrated) for r in fit]


def _spread(rows: Iterable[Row], objective: Objective) -> tuple[float, ...]:
    values = [value for row in rows if (value := value_of(row, objective)) is not None]
    return tuple(sorted(log_desirability(v, objective.poor, objective.good) for v in values))


def _scored(row: Row, objectives: Mapping[str, Objective], spread: Spread, apart: str) -> Ranked:
    """Score a row: monotonous in each descriptor, so that its ends are at ends of theirs."""
    counted = {name: o for name, o in objectives.items() if applies(row, o)}
    logs = [judged(row, objective, spread[name]) for name, objective in counted.items()]
    weights = [objective.weight for objective in counted.values()]
    middle, lower, upper = zip(*logs, strict=True)
    score = geometric_mean(middle, weights)
    filled = tuple(name for name, o in counted.items() if value_of(row, o) is None)
    if not filled and lower == upper:
        return Ranked(row, score, 0, apart=apart)
    worse, better = (geometric_mean(part, weights) for part in (lower, upper))
    return Ranked(row, score, 0, worse, better, filled=filled, apart=apart)


def _ordered(entries: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Best first; entries come sorted by candidate and sorting is stable, so ties stay so.

    The ranks that the bounds leave open follow from the hosts certainly and possibly better.
    """
    entries = sorted(entries, key=lambda entry: -entry.score)
    lower = [e.score if e.score_lower90 is None else e.score_lower90 for e in entries]
    upper = [e.score if e.score_upper90 is None else e.score_upper90 for e in entries]
    best = 1 + len(entries) - np.searchsorted(np.sort(lower), upper, side="right")
    worst = len(entries) - np.searchsorted(np.sort(upper), lower, side="left")
    found: list[Ranked] = []
    places = zip(entries, best.tolist(), worst.tolist(), strict=True)
    for position, (entry, *places_open) in enumerate(places, start=1):
        tied = found and found[-1].score == entry.score
        place = found[-1].rank if tied else position
        ends = (None, None) if entry.score_lower90 is None else places_open
        found.append(replace(entry, rank=place, rank_best=ends[0], rank_worst=ends[1]))
    return tuple(found)


def _why_incomplete(row: Row, objectives: Mapping[str, Objective]) -> str:
    """Return why the row has no score; empty if it has the decisive value."""
    decisive = next(iter(objectives.values()), None)
    if decisive is not None and value_of(row, decisive) is not None:
        return ""
    missing = "descriptor" if decisive is None else decisive.column
    return f"no {missing}: {row.reason or 'not computed'}"


def _identity(row: Row) -> tuple[str, str, str]:
    return row.candidate, str(row.level), row.level.fingerprint
