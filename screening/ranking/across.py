"""One line a host for all ions, what decides between two hosts, and what other weights move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screening.errors import InputError
from screening.ranking.judged import applies, judged
from screening.ranking.rank import Ranked, Ranking, Unranked
from screening.ranking.robust import win_probability
from screening.ranking.smaa import Settings
from screening.units import Ion

GOOD = 0.5
"""A host is good for an ion from this score on: half of what an ideal one has."""


@dataclass(frozen=True)
class Across:
    """A host with all ions.

    Attributes
    ----------
    entries
        By ion, ranked or not.
    score, score_lower90, score_upper90
        Geometric mean of the ions' scores, and of the ends of their intervals; None unless the
        host has a score with each ion.
    good
        Whether the host is good for every ion; None if a score is missing.
    apart
        Ions for which the host is ranked apart.
    """

    candidate: str
    family: str
    entries: Mapping[Ion, Ranked | Unranked]
    score: float | None
    score_lower90: float | None
    score_upper90: float | None
    good: bool | None
    apart: tuple[Ion, ...]


def across(rankings: Sequence[Ranking]) -> list[Across]:
    """Return one line a host: comparable ones best first, then those apart, then incomplete ones.

    Raises
    ------
    InputError
        If a host has several rows of one ion (levels are mixed).
    """
    hosts: dict[str, dict[Ion, Ranked | Unranked]] = {}
    for ranking in rankings:
        for entry in ranking.entries:
            mine = hosts.setdefault(entry.row.candidate, {})
            if ranking.ion in mine:
                raise InputError(
                    f"{entry.row.candidate} has several rows of {ranking.ion}", allowed="--level"
                )
            mine[ranking.ion] = entry
    lines = [_line(name, mine, len(rankings)) for name, mine in hosts.items()]
    return sorted(
        lines, key=lambda x: (x.score is None, bool(x.apart), -(x.score or 0.0), x.candidate)
    )


def _line(name: str, mine: Mapping[Ion, Ranked | Unranked], ions: int) -> Across:
    scored = [entry for entry in mine.values() if isinstance(entry, Ranked)]
    means: list[float | None] = [None, None, None]
    if len(scored) == ions:
        ends = [
            [e.score for e in scored],
            [e.score if e.score_lower90 is None else e.score_lower90 for e in scored],
            [e.score if e.score_upper90 is None else e.score_upper90 for e in scored],
        ]
        means = [math.prod(scores) ** (1 / ions) for scores in ends]
    return Across(
        name,
        next(iter(mine.values())).row.family,
        mine,
        score=means[0],
        score_lower90=means[1],
        score_upper90=means[2],
        good=all(e.score >= GOOD for e in scored) if len(scored) == ions else None,
        apart=tuple(i for i, e in mine.items() if isinstance(e, Ranked) and e.apart),
    )


@dataclass(frozen=True)
class Contribution:
    """What one objective does to the difference of two hosts.

    Attributes
    ----------
    logs
        Weighted logarithms of the desirability of either host: their sums over the objectives are
        the logarithms of the scores. 0 where the objective does not apply to a host.
    """

    name: str
    column: str
    logs: tuple[float, float]

    @property
    def difference(self) -> float:
        """How much it speaks for the first host, in the logarithm of the score."""
        return self.logs[0] - self.logs[1]


@dataclass(frozen=True)
class Comparison:
    """Two hosts with one ion.

    Attributes
    ----------
    first, second
        As they were named.
    contributions
        The most telling first; empty if one of them has no score.
    p_first, p_first_any
        Probability that the first scores better, over the values' errors at the stated weights, and
        over all weights.
    """

    ion: Ion
    ranking: Ranking
    first: Ranked | Unranked
    second: Ranked | Unranked
    contributions: tuple[Contribution, ...] = ()
    p_first: float | None = None
    p_first_any: float | None = None


def compare(ranking: Ranking, first: str, second: str) -> Comparison:
    """Say what decides between two hosts.

    Raises
    ------
    InputError
        If one of them has no row of the ion.
    """
    a, b = _find(ranking, first), _find(ranking, second)
    if isinstance(a, Unranked) or isinstance(b, Unranked):
        return Comparison(ranking.ion, ranking, a, b)
    logs = [_weighted(entry, ranking) for entry in (a, b)]
    parts = [
        Contribution(name, o.column, (logs[0].get(name, 0.0), logs[1].get(name, 0.0)))
        for name, o in ranking.objectives.items()
    ]
    parts.sort(key=lambda part: -abs(part.difference))
    fixed, free = (
        win_probability(a.row, b.row, ranking, Settings(draws=10_000, free=free))
        for free in (False, True)
    )
    return Comparison(ranking.ion, ranking, a, b, tuple(parts), fixed, free)


def _weighted(entry: Ranked, ranking: Ranking) -> dict[str, float]:
    """Weighted logarithms of the desirabilities that count for a host."""
    counted = {name: o for name, o in ranking.objectives.items() if applies(entry.row, o)}
    total = math.fsum(o.weight for o in counted.values())
    return {
        name: o.weight / total * judged(entry.row, o, ranking.spread[name])[0]
        for name, o in counted.items()
    }


def _find(ranking: Ranking, name: str) -> Ranked | Unranked:
    for entry in ranking.entries:
        if entry.row.candidate == name:
            return entry
    known = ", ".join(sorted(entry.row.candidate for entry in ranking.entries))
    raise InputError(f"no row of {name} with {ranking.ion}", allowed=known)


@dataclass(frozen=True)
class Move:
    """A host under stated and under other weights; a rank or score is None where it has none."""

    candidate: str
    ranks: tuple[int | None, int | None]
    scores: tuple[float | None, float | None]

    @property
    def places(self) -> int | None:
        """Places won, negative if lost; None if it has no rank under one of them."""
        before, after = self.ranks
        return None if before is None or after is None else before - after


def moves(stated: Ranking, other: Ranking) -> list[Move]:
    """Return where other weights put each host, in their order."""
    before, after = ({e.row.candidate: e for e in r.ranked} for r in (stated, other))
    names = [*after, *(name for name in before if name not in after)]
    return [_move(name, before.get(name), after.get(name)) for name in names]


def _move(name: str, before: Ranked | None, after: Ranked | None) -> Move:
    return Move(
        name,
        (before.rank if before else None, after.rank if after else None),
        (before.score if before else None, after.score if after else None),
    )
