"""The tables of docs/validation.md from the files of `alkascreen validate`."""

from __future__ import annotations

from pathlib import Path

import pytest
from reference_sets import LEVEL, frames, write_set
from rows import make_row

from benchmarks.validation_page import filled, main, sections
from screening.calculators import resolve
from screening.errors import InputError
from screening.report import literature, validation
from screening.surrogate.train import train
from screening.validation import measure, read_reference
from screening.validation.held_out import as_samples
from screening.validation.literature import compare, load_literature

EMT = resolve("emt")
PAGE = "".join(
    f"## {name}\n<!-- begin {name} -->\nold\n<!-- end {name} -->\n"
    for name in ("engines", "families", "calibrated", "worst", "literature")
)


@pytest.fixture
def measured(tmp_path: Path):
    return measure(read_reference(write_set(tmp_path / "s.extxyz", frames(lambda value: 0.2))), EMT)


@pytest.fixture
def folder(tmp_path: Path, measured) -> Path:
    folder = tmp_path / "validation"
    folder.mkdir()
    text = validation.to_csv(measured, "emt (PBE, dispersion none)", LEVEL)
    (folder / "emt.csv").write_text(text)
    (folder / "other.csv").write_text(text.replace("emt (PBE", "other (r2SCAN"))
    return folder


def test_every_engine_has_its_errors_and_another_functional_is_marked(folder) -> None:
    engines = sections(folder)["engines"].splitlines()
    assert engines[0].startswith("| engine | points | MAE | bias | Spearman | Li MAE")
    assert engines[2].startswith("| `emt` | 21 of 21 | 0.20 | -0.20 | 1.00 | 0.20 |")
    assert engines[3].startswith("| `other` (aims at r2SCAN) | 21 of 21 | 0.20 |")


def test_errors_by_family_and_the_worst_hosts(folder) -> None:
    parts = sections(folder)
    assert "| engine | metal |" in parts["families"]
    assert "| `emt` | 0.20 (-0.20) |" in parts["families"]
    lines = parts["worst"].splitlines()[2:]
    assert len(lines) == 7
    assert all(line.endswith("| -0.20 |") for line in lines)


def test_calibrated_engines_show_coverage(folder, measured) -> None:
    assert sections(folder)["calibrated"] == "None yet.\n"
    calibration = train(as_samples(measured), EMT.level(), LEVEL)
    again = measure(read_reference(folder.parent / "s.extxyz"), EMT, calibration)
    (folder / "emt.csv").write_text(validation.to_csv(again, str(EMT.level()), LEVEL))
    table = sections(folder)["calibrated"].splitlines()
    assert table[0].endswith("| 90 % covers | in domain |")
    assert "%" in table[2]


def test_published_numbers_are_linked_and_those_from_memory_marked(folder) -> None:
    row = make_row("graphene", e_ads_ev=0.1, ion="Na")
    found = compare([row], {}, load_literature())
    (folder / "literature.csv").write_text(literature.to_csv(found))
    table = sections(folder)["literature"]
    chan = next(line for line in table.splitlines() if "Chan" in line)
    assert "| +0.10 | +0.63 | -0.53 | emt |" in chan
    assert "https://doi.org/10.1103/PhysRevB.77.235430" in chan
    assert "(recalled)" in chan
    assert "cu-111" not in table


def test_only_what_is_between_the_markers_changes(folder, tmp_path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE + "written by hand\n")
    assert main([str(folder), str(page)]) == 0
    once = page.read_text()
    assert "old" not in once
    assert once.endswith("written by hand\n")
    assert main([str(folder), str(page)]) == 0
    assert page.read_text() == once


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "\x00"])
def test_a_file_of_something_else_is_refused(folder, tmp_path, content: str, capsys) -> None:
    (folder / "mine.csv").write_text(content)
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert main([str(folder), str(page)]) == 2
    assert "mine.csv" in capsys.readouterr().err
    assert page.read_text() == PAGE


def test_a_page_without_a_marker_and_a_folder_without_results_are_refused(folder, tmp_path) -> None:
    with pytest.raises(InputError, match="no section engines"):
        filled("nothing", sections(folder), "page.md")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no results"):
        sections(tmp_path / "empty")


def test_the_page_of_the_docs_has_every_section(folder) -> None:
    page = Path(__file__).parents[2] / "docs/validation.md"
    filled(page.read_text(), sections(folder), str(page))
