from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from rows import OTHER_LEVEL, make_row

from screening.pipeline.store import open_store


def read_csv(name: str) -> list[dict[str, str]]:
    with Path(name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_rank_prints_every_ion_that_has_rows(alkascreen, database) -> None:
    text = alkascreen("rank").stdout
    assert [line for line in text.splitlines() if line in {"Li", "Na", "K"}] == ["Li", "Na", "K"]


def test_rank_of_one_ion_prints_the_best_host_first_and_reasons_last(alkascreen, database) -> None:
    text = alkascreen("rank", "--ion", "Li").stdout
    assert text.index("strong") < text.index("weak") < text.index("engine failed")
    assert "Na" not in text.split()


def test_rank_names_calculator_functional_and_dispersion(alkascreen, database) -> None:
    assert "calculator emt, model –, functional EMT, dispersion none" in alkascreen("rank").stdout


def test_a_table_in_a_pipe_is_not_cut(alkascreen, project) -> None:
    reason = "because " * 100 + "end"
    store = open_store(str(project / "results/alkascreen.db"), create=True)
    store.save_row(make_row(e_ads_ev=None, status="failed", reason=reason))
    assert reason in alkascreen("rank").stdout


def test_rank_and_export_read_another_database(alkascreen, database: Path) -> None:
    moved = database.rename(database.with_name("other.db"))
    assert alkascreen("rank", "--db", moved).exit_code == 0
    assert alkascreen("rank").exit_code == 2


def test_weights_change_the_score(alkascreen, database, project: Path) -> None:
    (project / "w.yaml").write_text(
        "objectives: {affinity: {column: e_ads_ev, poor: 1.0, good: -0.5}}"
    )
    alkascreen("export", "--format", "csv", "-o", "default.csv")
    alkascreen("export", "--format", "csv", "-o", "own.csv", "--weights", "w.yaml")
    default, own = (read_csv(name)[0] for name in ("default.csv", "own.csv"))
    assert (default["candidate"], own["candidate"]) == ("strong", "strong")
    assert float(own["score"]) == pytest.approx(0.8)
    assert float(default["score"]) < 0.8


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_export_writes_each_format_and_nothing_else(alkascreen, database, form: str) -> None:
    before = set(database.parent.iterdir())
    output = database.with_name(f"table.{form}")
    result = alkascreen("export", "--format", form, "-o", output)
    assert result.exit_code == 0
    assert set(database.parent.iterdir()) - before == {output}
    assert "strong" in output.read_text()


def test_one_export_writes_several_files_by_their_endings(alkascreen, database, tmp_path) -> None:
    files = [tmp_path / name for name in ("a.csv", "b.json", "c.md")]
    result = alkascreen(
        "export", "--db", str(database), *(x for f in files for x in ("-o", str(f)))
    )
    assert result.exit_code == 0
    assert json.loads(files[1].read_text())["rows"]
    for file in files:
        alone = file.with_stem("alone")
        alkascreen("export", "--db", str(database), "-o", str(alone))
        assert alone.read_bytes() == file.read_bytes()
    many = ("-o", str(files[0]), "-o", str(files[1]))
    refused = alkascreen("export", "--db", str(database), "--format", "csv", *many)
    assert refused.exit_code == 2
    assert "--format" in refused.stderr


def test_export_has_a_line_for_every_row_with_its_reason(alkascreen, database) -> None:
    alkascreen("export", "--format", "csv", "-o", "table.csv")
    lines = read_csv("table.csv")
    assert len(lines) == 5
    (broken,) = [line for line in lines if line["candidate"] == "broken"]
    assert (broken["score"], broken["reason"]) == ("", "engine failed")


def test_exported_json_is_strict(alkascreen, database) -> None:
    alkascreen("export", "--format", "json", "-o", "table.json")
    document = json.loads(Path("table.json").read_text(), parse_constant=pytest.fail)
    assert len(document["rows"]) == 5


def test_levels_do_not_mix_unless_asked(alkascreen, database) -> None:
    open_store(str(database)).save_row(make_row("strong", level=OTHER_LEVEL))
    refused = alkascreen("rank", "--ion", "Li")
    assert refused.exit_code == 2
    assert "emt" in refused.stderr
    assert "sevennet:7net-0" in refused.stderr
    assert alkascreen("rank", "--ion", "Li", "--mix").exit_code == 0
    chosen = alkascreen("rank", "--ion", "Li", "--level", "sevennet")
    assert chosen.exit_code == 0
    assert "weak" not in chosen.stdout


def test_an_ion_without_rows_is_an_error(alkascreen, project) -> None:
    store = open_store(str(project / "results/alkascreen.db"), create=True)
    store.save_row(make_row(ion="Li"))
    result = alkascreen("rank", "--ion", "K")
    assert result.exit_code == 2
    assert "no results for K" in result.stderr


def test_reading_leaves_the_database_as_it_was(alkascreen, database: Path) -> None:
    before = database.read_bytes()
    alkascreen("rank")
    alkascreen("export", "--format", "md", "-o", "table.md")
    assert database.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (("--robust", "--draws", "100"), "SMAA-2: 100 draws"),
        (("--across",), "good for all"),
        (("--what-if", "plating-host"), "What if:"),
        (("--pareto",), "layer"),
        (("--weights", "balanced", "--weight", "mobility=0.5"), "weight 0.5"),
    ],
)
def test_every_view_of_a_ranking_names_the_best_host(
    alkascreen, database, options: tuple[str, ...], shown: str
) -> None:
    result = alkascreen("rank", *options)
    assert result.exit_code == 0
    assert shown in result.stdout
    assert "strong" in result.stdout


def test_compare_says_which_of_two_hosts_is_better_and_why(alkascreen, database) -> None:
    text = alkascreen("compare", "weak", "strong", "--ion", "Li").stdout
    assert text.startswith("Li: strong (")
    assert "affinity: speaks for strong" in text


@pytest.mark.parametrize(
    "options",
    [("--robust", "--across"), ("--across", "--ion", "Li"), ("--weight", "x=1")],
)
def test_options_that_do_not_go_together_are_one_line(alkascreen, database, options) -> None:
    result = alkascreen("rank", *options)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
