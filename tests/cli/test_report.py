"""`alkascreen report` and `plot`, and the formats of `export`, as a user calls them."""

from __future__ import annotations

import json

import pytest


def test_report_writes_one_page(alkascreen, database) -> None:
    result = alkascreen("report", "-o", "report.html")
    assert result.exit_code == 0
    assert "strong" in (database.parents[1] / "report.html").read_text()


@pytest.mark.parametrize("command", [("report",), ("plot", "heatmap"), ("export",)])
def test_another_ending_is_refused_with_those_there_are(alkascreen, database, command) -> None:
    result = alkascreen(*command, "-o", "x.docx")
    assert result.exit_code == 2
    assert "x.docx" in result.stderr
    assert not (database.parents[1] / "x.docx").exists()


@pytest.mark.parametrize("form", ["csv", "tex", "xlsx", "parquet"])
def test_export_takes_the_format_from_the_ending(alkascreen, database, form: str) -> None:
    assert alkascreen("export", "-o", f"x.{form}").exit_code == 0
    assert (database.parents[1] / f"x.{form}").stat().st_size > 500


def test_export_without_a_file_says_what_to_do(alkascreen, database) -> None:
    result = alkascreen("export")
    assert result.exit_code == 2
    assert "--schema" in result.stderr


def test_export_prints_the_schema_without_a_database(alkascreen, project) -> None:
    assert "e_ads_ev" in json.loads(alkascreen("export", "--schema").stdout)["properties"]


def test_a_figure_is_drawn(alkascreen, database) -> None:
    assert alkascreen("plot", "heatmap", "-o", "x.svg").exit_code == 0
    assert (database.parents[1] / "x.svg").read_text().startswith("<?xml")
