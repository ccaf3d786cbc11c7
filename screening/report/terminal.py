"""A ranking in the terminal: what fits its width, most telling columns first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screening.descriptors import Column, column
from screening.ranking.rank import Ranked, Ranking
from screening.report.tables import header, record

WIDE = 1000
GAP = 2


@dataclass(frozen=True)
class _Shown:
    """A column of the terminal's table, made of one or two of the full table's.

    Attributes
    ----------
    names
        Columns of the full table, filled into `form`.
    need
        Small numbers are kept longest where the terminal is narrow.
    """

    title: str
    names: tuple[str, ...]
    form: str
    need: int
    right: bool = False

    def cell(self, values: Mapping[str, Any]) -> str:
        found = [values[name] for name in self.names]
        return "–" if None in found or "" in found else self.form.format(*found)


def render(ranking: Ranking, width: int = WIDE) -> Group:
    """Return the ranked hosts as a table, then those without a score with their reasons.

    Parameters
    ----------
    width
        Characters a line; columns that do not fit are left out, and a line says which.
    """
    parts: list[Table | Text] = [Text(ranking.ion, style="bold")]
    parts += [Text(line) for line in header(ranking)]
    level = _Shown("level", ("level",), "{}", 3)
    if ranking.ranked:
        shown = _columns(ranking) + ([level] if len(ranking.levels) > 1 else [])
        lines = [record(entry) for entry in ranking.ranked]
        remarks = [_text(name, 9) for name in ("flags", "reason") if any(x[name] for x in lines)]
        fitting = _fitting(shown, lines, width)
        notes = [line for entry in ranking.ranked for line in _remarks(entry)]
        inline = len(fitting) == len(shown) and (not remarks or width >= WIDE)
        parts.append(_table(lines, [*fitting, *(remarks if inline else [])]))
        left = [c.title for c in shown if c not in fitting]
        if left:
            parts.append(Text(f"not shown in {width} columns: {', '.join(left)}"))
        if not inline:
            parts += [Text(note) for note in notes]
    if ranking.unranked:
        parts.append(Text("Not ranked"))
        energy = _value(column("e_ads_ev"), 1)
        why = [_text("candidate", 0), energy, *([level] if len(ranking.levels) > 1 else [])]
        lines = [record(entry) for entry in ranking.unranked]
        parts.append(_table(lines, [*why, _text("reason", 2)]))
    return Group(*parts)


def _columns(ranking: Ranking) -> list[_Shown]:
    """Columns of the ranked table: the place, what counts with its interval, where the ion is."""
    counted = [column(objective.column) for objective in ranking.objectives.values()]
    others = [c for c in counted if c.name != "e_ads_ev"]
    calibrated = any(entry.row.calibration for entry in ranking.ranked)
    error = [c for c in counted if c.interval] if calibrated else []
    return [
        _Shown("rank", ("rank",), "{}", 0, right=True),
        _text("candidate", 0),
        _text("family", 5),
        _Shown("score", ("score",), "{:.3f}", 1, right=True),
        _value(column("e_ads_ev"), 1),
        _text("site", 6),
        _text("outcome", 4),
        *(_value(c, 2) for c in others),
        *(_interval(c, 4 if c.name == "e_ads_ev" else 6) for c in error),
        *([_raw(c) for c in error if c.name == "e_ads_ev"]),
        *([_Shown("ranks", ("rank_best", "rank_worst"), "{}–{}", 3, right=True)] if error else []),
    ]


def _text(name: str, need: int) -> _Shown:
    return _Shown(name, (name,), "{}", need)


def _value(known: Column, need: int) -> _Shown:
    return _Shown(known.name, (known.name,), known.form, need, right=True)


def _interval(known: Column, need: int) -> _Shown:
    title = known.lower.split("_lower90")[0] + "_90"
    form = f"{known.form} … {known.form}"
    return _Shown(title, (known.lower, known.upper), form, need, right=True)


def _raw(known: Column) -> _Shown:
    return _Shown(known.raw, (known.raw,), known.form, 7, right=True)


def _fitting(
    shown: Sequence[_Shown], lines: Sequence[Mapping[str, Any]], width: int
) -> list[_Shown]:
    """Leave out the least needed columns until the rest fits; the first two always stay."""
    kept = list(shown)

    def size(known: _Shown) -> int:
        return max(len(known.title), *(len(known.cell(line)) for line in lines)) + GAP

    while sum(map(size, kept)) - GAP > width and len(kept) > 2:
        worst = max(kept[2:], key=lambda known: (known.need, shown.index(known)))
        kept.remove(worst)
    return kept


def _remarks(entry: Ranked) -> list[str]:
    values = record(entry)
    known = "; ".join(filter(None, (values["flags"], values["reason"])))
    return [f"{entry.row.candidate}: {known}"] if known else []


def _table(lines: Sequence[Mapping[str, Any]], columns: Sequence[_Shown]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for known in columns:
        table.add_column(known.title, justify="right" if known.right else "left", overflow="fold")
    for line in lines:
        table.add_row(*(Text(known.cell(line)) for known in columns))
    return table
