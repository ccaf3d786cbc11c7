"""What the page says first: which hosts to make, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from screening.errors import InputError
from screening.ranking.across import Across, across
from screening.ranking.rank import Ranked, Ranking
from screening.ranking.robust import Robustness
from screening.report.page.cells import Counted
from screening.report.page.content import Head, Line
from screening.units import Ion

PICKS = 5
NEAR = 0.10
"""A host below the picks is named if it is in the top with this probability."""


@dataclass(frozen=True)
class Pick:
    """A host to make: how often the draws put it into the top, and what the score counts of it."""

    line: Line
    p_top: float | None
    reasons: tuple[tuple[Head, Counted], ...]


@dataclass(frozen=True)
class Verdict:
    """The decision for one ion.

    Attributes
    ----------
    top
        Ranks that count as the top.
    order
        What the errors leave of the order of the picks, in words.
    near
        Hosts below them that may be in the top, with the probability.
    ranked, apart, unranked
        Numbers of hosts.
    """

    ion: Ion
    picks: tuple[Pick, ...]
    top: int
    order: str
    near: tuple[tuple[Line, float], ...]
    ranked: int
    apart: int
    unranked: int


def verdicts(
    rankings: Sequence[Ranking],
    judged: Sequence[Robustness],
    heads: Sequence[Head],
    lines: Sequence[Line],
) -> list[Verdict]:
    """Return the decision for each ion that has a ranked host."""
    sure = {found.ranking.ion: found for found in judged}
    return [_verdict(r, sure.get(r.ion), heads, lines) for r in rankings if r.ranked]


def _verdict(
    ranking: Ranking, sure: Robustness | None, heads: Sequence[Head], lines: Sequence[Line]
) -> Verdict:
    chance = {id(h.entry.row): h.p_top for h in sure.hosts} if sure else {}
    ranked = [x for x in lines if x.row.ion == ranking.ion and x.rank is not None]
    picks = ranked[:PICKS]
    return Verdict(
        ranking.ion,
        tuple(
            Pick(x, chance.get(id(x.row)), tuple(zip(heads, x.counted, strict=True)))
            for x in picks
        ),
        sure.settings.top if sure else 0,
        _order([x.row.candidate for x in picks], sure) if sure else "",
        tuple(
            (x, chance[id(x.row)])
            for x in ranked[PICKS:]
            if chance.get(id(x.row), 0.0) >= NEAR
        ),
        len(ranking.ranked), len(ranking.apart), len(ranking.unranked),
    )  # fmt: skip


def _order(names: Sequence[str], sure: Robustness) -> str:
    """Say which neighbours among the picks are not told apart."""
    if len(names) < 2:
        return ""
    unresolved = {frozenset(pair[:2]) for pair in sure.unresolved}
    groups: list[list[str]] = [[names[0]]]
    for above, below in pairwise(names):
        if frozenset((above, below)) in unresolved:
            groups[-1].append(below)
        else:
            groups.append([below])
    loose = [group for group in groups if len(group) > 1]
    if not loose:
        return "Each ranks before the next with at least 95 % probability."
    told = "; ".join(f"{', '.join(group[:-1])} and {group[-1]}" for group in loose)
    return f"Order open between {told}."


def best_for_all(rankings: Sequence[Ranking]) -> list[Across]:
    """Return the hosts that are good for every ion, ranked apart for none; best first."""
    if len(rankings) < 2:
        return []
    try:
        found = across(rankings)
    except InputError:  # several levels share the page
        return []
    return [x for x in found if x.good and not x.apart and _all_ranked(x)][:PICKS]


def _all_ranked(line: Across) -> bool:
    return all(isinstance(entry, Ranked) for entry in line.entries.values())
