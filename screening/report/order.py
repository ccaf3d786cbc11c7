"""Views of an order of hosts: how sure it is, all ions at once, two hosts, other weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screening.descriptors import Row, column
from screening.ranking.across import GOOD, Across, Comparison, Contribution, across, moves
from screening.ranking.judged import taken
from screening.ranking.rank import Ranked, Ranking, Unranked
from screening.ranking.robust import RESOLVED, Robustness
from screening.report.tables import header

PAIRS_SHOWN = 10


def render_robust(found: Robustness) -> Group:
    """Return expected ranks with intervals, and the pairs that are not told apart."""
    settings, ranking = found.settings, found.ranking
    what = "values and weights" if settings.free else "values"
    table = _table(
        "expected", "rank 90 %", "candidate", "score", "P(1)", f"P(top {settings.top})", "conf."
    )
    for host in found.hosts:
        confidence = "–" if host.confidence is None else f"{host.confidence:.2f}"
        table.add_row(
            f"{host.expected_rank:.1f}",
            f"{host.rank_lower90}–{host.rank_upper90}",
            Text(host.entry.row.candidate + ("*" if host.entry.apart else "")),
            f"{host.entry.score:.3f}",
            f"{host.p_first:.2f}",
            f"{host.p_top:.2f}",
            confidence,
        )
    share = f"{settings.family:g} of their variance within a family"
    lines = [
        f"SMAA-2: {settings.draws} draws of {what}, seed {settings.seed}; errors share {share}",
        f"conf.: probability of rank 1 at the weights that favour the host; {settings.top} best",
    ]
    pairs = [f"  {a} before {b}: {p:.2f}" for a, b, p in found.unresolved[:PAIRS_SHOWN]]
    more = len(found.unresolved) - len(pairs)
    tail = [f"Not told apart at {RESOLVED:.0%}: {len(found.unresolved)} of {found.pairs} pairs"]
    tail += pairs + ([f"  and {more} more"] if more else [])
    if ranking.apart:
        tail.append(f"Ranked apart, not drawn: {_names(e.row for e in ranking.apart)}")
    return Group(_title(ranking.ion), *_texts([*header(ranking), *lines]), table, *_texts(tail))


def render_across(rankings: Sequence[Ranking]) -> Group:
    """Return one line a host with the scores of all ions and their geometric mean."""
    ions = [ranking.ion for ranking in rankings]
    table = _table("candidate", *ions, "mean", "90 %", "good for all")
    apart, missing = [], []
    for line in across(rankings):
        if line.score is None:
            missing.append(line)
            continue
        ends = (line.score_lower90, line.score_upper90)
        table.add_row(
            Text(line.candidate + ("*" if line.apart else "")),
            *(_score(line.entries[ion]) for ion in ions),
            f"{line.score:.3f}",
            "–" if None in ends else "{:.2f} … {:.2f}".format(*ends),
            "yes" if line.good else "no",
        )
        if line.apart:
            apart.append(line)
    notes = [f"good for all: each score is {GOOD:g} or more"] + [
        f"* {line.candidate}, {ion}: {entry.apart}"
        for line in apart
        for ion, entry in line.entries.items()
        if isinstance(entry, Ranked) and entry.apart
    ]
    notes += [note for line in missing for note in _missing(line, ions)]
    head = _texts(header(rankings[0])) if rankings else []
    return Group(_title(", ".join(ions)), *head, table, *_texts(notes))


def render_moves(stated: Ranking, other: Ranking) -> Group:
    """Return the hosts in the order of other weights, with the places they win or lose."""
    table = _table("rank", "was", "moves", "candidate", "score", "was")
    for move in moves(stated, other):
        (before, after), (was, now) = move.ranks, move.scores
        table.add_row(
            "–" if after is None else str(after),
            "–" if before is None else str(before),
            "–" if move.places is None else f"{move.places:+d}" if move.places else "=",
            Text(move.candidate),
            "–" if now is None else f"{now:.3f}",
            "–" if was is None else f"{was:.3f}",
        )
    lines = [f"Stated weights: {_weights(stated)}", f"What if: {_weights(other)}"]
    return Group(_title(stated.ion), *_texts(lines), table)


def in_words(found: Comparison) -> Iterator[str]:
    """Say which of two hosts is better for one ion, what decides it, and how surely."""
    first, second = found.first, found.second
    names = (first.row.candidate, second.row.candidate)
    if isinstance(first, Unranked) or isinstance(second, Unranked):
        lacking = [e for e in (first, second) if isinstance(e, Unranked)]
        yield f"{found.ion}: no comparison"
        yield from (f"  {entry.row.candidate}: {entry.reason}" for entry in lacking)
        return
    ahead, behind = (first, second) if first.score >= second.score else (second, first)
    if first.score == second.score:
        yield f"{found.ion}: {names[0]} and {names[1]} score the same, {first.score:.3f}"
    else:
        yield (
            f"{found.ion}: {ahead.row.candidate} ({ahead.score:.3f}) before "
            f"{behind.row.candidate} ({behind.score:.3f})"
        )
    sign = 1.0 if ahead is first else -1.0
    for part in found.contributions:
        yield f"  {part.name}: {_speaks(part, sign, ahead, behind)}"
        cells = (_number(entry, found.ranking, part.name) for entry in (first, second))
        yield from (f"    {name}: {cell}" for name, cell in zip(names, cells, strict=True))
    yield from (
        f"  {e.row.candidate} is ranked apart: {e.apart}" for e in (first, second) if e.apart
    )
    if found.p_first is not None and found.p_first_any is not None:
        fixed, free = found.p_first, found.p_first_any
        if ahead is second:
            fixed, free = 1 - fixed, 1 - free
        yield (
            f"  {ahead.row.candidate} is better with probability {fixed:.2f} within the errors, "
            f"{free:.2f} if the weights are open too: "
            + ("told apart" if min(fixed, free) >= RESOLVED else "not told apart")
        )


def _speaks(part: Contribution, sign: float, ahead: Ranked, behind: Ranked) -> str:
    factor = part.difference * sign
    if abs(factor) < 1e-9:
        return "speaks for neither"
    host = ahead if factor > 0 else behind
    size = abs(factor)
    text = f"{math.exp(size):.2f}" if size < 5 else "over 100"
    return f"speaks for {host.row.candidate}, by a factor of {text} in the score"


def _number(entry: Ranked, ranking: Ranking, objective: str) -> str:
    name = taken(entry.row, ranking.objectives[objective])
    known = column(name)
    if objective in entry.filled:
        return f"no {name}; it counts as the median of all hosts that have it"
    if name not in entry.row.values:
        return f"{name} does not apply; the others decide"
    value = entry.row.values[name]
    text = f"{name} {known.form.format(value.number)} {known.unit}".rstrip()
    if value.lower90 is None or value.upper90 is None:
        return f"{text}, no interval known"
    ends = " to ".join(known.form.format(end) for end in (value.lower90, value.upper90))
    return f"{text}, 90 % from {ends}"


def _missing(line: Across, ions: Sequence[str]) -> Iterator[str]:
    for ion in ions:
        entry = next((e for name, e in line.entries.items() if name == ion), None)
        if entry is None:
            yield f"not ranked: {line.candidate}, {ion}: not screened"
        elif isinstance(entry, Unranked):
            yield f"not ranked: {line.candidate}, {ion}: {entry.reason}"


def _score(entry: Ranked | Unranked) -> str:
    return f"{entry.score:.3f}" if isinstance(entry, Ranked) else "–"


def _weights(ranking: Ranking) -> str:
    return ", ".join(f"{name} {o.weight:g}" for name, o in ranking.objectives.items()) or "nothing"


def _names(rows: Iterable[Row]) -> str:
    return ", ".join(row.candidate for row in rows)


def _title(text: str) -> Text:
    return Text(text, style="bold")


def _texts(lines: Sequence[str]) -> list[Text]:
    return [Text(line) for line in lines]


def _table(*titles: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in titles:
        left = title in {"candidate", "good for all"}
        table.add_column(title, justify="left" if left else "right", overflow="fold")
    return table
