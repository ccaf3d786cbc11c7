"""The alkali-philicity score and the order of hosts for one ion. Formula: docs/ranking.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from screening.descriptors import Row, descriptors
from screening.ranking.desirability import geometric_mean, log_desirability
from screening.ranking.levels import require_one_level
from screening.ranking.weights import Objective, Weights
from screening.structure.level import Level
from screening.units import Ion


@dataclass(frozen=True)
class Ranked:
    """A host with a score.

    Attributes
    ----------
    score
        Weighted geometric mean of the desirabilities, 0 to 1.
    rank
        1 is best; hosts of equal score share the better rank.
    score_lower90, score_upper90
        The score with every descriptor at the worse, and at the better, end of its 90 % interval;
        None where no descriptor has one.
    rank_best, rank_worst
        Ranks that the intervals of this and all other hosts leave open; None as above.
    """

    row: Row
    score: float
    rank: int
    score_lower90: float | None = None
    score_upper90: float | None = None
    rank_best: int | None = None
    rank_worst: int | None = None


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
        Those that count, by name.
    dropped
        Names of objectives for which no host of this ion has a value.
    """

    ion: Ion
    levels: tuple[Level, ...]
    objectives: Mapping[str, Objective]
    dropped: tuple[str, ...]
    ranked: tuple[Ranked, ...]
    unranked: tuple[Unranked, ...]


def rank(rows: Iterable[Row], ion: Ion, weights: Weights, *, mix: bool = False) -> Ranking:
    """Score and order the hosts of one ion.

    An objective for which no host of the ion has a value is dropped; a host that lacks a value
    which others have is listed apart with the reason, never scored as 0.

    Raises
    ------
    LevelError
        If the ion's rows have several levels and `mix` is false.
    """
    mine = sorted((row for row in rows if row.ion == ion), key=_identity)
    levels = require_one_level(mine, mix=mix)
    unfit = [_why_unfit(row) for row in mine]
    fit = [row for row, why in zip(mine, unfit, strict=True) if not why]
    active = {
        name: objective
        for name, objective in weights.objectives.items()
        if any(_value(row, objective) is not None for row in fit)
    }
    reasons = [why or _why_incomplete(row, active) for row, why in zip(mine, unfit, strict=True)]
    judged = list(zip(mine, reasons, strict=True))
    return Ranking(
        ion=ion,
        levels=levels,
        objectives=active,
        dropped=tuple(name for name in weights.objectives if name not in active),
        ranked=_ordered([row for row, why in judged if not why], active),
        unranked=tuple(Unranked(row, why) for row, why in judged if why),
    )


def score(row: Row, objectives: Mapping[str, Objective]) -> float:
    """Score of a row by the objectives that it has a value of: 0 (useless) to 1 (ideal)."""
    values = {o.column: value for o in objectives.values() if (value := _value(row, o)) is not None}
    return _score(values, objectives)


def _score(values: Mapping[str, float], objectives: Mapping[str, Objective]) -> float:
    counted = [o for o in objectives.values() if o.column in values]
    logs = [log_desirability(values[o.column], o.poor, o.good) for o in counted]
    return geometric_mean(logs, [objective.weight for objective in counted])


def score_bounds(row: Row, objectives: Mapping[str, Objective]) -> tuple[float, float] | None:
    """Score with all descriptors at the worse, and at the better, ends of their 90 % intervals.

    None if no descriptor has an interval. The score is monotonous in each descriptor, so the ends
    of its range are at ends of theirs.
    """
    worse: dict[str, float] = {}
    better: dict[str, float] = {}
    uncertain = False
    for objective in objectives.values():
        name = objective.column
        if (value := _value(row, objective)) is None:
            continue
        known = row.values[_taken(row, objective)]
        lower, upper = known.lower90, known.upper90
        worse[name] = better[name] = value
        if lower is not None and upper is not None:
            uncertain = True
            rising = objective.good > objective.poor
            worse[name], better[name] = (lower, upper) if rising else (upper, lower)
    return (_score(worse, objectives), _score(better, objectives)) if uncertain else None


def cautions(row: Row) -> tuple[str, ...]:
    """Return what to know before trusting a row that has a value; none for most."""
    if row["outcome"] == "reconstructed":
        return (*row.flags, "host reconstructed on adsorption: check its structure")
    return row.flags


def _ordered(rows: list[Row], objectives: Mapping[str, Objective]) -> tuple[Ranked, ...]:
    """Best first; `rows` come sorted by candidate and sorting is stable, so ties stay so."""
    scored = sorted(((score(row, objectives), row) for row in rows), key=lambda pair: -pair[0])
    ranked: list[Ranked] = []
    for position, (value, row) in enumerate(scored, start=1):
        tied = ranked and ranked[-1].score == value
        ranked.append(Ranked(row, value, ranked[-1].rank if tied else position))
    return _with_bounds(ranked, objectives)


def _with_bounds(
    ranked: Sequence[Ranked], objectives: Mapping[str, Objective]
) -> tuple[Ranked, ...]:
    """Add score bounds, and the ranks they leave open: hosts certainly better, possibly better."""
    known = [score_bounds(entry.row, objectives) for entry in ranked]
    bounds = [b or (e.score, e.score) for b, e in zip(known, ranked, strict=True)]
    found = []
    for entry, mine, (lower, upper) in zip(ranked, known, bounds, strict=True):
        if mine is None:
            found.append(entry)
            continue
        best = 1 + sum(low > upper for low, _ in bounds)
        worst = sum(high >= lower for _, high in bounds)
        found.append(
            replace(
                entry, score_lower90=lower, score_upper90=upper, rank_best=best, rank_worst=worst
            )
        )
    return tuple(found)


def _why_unfit(row: Row) -> str:
    """Return why no value of the row may be used; empty if they may."""
    if row.status == "failed":
        return row.reason or "failed without a reason"
    if row["outcome"] == "desorbed":
        return "the ion left the host: no bound site"
    if row["outcome"] == "reconstructed":
        return "the ion broke bonds of the host: e_ads_ev is the energy of that reaction"
    if row["e_ads_ev"] is not None and not row["converged"]:
        force = row["fmax_ev_a"]
        return "not converged" + ("" if force is None else f" (largest force {force:.3f} eV/Å)")
    return ""


def _why_incomplete(row: Row, objectives: Mapping[str, Objective]) -> str:
    """Return which values of the row are missing and why; empty if none are."""
    missing = [
        o.column for o in objectives.values() if _value(row, o) is None and not _excused(row, o)
    ]
    if objectives and not missing:
        return ""
    return f"no {' and '.join(missing) or 'descriptor'}: {row.reason or 'not computed'}"


def _excused(row: Row, objective: Objective) -> bool:
    """Whether an optional objective does not apply to the host, as its descriptor has noted."""
    owner = next(
        name
        for name, known in descriptors().items()
        if any(column.name == objective.column for column in known.columns)
    )
    return objective.optional and any(note.startswith(f"{owner}:") for note in row.notes)


def _taken(row: Row, objective: Objective) -> str:
    """Return the first column of the objective that the row has a value of."""
    return next((c for c in objective.columns if row[c] is not None), objective.column)


def _value(row: Row, objective: Objective) -> float | None:
    """Return the row's value of the objective; None if it is missing or not a finite number."""
    value = row[_taken(row, objective)]
    return float(value) if value is not None and math.isfinite(value) else None


def _identity(row: Row) -> tuple[str, str, str]:
    return row.candidate, str(row.level), row.level.fingerprint
