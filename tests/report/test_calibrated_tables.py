"""Calibrated values in the tables: counted, bounded, and never mistaken for raw ones."""

from __future__ import annotations

from rich.console import Console
from rows import make_row

from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.export import to_csv, to_markdown
from screening.report.terminal import render

CALIBRATED = {
    "e_ads_raw_ev": -0.9,
    "e_ads_lower90_ev": -0.5,
    "e_ads_upper90_ev": -0.1,
    "in_domain": True,
    "calibration": "feedfeedfeedfeed",
}


HOP = {
    "barrier_ev": 0.31,
    "barrier_raw_ev": 0.12,
    "barrier_lower90_ev": 0.26,
    "barrier_upper90_ev": 0.36,
}
"""A calibrated barrier."""


def ranking(**changes: object):
    rows = [make_row("raw", e_ads_ev=-0.4), make_row("done", e_ads_ev=-0.3, **changes)]
    return rank(rows, "Li", load_weights())


def text(**changes: object) -> str:
    console = Console(width=400, record=True, file=None)
    with console.capture() as captured:
        console.print(render(ranking(**changes)))
    return captured.get()


def test_a_raw_value_is_ranked_apart_from_the_calibrated_ones() -> None:
    found = ranking(**CALIBRATED)
    assert [entry.row.candidate for entry in found.ranked] == ["done"]
    assert [entry.row.candidate for entry in found.apart] == ["raw"]


def test_the_header_says_how_many_values_are_calibrated_and_by_what() -> None:
    said = "calibrated to the reference level (model feedfeedfeedfeed) for 1 of 2 hosts"
    assert said in text(**CALIBRATED)
    assert said in to_markdown([ranking(**CALIBRATED)])


def test_bounds_and_raw_value_stand_beside_it() -> None:
    shown = text(**CALIBRATED)
    assert all(value in shown for value in ("-0.50", "-0.10", "-0.90"))


def test_the_interval_of_a_calibrated_barrier_stands_beside_it() -> None:
    shown = text(**CALIBRATED, **HOP)
    assert "barrier_90" in shown
    assert "0.26 … 0.36" in shown


def test_a_barrier_that_is_raw_beside_a_calibrated_energy_has_no_interval() -> None:
    flag = "barrier_ev is raw, a structure on the path is unlike every training host"
    shown = text(**CALIBRATED, barrier_ev=0.31, flags=(flag,))
    (line,) = [line for line in shown.splitlines() if flag in line]
    assert "0.31" in line
    assert line.count("…") == 1


def test_without_calibration_nothing_is_said_about_it() -> None:
    assert "calibrat" not in text()
    assert all(name not in text() for name in ("e_ads_raw_ev", "e_ads_90", "barrier_90"))


def lines_of_csv(**changes: object) -> dict[str, dict[str, str]]:
    header, *lines = to_csv([ranking(**changes)]).splitlines()
    found = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    return {line["candidate"]: line for line in found}


def test_the_csv_has_bounds_domain_and_model() -> None:
    done = lines_of_csv(**CALIBRATED)["done"]
    assert done["e_ads_lower90_ev"] == "-0.5"
    assert done["in_domain"] == "True"
    assert done["calibration"] == "feedfeedfeedfeed"


def test_the_csv_has_the_raw_barrier_and_bounds_where_it_is_calibrated() -> None:
    columns = ("barrier_ev", "barrier_raw_ev", "barrier_lower90_ev", "barrier_upper90_ev")
    lines = lines_of_csv(**CALIBRATED, **HOP)
    assert [lines["done"][name] for name in columns] == ["0.31", "0.12", "0.26", "0.36"]
    assert [lines["raw"][name] for name in columns] == ["0.4", "", "", ""]
