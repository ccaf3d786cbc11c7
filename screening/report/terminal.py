"""A ranking in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screening.ranking.rank import Ranked, Ranking, Unranked
from screening.report.tables import header, record

_FORMATS = {"score": "{:.3f}", "e_ads_ev": "{:+.2f}", "barrier_ev": "{:.2f}"}
_FORMATS["e_ads_raw_ev"] = "{:+.2f}"
_RANGES = {
    "e_ads_90": ("e_ads_lower90_ev", "e_ads_upper90_ev", "{:+.2f} … {:+.2f}"),
    "barrier_90": ("barrier_lower90_ev", "barrier_upper90_ev", "{:.2f} … {:.2f}"),
    "ranks": ("rank_best", "rank_worst", "{}–{}"),
}
"""Columns that show two of the table's as one."""
_ERROR = ["e_ads_90", "e_ads_raw_ev", "barrier_90", "ranks"]
_RIGHT = {"rank", *_FORMATS, *_RANGES}
_RANKED = ("rank", "candidate", "family", "score", "e_ads_ev", "site", "outcome", "barrier_ev")


def render(ranking: Ranking) -> Group:
    """Return the ranked hosts as a table, then those without a score with their reasons."""
    parts: list[Table | Text] = [Text(ranking.ion, style="bold")]
    parts += [Text(line) for line in header(ranking)]
    level = ["level"] if len(ranking.levels) > 1 else []
    calibrated = any(entry.row.calibration for entry in ranking.ranked)
    error = _ERROR if calibrated else []
    if ranking.ranked:
        lines = [record(entry) for entry in ranking.ranked]
        remarks = [name for name in ("flags", "reason") if any(line[name] for line in lines)]
        parts.append(_table(ranking.ranked, [*_RANKED, *error, *level, *remarks]))
    if ranking.unranked:
        parts.append(Text("Not ranked"))
        parts.append(_table(ranking.unranked, ["candidate", "e_ads_ev", *level, "reason"]))
    return Group(*parts)


def _table(entries: Sequence[Ranked | Unranked], columns: list[str]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in _RIGHT else "left")
    for entry in entries:
        values = record(entry)
        table.add_row(*(Text(_cell(name, values)) for name in columns))
    return table


def _cell(column: str, values: Mapping[str, Any]) -> str:
    *names, form = _RANGES.get(column, (column, _FORMATS.get(column, "{}")))
    found = [values[name] for name in names]
    return "–" if None in found or "" in found else form.format(*found)
