"""How sure the order is: where errors and other weights would put each host, and what decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from screening.ranking.across import compare
from screening.ranking.rank import Ranking
from screening.ranking.robust import Robust, Robustness, robustness
from screening.ranking.smaa import Settings
from screening.report.order import in_words
from screening.units import Ion

TOP = 5
"""Ranks that count as the top, or half of all if these are fewer."""
LEADERS = 12
"""Hosts of each ion whose places are drawn."""
PAIRS = 20
"""Pairs that are named of those that are not told apart."""


@dataclass(frozen=True)
class Certainty:
    """The order of one ion under its errors and other weights (SMAA-2).

    Attributes
    ----------
    hosts
        Leaders by expected rank, each with the anchor of its section.
    open_pairs
        Pairs that are not told apart, with the probability of their order.
    n_open, n_pairs
        How many there are, and of how many.
    """

    ion: Ion
    settings: Settings
    hosts: tuple[tuple[str, Robust], ...]
    open_pairs: tuple[tuple[str, str, float], ...]
    n_open: int
    n_pairs: int


def judge(rankings: Sequence[Ranking]) -> list[Robustness]:
    """Judge the order of each ion that has two ranked hosts or more."""
    return [robustness(r, _settings(r)) for r in rankings if len(r.ranked) > 1]


def certainties(judged: Sequence[Robustness], keys: dict[str, str]) -> list[Certainty]:
    """Return what the page shows of each order."""
    return [_certainty(found, keys) for found in judged]


def _settings(ranking: Ranking) -> Settings:
    return Settings(top=min(TOP, (len(ranking.ranked) + 1) // 2))


def _certainty(found: Robustness, keys: dict[str, str]) -> Certainty:
    leaders = tuple((keys[h.entry.row.candidate], h) for h in found.hosts[:LEADERS])
    return Certainty(
        found.ranking.ion, found.settings, leaders, found.unresolved[:PAIRS],
        len(found.unresolved), found.pairs,
    )  # fmt: skip


def rivals(rankings: Sequence[Ranking]) -> dict[tuple[str, Ion], tuple[str, str]]:
    """Return, by host and ion, its rival in the order and what decides between them, in words.

    The rival is the host ranked next above; that of the first is the second.
    """
    found: dict[tuple[str, Ion], tuple[str, str]] = {}
    for ranking in rankings:
        rows = Counter(entry.row.candidate for entry in ranking.entries)
        names = [e.row.candidate for e in ranking.ranked if rows[e.row.candidate] == 1]
        for above, below in pairwise(names):
            words = "\n".join(in_words(compare(ranking, above, below)))
            found[below, ranking.ion] = above, words
            found.setdefault((above, ranking.ion), (below, words))
    return found
