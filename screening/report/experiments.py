"""A ranking against experiment in the terminal, beside the bare adatom's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screening.ranking.rank import Ranking
from screening.report.tables import plain
from screening.units import Ion
from screening.validation.experiments import (
    LEAST_SERIES,
    Agreement,
    Correlation,
    Experiments,
    PairResult,
    Series,
    Share,
    agreement,
    correlation,
)

Scores = Mapping[Ion, Mapping[str, float]]


def scores_of(rankings: Iterable[Ranking]) -> tuple[Scores, Scores]:
    """Return scores of ranked hosts by ion, and the same hosts by the bare adatom's energy."""
    rankings = tuple(rankings)
    scores = {r.ion: {entry.row.candidate: entry.score for entry in r.ranked} for r in rankings}
    adatoms = {
        r.ion: {
            entry.row.candidate: -entry.row["e_ads_ev"]
            for entry in r.ranked
            if entry.row["e_ads_ev"] is not None
        }
        for r in rankings
    }
    return scores, adatoms


def render(rankings: Sequence[Ranking], facts: Experiments) -> Group:
    """Return the shares of pairs right by ion and family, correlations, and the pairs wrong."""
    families = {e.row.candidate: e.row.family for r in rankings for e in r.ranked}
    both = scores_of(rankings)
    scored, bare = (agreement(scores, facts) for scores in both)
    table = _table("pairs", "right", "of", "no score", "bare adatom")
    for name, keep in _groups(scored, families):
        ours, theirs = scored.share(keep), bare.share(keep)
        table.add_row(name, str(ours.right), str(ours.scored), str(ours.missing), _share(theirs))
    parts: list[Table | Text] = [table, Text(), _correlations(both, facts.series, families)]
    if scored.wrong:
        parts += [Text(), Text("In the wrong order (better, worse):")]
        parts += [Text(plain(f"  {p.ion}  {p.better}  {p.worse}")) for p in scored.wrong]
    return Group(*parts)


def _groups(
    found: Agreement, families: Mapping[str, str]
) -> list[tuple[str, Callable[[PairResult], bool]]]:
    """Conditions on pairs: all, each ion, each family of the better host, each source."""
    ions = dict.fromkeys(pair.ion for pair in found.pairs)
    kinds = sorted({families[p.better] for p in found.pairs if p.better in families})
    sources = dict.fromkeys(pair.source for pair in found.pairs)
    return [
        ("all", lambda _: True),
        *((ion, partial(_of_ion, ion)) for ion in ions),
        *((kind, partial(_of_family, families, kind)) for kind in kinds),
        *((f"source {name}", partial(_of_source, name)) for name in sources),
    ]


def _of_ion(ion: Ion, pair: PairResult) -> bool:
    return pair.ion == ion


def _of_family(families: Mapping[str, str], kind: str, pair: PairResult) -> bool:
    return _is_of(families, kind, pair.better)


def _of_source(name: str, pair: PairResult) -> bool:
    return pair.source == name


def _correlations(
    both: tuple[Scores, Scores], series: Sequence[Series], families: Mapping[str, str]
) -> Table:
    """Of each series, and of the hosts of each family in it if they are enough."""
    table = _table("series", "hosts", "Spearman", "bare adatom")
    for entry in series:
        name = f"{entry.ion} {entry.quantity} ({entry.source})"
        kinds = sorted({families[host] for host in entry.values if host in families})
        conditions = [(name, lambda _: True)]
        if len(kinds) > 1:
            conditions += [(f"  {k}", partial(_is_of, families, k)) for k in kinds]
        for label, keep in conditions:
            ours, bare = (correlation(s.get(entry.ion, {}), entry, keep) for s in both)
            if keep is conditions[0][1] or ours.hosts >= LEAST_SERIES:
                table.add_row(plain(label), str(ours.hosts), _number(ours), _number(bare))
    return table


def _is_of(families: Mapping[str, str], kind: str, host: str) -> bool:
    return families.get(host) == kind


def _number(found: Correlation) -> str:
    return "–" if found.coefficient is None else f"{found.coefficient:+.2f}"


def _share(found: Share) -> str:
    return f"{found.right} of {found.scored}"


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left")
    return table
