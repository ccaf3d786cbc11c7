"""Robustness of a ranking, and of the order over all ions: rows to arrays and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screening.descriptors import Row
from screening.ranking.judged import applies, taken, value_of
from screening.ranking.rank import Ranked, Ranking, Spread
from screening.ranking.smaa import NORMAL90, Acceptability, Problem, Settings, smaa
from screening.ranking.weights import Objective

RESOLVED = 0.95
"""Two hosts are told apart if one ranks before the other with this probability."""


@dataclass(frozen=True)
class Robust:
    """What the draws say of one host.

    Attributes
    ----------
    expected_rank, rank_lower90, rank_upper90
        Mean over draws and ends of the 90 % interval.
    p_first, p_top
        Probability of rank 1, and of the top ranks.
    ranks
        Rank acceptability indices: probability of rank 1, 2, … of the top.
    confidence
        Confidence factor; None if the host is never first, or is none of the leaders.
    central
        By objective: mean weights that put it first; None if none do.
    """

    entry: Ranked
    expected_rank: float
    rank_lower90: int
    rank_upper90: int
    p_first: float
    p_top: float
    ranks: tuple[float, ...]
    confidence: float | None
    central: Mapping[str, float] | None


@dataclass(frozen=True)
class Robustness:
    """A ranking under its errors and other weights.

    Attributes
    ----------
    hosts
        By expected rank.
    unresolved
        Pairs among the leaders that the draws do not tell apart, with the probability that the
        first of them ranks before the second.
    pairs
        How many pairs of leaders were looked at.
    """

    ranking: Ranking
    settings: Settings
    hosts: tuple[Robust, ...]
    unresolved: tuple[tuple[str, str, float], ...]
    pairs: int


def robustness(ranking: Ranking, settings: Settings) -> Robustness:
    """Judge the ranked hosts of one ion by SMAA-2; hosts apart are left out."""
    entries = ranking.ranked
    if not entries:
        return Robustness(ranking, settings, (), (), 0)
    found = smaa(problem([(e.row,) for e in entries], ranking.objectives, ranking.spread), settings)
    order = np.argsort(found.expected, kind="stable")
    names = [entries[i].row.candidate for i in found.leaders]
    count = len(names)
    unresolved = tuple(
        (names[i], names[j], float(found.wins[i, j]))
        for i in range(count)
        for j in range(i + 1, count)
        if 1 - RESOLVED < found.wins[i, j] < RESOLVED
    )
    hosts = tuple(_host(entries[i], int(i), found, ranking) for i in order)
    return Robustness(ranking, settings, hosts, unresolved, count * (count - 1) // 2)


def win_probability(first: Row, second: Row, ranking: Ranking, settings: Settings) -> float:
    """Probability that one host of a ranking scores better than another, ties half."""
    rows = [(first,), (second,)]
    found = smaa(problem(rows, ranking.objectives, ranking.spread), settings)
    place = list(found.leaders)
    return float(found.wins[place.index(0), place.index(1)])


def problem(
    rows: Sequence[Sequence[Row]], objectives: Mapping[str, Objective], spread: Spread
) -> Problem:
    """Return rows as arrays: hosts, of each its rows by ion in one order.

    A 90 % interval is read as 1.645 standard deviations on either side of the value.
    """
    chosen = list(objectives.values())
    cells = np.array([[[_cell(row, o) for o in chosen] for row in host] for host in rows])
    families = [host[0].family for host in rows]
    return Problem(
        values=cells[..., 0],
        below=cells[..., 1],
        above=cells[..., 2],
        poor=np.array([o.poor for o in chosen]),
        good=np.array([o.good for o in chosen]),
        weights=np.array([o.weight for o in chosen]),
        counts=np.array([[[applies(row, o) for o in chosen] for row in host] for host in rows]),
        families=np.unique(families, return_inverse=True)[1],
        others=tuple(np.array(spread[name]) for name in objectives),
    )


def _cell(row: Row, objective: Objective) -> tuple[float, float, float]:
    """Value, and standard deviation below and above it; NaN and 0 where missing."""
    if (value := value_of(row, objective)) is None:
        return float("nan"), 0.0, 0.0
    found = row.values[taken(row, objective)]
    if found.lower90 is None or found.upper90 is None:
        return value, 0.0, 0.0
    below, above = value - found.lower90, found.upper90 - value
    return value, max(below, 0.0) / NORMAL90, max(above, 0.0) / NORMAL90


def _host(entry: Ranked, index: int, found: Acceptability, ranking: Ranking) -> Robust:
    first = bool(found.ranks[index, 0])
    central = dict(zip(ranking.objectives, map(float, found.central[index]), strict=True))
    confidence = float(found.confidence[index])
    return Robust(
        entry,
        float(found.expected[index]),
        int(found.lower90[index]),
        int(found.upper90[index]),
        float(found.ranks[index, 0]),
        float(found.p_top[index]),
        tuple(map(float, found.ranks[index])),
        None if np.isnan(confidence) else confidence,
        central if first else None,
    )
