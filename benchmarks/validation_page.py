"""The tables of docs/validation.md, made from the CSV files of `alkascreen validate`.

``python benchmarks/validation_page.py FOLDER PAGE`` replaces what stands between the page's
markers ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from screening.errors import InputError
from screening.files import write_atomic
from screening.report.validation import COLUMNS
from screening.units import IONS
from screening.validation.scores import Score, score_pairs

LITERATURE = "literature.csv"
WORST = 8
"""Hosts listed for the engine that is looked at in detail."""
DETAILED = "sevennet"
"""File of the default engine."""


def main(arguments: Sequence[str]) -> int:
    """Refresh the page and print what it was made from."""
    if len(arguments) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder, page = map(Path, arguments)
    try:
        write_atomic(page, filled(page.read_text(encoding="utf-8"), sections(folder), str(page)))
    except (InputError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def filled(text: str, parts: Mapping[str, str], where: str) -> str:
    """Return the page with each section put between its markers.

    Raises
    ------
    InputError
        If a marker is missing.
    """
    for name, part in parts.items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        found = re.search(re.escape(begin) + "(.*?)" + re.escape(end), text, re.DOTALL)
        if found is None:
            raise InputError(f"has no section {name}", where=where, allowed=f"{begin.strip()} …")
        text = text[: found.start(1)] + part + text[found.end(1) :]
    return text


def sections(folder: Path) -> dict[str, str]:
    """Return the Markdown of each section: engines, families, calibrated, worst, literature.

    Raises
    ------
    InputError
        If the folder has no results, or a file is not one of `alkascreen validate`.
    """
    engines = {path.stem: _read(path) for path in sorted(folder.glob("*.csv"))}
    literature = engines.pop(Path(LITERATURE).stem, pd.DataFrame())
    if not engines:
        raise InputError("has no results", where=str(folder), allowed="files of 'make validation'")
    worst = engines.get(DETAILED, next(iter(engines.values())))
    return {
        "engines": by_engine(engines.values(), "e_ads_raw_ev"),
        "families": by_family(engines.values()),
        "calibrated": by_engine((e for e in engines.values() if _calibrated(e)), "e_ads_ev"),
        "worst": worst_hosts(worst),
        "literature": published(literature),
    }


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except ValueError:
        table = pd.DataFrame()
    if path.name != LITERATURE and not set(COLUMNS) <= set(table.columns):
        raise InputError("is not a table of 'alkascreen validate'", where=str(path))
    return table


def _calibrated(table: pd.DataFrame) -> bool:
    return bool(table.lower90_ev.notna().any())


def by_engine(tables: Iterable[pd.DataFrame], column: str) -> str:
    """One line an engine: points, MAE, bias, order; then MAE and order by ion."""
    heads = ["engine", "points", "MAE", "bias", "Spearman"]
    heads += [f"{ion} MAE" for ion in IONS] + [f"{ion} Spearman" for ion in IONS]
    covers = column == "e_ads_ev"
    lines = []
    for table in tables:
        whole = _score(table, column)
        ions = [_score(table[table.ion == ion], column) for ion in IONS]
        cells = [_engine(table), f"{whole.count} of {len(table)}", *_numbers(whole)]
        cells += [_cell(s.mae_ev) for s in ions] + [_cell(s.spearman) for s in ions]
        lines.append([*cells, *_inside(table)] if covers else cells)
    return _markdown([*heads, "90 % covers", "in domain"] if covers else heads, lines)


def by_family(tables: Iterable[pd.DataFrame]) -> str:
    """One line an engine: MAE and bias of the raw values by family."""
    tables = list(tables)
    families = sorted({str(family) for table in tables for family in table.family.dropna()})
    lines = []
    for table in tables:
        scores = [_score(table[table.family == family], "e_ads_raw_ev") for family in families]
        cells = [f"{_cell(s.mae_ev)} ({_cell(s.bias_ev, sign=True)})" for s in scores]
        lines.append([_engine(table), *cells])
    return _markdown(["engine", *families], lines)


def worst_hosts(table: pd.DataFrame) -> str:
    """Hosts with the largest mean error of one engine, raw, and what the reference says there."""
    known = table.dropna(subset=["e_ads_raw_ev"])
    error = known.e_ads_raw_ev - known.e_ads_ref_ev
    hosts = pd.DataFrame(
        {"family": known.family, "host": known.host, "ref": known.e_ads_ref_ev, "error": error}
    ).groupby(["host", "family"], as_index=False)
    mean = hosts.agg(points=("error", "size"), ref=("ref", "mean"), error=("error", "mean"))
    order = mean.error.abs().sort_values(ascending=False, kind="stable").index[:WORST]
    lines = [
        [str(r.host), str(r.family), str(r.points), f"{r.ref:+.2f}", f"{r.error:+.2f}"]
        for r in mean.loc[order].itertuples()
    ]
    return _markdown(["host", "family", "points", "mean e_ads", "mean error"], lines)


def published(table: pd.DataFrame) -> str:
    """One line a published number that we have a value for."""
    heads = ["quantity", "host", "ion", "ours", "published", "difference", "engine", "differs in"]
    if table.empty:
        return _markdown([*heads, "source"], [])
    lines = []
    for _, row in table.dropna(subset=["ours"]).astype(object).fillna("").iterrows():
        bound = "≤ " if row["kind"] == "upper bound" else ""
        numbers = [f"{row.ours:+.2f}", f"{bound}{row.published:+.2f}", f"{row.difference:+.2f}"]
        engine = ":".join(str(part) for part in (row.calculator, row.model) if part)
        source = f"[{row.source}](https://doi.org/{row.doi})" if row.doi else str(row.source)
        recalled = " (recalled)" if row.confidence == "memory" else ""
        names = [str(row.quantity), str(row.host), str(row.ion)]
        lines.append([*names, *numbers, engine, str(row.differs_in), source + recalled])
    return _markdown([*heads, "source"], lines)


def _score(table: pd.DataFrame, column: str) -> Score:
    pairs = table[[column, "e_ads_ref_ev"]].dropna()
    return score_pairs(list(pairs.itertuples(index=False, name=None)))


def _inside(table: pd.DataFrame) -> list[str]:
    known = table.dropna(subset=["lower90_ev"])
    covered = known.e_ads_ref_ev.between(known.lower90_ev, known.upper90_ev)
    return [f"{covered.mean():.0%}", str(int(known.in_domain.astype(bool).sum()))]


def _engine(table: pd.DataFrame) -> str:
    """Name of the engine; marked where it aims at another functional than the reference."""
    engine, reference = str(table.engine.iloc[0]), str(table.reference.iloc[0])
    name, _, level = engine.partition(" (")
    functional = level.partition(",")[0]
    return f"`{name}`" if functional in reference else f"`{name}` (aims at {functional})"


def _numbers(score: Score) -> list[str]:
    return [_cell(score.mae_ev), _cell(score.bias_ev, sign=True), _cell(score.spearman)]


def _cell(value: float | None, *, sign: bool = False) -> str:
    if value is None:
        return "–"
    return f"{value:+.2f}" if sign else f"{value:.2f}"


def _markdown(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return "None yet.\n"
    rows = ["| " + " | ".join(cells) + " |" for cells in (heads, *lines)]
    rows.insert(1, "|" + "---|" * len(heads))
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
