"""LaTeX, spreadsheets and Parquet: the same numbers, units and level, and nothing that runs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rows import LEVEL, make_row

from screening.descriptors import Row
from screening.errors import StoreError
from screening.ranking.rank import Ranking, rank
from screening.ranking.weights import load_weights
from screening.report.export import FORMATS, export, format_of
from screening.report.latex import escape, to_tex
from screening.report.schema import json_schema
from screening.report.tables import dictionary, table


def rankings_of(*rows: Row) -> list[Ranking]:
    return [rank(rows, "Li", load_weights(), mix=True)]


def workbook(*rows: Row):
    openpyxl = pytest.importorskip("openpyxl", reason="extra report is not installed")
    from screening.report.binary import to_xlsx

    return openpyxl.load_workbook(io.BytesIO(to_xlsx(rankings_of(*rows))))


def parquet(*rows: Row):
    arrow = pytest.importorskip("pyarrow.parquet", reason="extra report is not installed")
    from screening.report.binary import to_parquet

    return arrow.read_table(io.BytesIO(to_parquet(rankings_of(*rows))))


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1"])
def test_no_cell_of_a_spreadsheet_is_a_formula(evil: str) -> None:
    row = make_row(evil, family=evil, flags=(evil,), status="partial", reason=evil)
    for sheet in workbook(row):
        for cell in (cell for line in sheet for cell in line):
            assert cell.data_type != "f"
            assert not (isinstance(cell.value, str) and cell.value[:1] in set("=+-@\t"))


def test_a_spreadsheet_has_the_table_the_units_and_the_levels() -> None:
    book = workbook(make_row("a", e_ads_ev=-0.25), make_row("b", e_ads_ev=None, status="failed"))
    heads = [cell.value for cell in book["hosts"][1]]
    first = dict(zip(heads, (cell.value for cell in book["hosts"][2]), strict=True))
    assert first["e_ads_ev"] == pytest.approx(-0.25, abs=1e-12)
    assert first["rank"] == 1
    second = dict(zip(heads, (cell.value for cell in book["hosts"][3]), strict=True))
    assert second["e_ads_ev"] is None
    units = {line[0].value: line[1].value for line in book["columns"]}
    assert units["e_ads_ev"] == "eV"
    assert book["levels"]["A2"].value == first["level"] == LEVEL.fingerprint


def test_parquet_reads_back_with_units_and_levels() -> None:
    lines = parquet(make_row("a", e_ads_ev=-0.25), make_row("b", e_ads_ev=None, status="failed"))
    assert lines.column("e_ads_ev").to_pylist() == [pytest.approx(-0.25), None]
    assert lines.schema.field("e_ads_ev").metadata[b"unit"] == b"eV"
    levels = json.loads(lines.schema.metadata[b"levels"])
    assert levels[LEVEL.fingerprint]["calculator"] == LEVEL.calculator


def test_latex_typesets_text_as_it_is() -> None:
    text = to_tex(rankings_of(make_row(r"a_b%$\input{x}", e_ads_ev=-0.25)))
    assert r"a\_b\%\$\textbackslash{}input\{x\}" in text
    assert r"\input" not in text
    assert "$-0.250$" in text
    assert r"\toprule" in text
    assert "(eV)" in text
    assert LEVEL.fingerprint in text


def test_latex_has_letters_of_our_field_and_names_those_that_it_lacks() -> None:
    assert escape("ΔE → n₂ σ") == r"$\Delta$E $\to$ n$_{2}$ $\sigma$"
    assert escape("Ångström, naïve, 表") == r"\AA{}ngström, naïve, [U+8868]"


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_rows_give_the_same_bytes(form, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    pytest.importorskip("pyarrow")
    for name in ("one", "two"):
        export(rankings_of(make_row("a"), make_row("b")), form, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_ending_names_the_format() -> None:
    assert [format_of(Path(f"x.{form}")) for form in FORMATS] == list(FORMATS)
    with pytest.raises(StoreError, match="csv, json, md, tex, xlsx, parquet"):
        format_of(Path("x.doc"))


def test_the_schema_tells_every_column_its_unit_and_a_type_that_fits() -> None:
    properties = json.loads(json_schema())["properties"]
    assert list(properties) == list(dictionary())
    assert properties["e_ads_ev"]["unit"] == "eV"
    assert {"type": "number"} in properties["e_ads_ev"]["anyOf"]
    kinds = {str: "string", float: "number", int: "integer", bool: "boolean"}
    (line,) = table(rankings_of(make_row())).to_dict("records")
    for name, value in line.items():
        shape = properties[name]
        allowed = {part["type"] for part in shape.get("anyOf", [shape])}
        kind = "null" if value is None else kinds[type(value)]
        assert kind in allowed or (kind == "integer" and "number" in allowed), name
