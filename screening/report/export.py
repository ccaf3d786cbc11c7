"""Tables as files: CSV for spreadsheets, JSON for programs, Markdown for people, and others."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from screening import __version__
from screening.descriptors import column
from screening.errors import StoreError
from screening.files import write_atomic
from screening.ranking.rank import Ranked, Ranking, Unranked
from screening.report.tables import dictionary, entries, header, plain, records

Format = Literal["csv", "json", "md", "tex", "xlsx", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
MAP: Literal["chemiscope"] = "chemiscope"
"""Structures with their properties, written by `report.maps`: no table."""

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would run."""
_ESCAPES = {"&": "&amp;", "<": "&lt;", "://": "&#58;//", "www.": "www&#46;"}
_ESCAPES |= {character: "\\" + character for character in "\\|[]!`*_"}
"""What would be a tag, a link, a picture or another cell is text."""

_MARKDOWN = ("rank", "candidate", "family", "score")


def export(rankings: Sequence[Ranking], form: Format, path: Path) -> None:
    """Write the tables to a file; the same rankings always give the same bytes.

    Raises
    ------
    StoreError
        If the file cannot be written; nothing is left behind.
    """
    write_atomic(path, _writers()[form](rankings))


def format_of(path: Path) -> Format | Literal["chemiscope"]:
    """Return the format that a file's ending names.

    Raises
    ------
    StoreError
        If it names none, with those there are.
    """
    if path.name.lower().endswith((f".{MAP}.json", f".{MAP}.json.gz")):
        return MAP
    ending = path.suffix.lower().removeprefix(".")
    known: dict[str, Format] = {form: form for form in FORMATS}
    if ending not in known:
        allowed = ", ".join([*FORMATS, f"{MAP}.json", f"{MAP}.json.gz"])
        raise StoreError("is no format of a table", where=str(path), allowed=allowed)
    return known[ending]


def _writers() -> Mapping[Format, Callable[[Sequence[Ranking]], str | bytes]]:
    """Return a writer a format; those of other packages are imported when they are asked for."""
    from screening.report import binary, latex  # noqa: PLC0415 (they import from here)

    return {
        "csv": to_csv,
        "json": to_json,
        "md": to_markdown,
        "tex": latex.to_tex,
        "xlsx": binary.to_xlsx,
        "parquet": binary.to_parquet,
    }


