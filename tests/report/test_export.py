from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rows import LEVEL, OTHER_LEVEL, make_row

from screening.descriptors import Row, Value
from screening.descriptors.bound import SiteRow
from screening.errors import StoreError
from screening.ranking.rank import Ranking, rank
from screening.ranking.weights import load_weights
from screening.report.export import FORMATS, Format, export, to_csv, to_json, to_markdown


def rankings_of(*rows: Row) -> list[Ranking]:
    weights = load_weights()
    return [rank(rows, ion, weights, mix=True) for ion in ("Li", "Na", "K")]


def csv_lines(*rows: Row) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(rankings_of(*rows)))))


def test_csv_reads_back_as_written() -> None:
    (line,) = csv_lines(make_row(e_ads_ev=-0.25, site="hollow-1"))
    assert float(line["e_ads_ev"]) == pytest.approx(-0.25, abs=1e-12)
    assert (line["candidate"], line["ion"], line["rank"]) == ("host", "Li", "1")
    assert (line["converged"], line["status"]) == ("True", "ok")


def test_a_missing_value_is_an_empty_cell_in_csv() -> None:
    (line,) = csv_lines(make_row(e_ads_ev=None, barrier_ev=None, status="failed", reason="x"))
    assert [line[c] for c in ("e_ads_ev", "barrier_ev", "score", "rank")] == [""] * 4


def test_a_rank_stays_a_whole_number_beside_a_host_without_one() -> None:
    lines = csv_lines(make_row("a"), make_row("b", e_ads_ev=None, status="failed", reason="x"))
    assert [line["rank"] for line in lines] == ["1", ""]


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_text_cannot_run_as_a_formula(evil: str) -> None:
    (line,) = csv_lines(make_row(status="failed", reason=evil, e_ads_ev=None))
    assert line["reason"].startswith("'")


def test_csv_keeps_one_line_a_row_whatever_the_reason_holds() -> None:
    reason = 'line one\nline "two", three\u2028four\x1b[31m'
    text = to_csv(rankings_of(make_row(status="failed", reason=reason, e_ads_ev=None)))
    assert len(text.splitlines()) == 2


def test_json_has_units_levels_and_null_for_missing() -> None:
    rows = [make_row("a"), make_row("b", e_ads_ev=float("nan"), level=OTHER_LEVEL)]
    text = to_json(rankings_of(*rows))
    document = json.loads(text, parse_constant=pytest.fail)
    assert document["units"]["e_ads_ev"] == "eV"
    assert document["levels"][LEVEL.fingerprint]["functional"] == "EMT"
    assert document["levels"][OTHER_LEVEL.fingerprint]["dispersion"] == "d3bj"
    assert document["rows"][1]["e_ads_ev"] is None


def test_json_says_which_objectives_count_alike_for_all_ions() -> None:
    document = json.loads(to_json(rankings_of(make_row(), make_row(ion="Na", barrier_ev=None))))
    for ion in ("Li", "Na"):
        assert set(document["objectives"][ion]["counted"]) == {"affinity", "mobility"}
        assert document["objectives"][ion]["dropped"] == ["mixing", "solubility"]


def test_json_keeps_the_table_of_all_sites() -> None:
    sites = (
        SiteRow("hollow-1", Value(0.0, "engine"), "hollow-1", "kept", 0.01, 0.04),
        SiteRow("top-1", reason="engine failed"),
    )
    document = json.loads(to_json(rankings_of(make_row(sites=sites))))
    (row,) = document["rows"]
    assert [site["site"] for site in row["sites"]] == ["hollow-1", "top-1"]
    assert row["sites"][1]["e_ads_ev"] is None


def test_json_is_indented_as_the_standard_library_does() -> None:
    energy = Value(0.5, "calibrated", 0.4, 0.6, raw=0.3)
    sites = (SiteRow("top-1", energy, "top-1", "kept"), SiteRow("top-2", None, None, "failed"))
    for rows in ((), (make_row("ä", sites=sites, e_step_ev=(0.1, 0.2)), make_row("b", ion="Na"))):
        rankings = [ranking for ranking in rankings_of(*rows) if ranking.entries]
        text = to_json(rankings)
        again = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
        assert text == again + "\n"


def test_markdown_names_calculator_model_functional_and_dispersion() -> None:
    text = to_markdown(rankings_of(make_row(level=OTHER_LEVEL)))
    assert "calculator sevennet, model 7net-0, functional PBE, dispersion d3bj" in text


def test_markdown_survives_pipes_and_html_in_a_reason() -> None:
    row = make_row(status="failed", reason="a | <b> & c", e_ads_ev=None)
    text = to_markdown(rankings_of(row))
    assert "a \\| &lt;b> &amp; c" in text


def test_a_mixed_table_tells_each_row_apart() -> None:
    text = to_markdown(rankings_of(make_row("a"), make_row("b", level=OTHER_LEVEL)))
    for level in (LEVEL, OTHER_LEVEL):
        assert text.count(level.fingerprint) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_rows_in_any_order_give_the_same_bytes(form: Format, tmp_path: Path) -> None:
    rows = [make_row("a"), make_row("b", e_ads_ev=1.0), make_row("c", ion="K")]
    export(rankings_of(*rows), form, tmp_path / "one")
    export(rankings_of(*reversed(rows)), form, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("target", ["missing/table.csv", "folder", "file/table.csv"])
def test_an_unwritable_output_is_an_error_and_leaves_nothing(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("not a folder")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError, match="cannot write"):
        export(rankings_of(make_row()), "csv", tmp_path / target)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_old_table_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x" * 100_000)
    export(rankings_of(make_row()), "csv", path)
    assert path.read_text() == to_csv(rankings_of(make_row()))
    assert list(tmp_path.iterdir()) == [path]
