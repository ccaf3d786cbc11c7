"""The alkali-philicity score and the order of hosts for one ion. Formula: docs/ranking.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from screening.descriptors import Row, descriptors
from screening.ranking.desirability import geometric_mean, log_desirability
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
    rows = list(rows)
    mine = sorted((row for row in rows if row.ion == ion), key=_identity)
    levels = require_one_level(mine, mix=mix)
    known = {level.fingerprint for level in levels}
    fit = [row for row in rows if row.level.fingerprint in known and not why_unfit(row)]
    apart = _apart(fit, weights)
    proper = [row for row, why in zip(fit, apart, strict=True) if everything or not why] or fit
    active = {
        name: objective
        for name, objective in weights.objectives.items()
        if any(value_of(row, objective) is not None for row in proper)
    }
    spread = {name: _spread(proper, objective) for name, objective in active.items()}
    marks = {id(row): why for row, why in zip(fit, apart, strict=True)}
    reasons = [why_unfit(row) or _why_incomplete(row, active) for row in mine]
    scored = [
        _scored(row, active, spread, marks[id(row)])
        for row, why in zip(mine, reasons, strict=True)
        if not why
    ]
    return Ranking(
        ion=ion,
        levels=levels,
        objectives=active,
        dropped=tuple(name for name in weights.objectives if name not in active),
        ranked=_ordered([entry for entry in scored if everything or not entry.apart]),
        unranked=tuple(Unranked(r, why) for r, why in zip(mine, reasons, strict=True) if why),
        apart=_ordered([entry for entry in scored if entry.apart and not everything]),
        spread=spread,
    )


def value_of(row: Row, objective: Objective) -> float | None:
    """Return the row's value of the objective; None if it is missing or not a finite number."""
    value = row[taken(row, objective)]
    return float(value) if value is not None and math.isfinite(value) else None


def taken(row: Row, objective: Objective) -> str:
    """Return the first column of the objective that the row has a value of."""
    return next((c for c in objective.columns if row[c] is not None), objective.column)


def applies(row: Row, objective: Objective) -> bool:
    """Whether the objective counts for the host.

    An optional one does not where its descriptor has noted that it does not apply.
    """
    if not objective.optional or value_of(row, objective) is not None:
        return True
    owner = next(
        name
        for name, known in descriptors().items()
        if any(column.name == objective.column for column in known.columns)
    )
    return not any(note.startswith(f"{owner}:") for note in row.notes)


def judged(row: Row, objective: Objective, others: Sequence[float]) -> tuple[float, float, float]:
    """Return the logarithm of the desirability, and at the worse and better end of the interval.

    Parameters
    ----------
    others
        Sorted logarithms of the hosts that have a value: it stands for one that is missing.
    """
    if (value := value_of(row, objective)) is None:
        return median(others), others[0], others[-1]
    known = row.values[taken(row, objective)]
    lower, upper = known.lower90, known.upper90
    ends = (value, value) if lower is None or upper is None else (lower, upper)
    low, high = (log_desirability(end, objective.poor, objective.good) for end in ends)
    middle = log_desirability(value, objective.poor, objective.good)
    return middle, min(low, high, middle), max(low, high, middle)


def cautions(row: Row) -> tuple[str, ...]:
    """Return what to know before trusting a row that has a value; none for most."""
    if row["outcome"] == "reconstructed":
        return (*row.flags, "host reconstructed on adsorption: check its structure")
    return row.flags


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
    score, lower, upper = (geometric_mean(part, weights) for part in zip(*logs, strict=True))
    filled = tuple(name for name, o in counted.items() if value_of(row, o) is None)
    certain = not filled and all(low == high for _, low, high in logs)
    if certain:
        return Ranked(row, score, 0, apart=apart)
    return Ranked(row, score, 0, lower, upper, filled=filled, apart=apart)


def _ordered(entries: list[Ranked]) -> tuple[Ranked, ...]:
    """Best first; entries come sorted by candidate and sorting is stable, so ties stay so."""
    ranked: list[Ranked] = []
    for position, entry in enumerate(sorted(entries, key=lambda e: -e.score), start=1):
        tied = ranked and ranked[-1].score == entry.score
        ranked.append(replace(entry, rank=ranked[-1].rank if tied else position))
    return _with_bounds(ranked)


def _with_bounds(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Add the ranks that the bounds leave open: hosts certainly better, and possibly better."""
    ends = [(e.score if e.score_lower90 is None else e.score_lower90) for e in ranked]
    lower = np.sort(ends)
    ends = [(e.score if e.score_upper90 is None else e.score_upper90) for e in ranked]
    upper = np.sort(ends)
    found = []
    for entry in ranked:
        if entry.score_lower90 is None or entry.score_upper90 is None:
            found.append(entry)
            continue
        best = 1 + len(lower) - int(np.searchsorted(lower, entry.score_upper90, side="right"))
        worst = len(upper) - int(np.searchsorted(upper, entry.score_lower90, side="left"))
        found.append(replace(entry, rank_best=best, rank_worst=worst))
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
