"""`alkascreen recompute` says value by value whether a row comes out again, with its exit code."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

DB = "results/alkascreen.db"


def test_a_row_comes_out_again_or_the_column_that_does_not_is_named(
    alkascreen, project: Path
) -> None:
    assert alkascreen("run", "workflows/tiny.yaml", "--jobs", "1").exit_code == 0
    found = alkascreen("recompute", "cu-111", "Li")
    assert found.exit_code == 0
    line = next(line for line in found.stdout.splitlines() if line.startswith("e_ads_ev"))
    assert line.split()[-2:] == ["+0", "same"]
    assert "values are the same within 0.002 eV" in found.stdout

    with closing(sqlite3.connect(project / DB)) as opened, opened:
        (text,) = opened.execute("SELECT record FROM alkascreen_rows").fetchone()
        start = text.index('"e_ads_ev"') + text[text.index('"e_ads_ev"') :].index('"value":') + 8
        end = min(text.index(stop, start) for stop in ",}" if stop in text[start:])
        number = float(text[start:end]) + 0.1
        changed = text[:start] + repr(number) + text[end:]
        opened.execute("UPDATE alkascreen_rows SET record = ?, seal = ''", (changed,))
    found = alkascreen("recompute", "cu-111", "Li")
    assert found.exit_code == 1
    assert "DIFFERS" in found.stdout
    assert "; not e_ads_ev" in found.stdout
    assert alkascreen("recompute", "cu-111", "Li", "--tolerance", "0.2").exit_code == 0


def test_what_is_not_there_is_wrong_input(alkascreen, database: Path) -> None:
    found = alkascreen("recompute", "nothing", "Li")
    assert (found.exit_code, "no value of nothing" in found.stderr) == (2, True)
    found = alkascreen("recompute", "strong", "Li")
    assert (found.exit_code, "not stored" in found.stderr) == (2, True)
    assert alkascreen("recompute", "strong", "Rb").exit_code == 2