def to_csv(rankings: Sequence[Ranking]) -> str:
    """Return the flat table as CSV; missing values are empty cells."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(dictionary())
    for ranking in rankings:
        writer.writerows(
            [None if value is None else inert(value) for value in line.values()]
            for line in records(entries(ranking))
        )
    return text.getvalue()


def to_json(rankings: Sequence[Ranking]) -> str:
    """Return levels, units, objectives, lines and site tables; missing values are null."""
    levels = {level.fingerprint: level for ranking in rankings for level in ranking.levels}
    document = {
        "format": "alkascreen-table",
        "format_version": 1,
        "alkascreen_version": __version__,
        "units": {column: unit for column, (unit, _) in dictionary().items() if unit},
        "levels": {fingerprint: asdict(level) for fingerprint, level in levels.items()},
        "objectives": {ranking.ion: _objectives(ranking) for ranking in rankings},
        "rows": [],
    }
    found = [entry for ranking in rankings for entry in entries(ranking)]
    rows = [_encoded(entry, line) for entry, line in zip(found, records(found), strict=True)]
    start, _, end = _indented(document, 0).rpartition("[]")
    return "".join((start, _listed(rows, 1), end, "\n"))


def to_markdown(rankings: Sequence[Ranking]) -> str:
    """Return one section an ion; each names its calculator, model, functional, dispersion."""
    return "\n".join(_section(ranking) for ranking in rankings)


def csv_text(lines: pd.DataFrame) -> str:
    """Return a table as CSV; missing values are empty cells.

    Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV
    Injection); numbers stay numbers.
    """
    # As objects: pandas would make numbers with a point of whole ones beside a missing value.
    columns = {name: pd.Series([inert(v) for v in lines[name]], dtype=object) for name in lines}
    return str(pd.DataFrame(columns).to_csv(index=False, lineterminator="\n"))


def inert(value: Any) -> Any:
    """Return a cell that no spreadsheet runs as a formula."""
    risky = isinstance(value, str) and value.strip().startswith(FORMULA)
    return f"'{value}" if risky else value


def _objectives(ranking: Ranking) -> dict[str, Any]:
    counted = {name: objective.model_dump() for name, objective in ranking.objectives.items()}
    return {"counted": counted, "dropped": list(ranking.dropped)}


def _encoded(entry: Ranked | Unranked, line: Mapping[str, Any]) -> str:
    """Return a line of the table with the tables of details behind it, as JSON."""
    details: dict[str, Sequence[Any]] = {"sites": (), "coverage": (), **entry.row.details}
    tables = (
        f'"{name}": {_listed([_indented(_detail(part), 4) for part in parts], 3)}'
        for name, parts in details.items()
    )
    text = _flat(line, 2).removesuffix("\n  }")
    return ",\n   ".join((text, *tables)) + "\n  }"


def _listed(parts: Sequence[str], depth: int) -> str:
    """Return a list as JSON, of parts that are JSON, indented by their depth."""
    if not parts:
        return "[]"
    gap = "\n" + " " * (depth + 1)
    return f"[{gap}{f',{gap}'.join(parts)}\n{' ' * depth}]"


def _indented(mapping: Mapping[str, Any], depth: int) -> str:
    """Return a mapping as JSON, indented."""
    if mapping and not any(isinstance(value, dict | list | tuple) for value in mapping.values()):
        return _flat(mapping, depth)
    text = json.dumps(mapping, indent=1, allow_nan=False, ensure_ascii=False)
    return text.replace("\n", "\n" + " " * depth)


def _flat(mapping: Mapping[str, Any], depth: int) -> str:
    """Return a mapping of plain values as JSON: by the encoder in C, which cannot indent."""
    gap = "\n" + " " * (depth + 1)
    return f"{{{gap}{_flat_encoder(depth).encode(mapping)[1:-1]}\n{' ' * depth}}}"


@cache
def _flat_encoder(depth: int) -> json.JSONEncoder:
    gap = ",\n" + " " * (depth + 1)
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(gap, ": "))


def _detail(part: Any) -> dict[str, Any]:
    """Return one detail flat; energies with their interval and the engine's own value."""
    flat: dict[str, Any] = {}
    for name, value in asdict(part).items():
        if name != "e_ads":
            flat[name] = plain(value)
            continue
        energy = column("e_ads_ev")
        flat |= dict.fromkeys((*energy.names, "in_domain"))
        if (found := part.e_ads) is not None:
            known = (found.number, found.lower90, found.upper90, found.raw)
            flat |= dict(zip(energy.names, map(plain, known), strict=True))
            flat["in_domain"] = found.in_domain
    return flat


def columns_for_people(ranking: Ranking) -> list[str]:
    """Return the columns that a table to be read shows: rank, what counts, intervals, remarks."""
    counted = [column(objective.column) for objective in ranking.objectives.values()]
    shown = [c for c in counted if c.name != "e_ads_ev"]
    level = ["level"] if len(ranking.levels) > 1 else []
    error = [name for c in counted if c.interval for name in (c.lower, c.upper)]
    error += ["rank_best", "rank_worst"] if error else []
    if not any(entry.row.calibration for entry in ranking.ranked):
        error = []
    columns = [*_MARKDOWN, "e_ads_ev", "site", "outcome", *(c.name for c in shown)]
    return [*columns, *error, *level, "flags", "reason"]


def _section(ranking: Ranking) -> str:
    columns = columns_for_people(ranking)
    lines = [f"## {ranking.ion}", "", *(f"- {line}" for line in header(ranking)), ""]
    lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for values in records(entries(ranking)):
        lines.append("| " + " | ".join(_cell(values[name]) for name in columns) + " |")
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    text = " ".join(str(value).split())
    return re.sub(r"[&<\\|\[\]!`*_]|://|\bwww\.", lambda found: _ESCAPES[found[0]], text)
