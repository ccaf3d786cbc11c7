"""Tables of a real database, opened by the programs that people open them with.

Two hosts were screened, one failed, and one has text that attacks what shows it.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from markdown_it import MarkdownIt
from rows import make_row

from screening.ranking.rank import Ranking, rank
from screening.ranking.weights import load_weights
from screening.report.export import columns_for_people, export, format_of
from screening.report.schema import json_schema
from screening.report.tables import table

INERT = "'"
"""What stands before text that a spreadsheet would run."""


@pytest.fixture(scope="session")
def files(ranked: list[Ranking], tmp_path_factory) -> Path:
    """Return a folder with the tables in every format."""
    pytest.importorskip("openpyxl")
    pytest.importorskip("pyarrow")
    folder = tmp_path_factory.mktemp("tables")
    for form in ("csv", "json", "md", "tex", "xlsx", "parquet"):
        path = folder / f"hosts.{form}"
        named = format_of(path)
        assert named == form
        export(ranked, form, path)
    return folder


def same(found: object, expected: object) -> bool:
    """Whether a cell is what was written; numbers to what the reader's decimals hold."""
    if expected is None or expected == "":
        return found is None or found == "" or (isinstance(found, float) and math.isnan(found))
    if isinstance(expected, bool | str):
        return str(found).removeprefix(INERT) == str(expected).removeprefix(INERT)
    return float(found) == pytest.approx(expected, abs=1e-9)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_pandas_reads_every_cell_as_it_was_written(form, files: Path, ranked) -> None:
    path = files / f"hosts.{form}"
    # Text of ours is never the word for a missing value; only empty cells are missing.
    read = {
        "csv": lambda: pd.read_csv(path, keep_default_na=False, na_values=[""]),
        "xlsx": lambda: pd.read_excel(
            path, sheet_name="hosts", keep_default_na=False, na_values=[""]
        ),
        "parquet": lambda: pd.read_parquet(path),
    }[form]()
    expected = table(ranked)
    assert list(read.columns) == list(expected.columns)
    assert len(read) == len(expected) == 6
    for name in expected:
        pairs = zip(read[name], expected[name], strict=True)
        wrong = [(found, wanted) for found, wanted in pairs if not same(found, wanted)]
        assert wrong == [], name


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_columns_of_numbers_are_numbers_to_pandas(form, files: Path) -> None:
    """One host without a value turns no column into text."""
    path = files / f"hosts.{form}"
    reader = {"csv": pd.read_csv, "xlsx": pd.read_excel, "parquet": pd.read_parquet}[form]
    read = reader(path)
    for name, shape in json.loads(json_schema())["properties"].items():
        kinds = {part.get("type") for part in shape.get("anyOf", [shape])} - {"null"}
        if kinds <= {"number", "integer"} and read[name].notna().any():
            assert pd.api.types.is_numeric_dtype(read[name]), name


def test_every_line_of_the_json_is_valid_by_the_schema_that_is_exported(files: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    lines = json.loads((files / "hosts.json").read_text())["rows"]
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for line in lines for error in validator.iter_errors(line)] == []
    assert not validator.is_valid(lines[0] | {"e_ads_ev": "low"})
    assert not validator.is_valid({name: v for name, v in lines[0].items() if name != "ion"})


CELL = 4
"""Depth of a cell's text: below table, head or body, line, cell."""


def markdown_tables(text: str) -> list[list[list[str]]]:
    """Cells of all tables, as a Markdown reader shows them."""
    tables: list[list[list[str]]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type == "inline" and token.level == CELL:
            assert {child.type for child in token.children or []} <= {"text", "text_special"}
            tables[-1][-1].append("".join(child.content for child in token.children or []))
    return tables


def test_a_markdown_reader_sees_a_table_an_ion_and_nothing_but_text(files: Path, ranked) -> None:
    tables = markdown_tables((files / "hosts.md").read_text())
    assert len(tables) == len(ranked) == 2
    for shown, ranking in zip(tables, ranked, strict=True):
        columns = columns_for_people(ranking)
        assert shown[0] == columns
        assert {len(line) for line in shown} == {len(columns)}
        place = columns.index("candidate")
        names = [e.row.candidate for e in (*ranking.ranked, *ranking.apart, *ranking.unranked)]
        assert sorted(unescape(line[place]) for line in shown[1:]) == sorted(names)


LETTERS = "".join(map(chr, [*range(0xA1, 0x180), *range(0x391, 0x3CA), *range(0x2070, 0x20A0)]))
WORDS = "σ(111) 0.1 Å⁻² ≤ ΔE → n₂, é, 5 °C ± 1, 表"


def awkward() -> list[Ranking]:
    """Return a table with every character that TeX takes for its own, and some it lacks."""
    printable = "".join(map(chr, range(32, 127)))
    row = make_row("a", reason=f"{printable} {WORDS}", flags=(LETTERS,), status="partial")
    return [rank([row], "Li", load_weights())]


def test_latex_is_balanced_and_each_line_has_the_columns_of_its_table(files: Path) -> None:
    text = (files / "hosts.tex").read_text()
    bare = text.replace(r"\{", "").replace(r"\}", "").replace(r"\&", "").replace(r"\$", "")
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    for part in bare.split(r"\begin{tabular}{")[1:]:
        shape, _, rest = part.partition("}")
        body = rest.partition(r"\end{tabular}")[0]
        lines = [line for line in body.splitlines() if line.endswith(r"\\")]
        assert {line.count("&") for line in lines} == {len(shape) - 1}


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_latex_typesets_it_without_an_error(files: Path, tmp_path: Path) -> None:
    export(awkward(), "tex", tmp_path / "awkward.tex")
    shutil.copy(files / "hosts.tex", tmp_path)
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        "\\input{hosts}\\input{awkward}\n\\end{document}\n"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", "paper"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    log = (tmp_path / "paper.log").read_text(errors="replace")
    wrong = [line for line in log.splitlines() if line.startswith("!") or "Missing char" in line]
    assert wrong == []
    assert done.returncode == 0
