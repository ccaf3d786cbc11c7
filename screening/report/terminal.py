"""A ranking in the terminal: what fits its width, most telling columns first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.text import Text

from screening.descriptors import Column, column
from screening.ranking.rank import Ranked, Ranking
from screening.report.grid import GAP, Grid, GridColumn
from screening.report.tables import header, records

WIDE = 1000


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


LEVEL = _Shown("level", ("level",), "{}", 3)


def render(ranking: Ranking, width: int = WIDE) -> Group:
    """Return the ranked hosts as a table, those apart, then those without a score and why.

    Parameters
    ----------
    width
        Characters a line; columns that do not fit are left out, and a line says which.
    """
    parts: list[Grid | Text] = [Text(ranking.ion, style="bold")]
    parts += [Text(line) for line in header(ranking)]
    if ranking.ranked:
        parts += _ranked(ranking, ranking.ranked, width)
    if ranking.apart:
        parts.append(Text("Ranked apart (*): not comparable with the others; --all mixes them"))
        parts += _ranked(ranking, ranking.apart, width)
    if ranking.unranked:
        level = [LEVEL] if len(ranking.levels) > 1 else []
        parts.append(Text("Not ranked"))
        lines = list(records(ranking.unranked))
        why = [_text("candidate", 0), _value(column("e_ads_ev"), 1), *level, _text("reason", 2)]
        parts.append(Grid([_filled(known, lines) for known in why]))
    return Group(*parts)


def _ranked(ranking: Ranking, entries: Sequence[Ranked], width: int) -> list[Grid | Text]:
    shown = _columns(ranking) + ([LEVEL] if len(ranking.levels) > 1 else [])
    wanted = {"candidate", "flags", "reason", *(name for known in shown for name in known.names)}
    full = map(_marked, entries, records(entries))
    lines = [{name: line[name] for name in wanted} for line in full]  # not all of a row's cells
    remarks = [_text(name, 9) for name in ("flags", "reason") if any(x[name] for x in lines)]
    columns = {known: _filled(known, lines) for known in shown}
    fitting = _fitting(columns, width)
    inline = len(fitting) == len(columns) and (not remarks or width >= WIDE)
    beside = [_filled(known, lines) for known in remarks] if inline else []
    parts: list[Grid | Text] = [Grid([*(columns[known] for known in fitting), *beside])]
    left = [c.title for c in shown if c not in fitting]
    if left:
        parts.append(Text(f"not shown in {width} columns: {', '.join(left)}"))
    if not inline:
        parts += [Text(note) for line in lines for note in _remarks(line)]
    return parts


def _marked(entry: Ranked, line: dict[str, Any]) -> dict[str, Any]:
    """Return the line of a host; its rank bears the mark of those apart, its reason says why."""
    reason = "; ".join(filter(None, (entry.apart, line["reason"])))
    mark = "*" if entry.apart else ""
    place = {"rank_best": entry.rank_best, "rank_worst": entry.rank_worst}
    line |= place | {"rank": f"{entry.rank}{mark}", "reason": reason}
    return line


def _columns(ranking: Ranking) -> list[_Shown]:
    """Columns of the ranked table: the place, what counts with its interval, where the ion is."""
    counted = [column(objective.column) for objective in ranking.objectives.values()]
    others = [c for c in counted if c.name != "e_ads_ev"]
    calibrated = any(entry.row.calibration for entry in ranking.scored)
    error = [c for c in counted if c.interval] if calibrated else []
    open_ranks = any(entry.rank_best is not None for entry in ranking.scored)
    layers = any(entry.pareto_layer is not None for entry in ranking.scored)
    return [
        _Shown("rank", ("rank",), "{}", 0, right=True),
        _text("candidate", 0),
        _text("family", 5),
        _Shown("score", ("score",), "{:.3f}", 1, right=True),
        *([_Shown("layer", ("pareto_layer",), "{}", 1, right=True)] if layers else []),
        _value(column("e_ads_ev"), 1),
        _text("site", 6),
        _text("outcome", 4),
        *(_value(c, 2) for c in others),
        *(_interval(c, 4 if c.name == "e_ads_ev" else 6) for c in error),
        *([_raw(c) for c in error if c.name == "e_ads_ev"]),
        *([_Shown("ranks", ("rank_best", "rank_worst"), "{}–{}", 3, right=True)] * open_ranks),
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


def _filled(known: _Shown, lines: Sequence[Mapping[str, Any]]) -> GridColumn:
    return GridColumn(known.title, [known.cell(line) for line in lines], known.right)


def _fitting(columns: Mapping[_Shown, GridColumn], width: int) -> list[_Shown]:
    """Leave out the least needed columns until the rest fits; the first two always stay."""
    kept = list(columns)
    sizes = {k: max(len(k.title), *map(len, c.cells)) + GAP for k, c in columns.items()}
    while sum(sizes[known] for known in kept) - GAP > width and len(kept) > 2:
        worst = max(kept[2:], key=lambda known: (known.need, kept.index(known)))
        kept.remove(worst)
    return kept


def _remarks(line: Mapping[str, Any]) -> list[str]:
    known = "; ".join(filter(None, (line["flags"], line["reason"])))
    return [f"{line['candidate']}: {known}"] if known else []
