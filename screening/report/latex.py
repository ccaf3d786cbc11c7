"""Tables for papers: LaTeX with booktabs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from screening.descriptors import all_columns
from screening.ranking.rank import Ranking
from screening.report.export import columns_for_people
from screening.report.tables import dictionary, entries, header, records

_SPECIAL = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "–": "--",
        "−": "$-$",
        "…": r"\dots{}",
        "Å": r"\AA{}",
        "²": "$^2$",
    }
)


def to_tex(rankings: Sequence[Ranking]) -> str:
    """Return one table an ion, with the level below it; needs the package booktabs."""
    head = "% \\usepackage{booktabs}\n"
    return head + "\n".join(_table(ranking) for ranking in rankings)


def _table(ranking: Ranking) -> str:
    lines = list(records(entries(ranking)))
    asked = columns_for_people(ranking)
    columns = [name for name in asked if any(line[name] not in {None, ""} for line in lines)]
    units = dictionary()
    heads = [escape(name) for name in columns]
    below = [f"({escape(units[name][0])})" if units[name][0] else "" for name in columns]
    numbers = {flat for column in all_columns() for flat in column.names} | {"rank", "score"}
    shape = "".join("r" if _numeric(name, lines, numbers) else "l" for name in columns)
    body = [" & ".join(_cell(line[name]) for name in columns) + r" \\" for line in lines]
    notes = " ".join(f"{escape(line)}." for line in header(ranking))
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            f"\\caption{{Hosts for {ranking.ion}. {notes}}}",
            f"\\begin{{tabular}}{{{shape}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            " & ".join(below) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _numeric(name: str, lines: Sequence[dict[str, Any]], numbers: set[str]) -> bool:
    return name in numbers and not any(isinstance(line[name], str | bool) for line in lines)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "--"
    if isinstance(value, float):
        return f"${value:.3f}$" if value < 0 else f"{value:.3f}"
    return escape(str(value))


def escape(text: str) -> str:
    """Return text that LaTeX typesets as it is."""
    return text.translate(_SPECIAL)
