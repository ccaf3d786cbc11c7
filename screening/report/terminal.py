"""A ranking in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screening.ranking.rank import Ranked, Ranking, Unranked
from screening.report.tables import header, record

_FORMATS = {"score": "{:.3f}", "e_ads_ev": "{:+.2f}", "barrier_ev": "{:.2f}"}
_ERROR = ("e_ads_lower90_ev", "e_ads_upper90_ev", "e_ads_raw_ev", "rank_best", "rank_worst")
_FORMATS |= dict.fromkeys(_ERROR[:3], "{:+.2f}") | dict.fromkeys(_ERROR[3:], "{}")
_RIGHT = {"rank", *_FORMATS}
_RANKED = ("rank", "candidate", "family", "score", "e_ads_ev", "site", "outcome", "barrier_ev")


def render(ranking: Ranking) -> Group:
    """Return the ranked hosts as a table, then those without a score with their reasons."""
    parts: list[Table | Text] = [Text(ranking.ion, style="bold")]
    parts += [Text(line) for line in header(ranking)]
    level = ["level"] if len(ranking.levels) > 1 else []
    calibrated = any(entry.row.calibration for entry in ranking.ranked)
    error = list(_ERROR) if calibrated else []
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
        table.add_row(*(Text(_cell(name, values[name])) for name in columns))
    return table


def _cell(column: str, value: object) -> str:
    if value is None or value == "":
        return "–"
    return _FORMATS.get(column, "{}").format(value)
