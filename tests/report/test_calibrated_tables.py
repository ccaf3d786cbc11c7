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


def ranking(**changes: object):
    rows = [make_row("raw", e_ads_ev=-0.4), make_row("done", e_ads_ev=-0.3, **changes)]
    return rank(rows, "Li", load_weights())


def text(**changes: object) -> str:
    console = Console(width=400, record=True, file=None)
    with console.capture() as captured:
        console.print(render(ranking(**changes)))
    return captured.get()


def test_the_order_follows_the_calibrated_value() -> None:
    assert [entry.row.candidate for entry in ranking(**CALIBRATED).ranked] == ["raw", "done"]


def test_the_header_says_how_many_values_are_calibrated_and_by_what() -> None:
    said = "calibrated to the reference level (model feedfeedfeedfeed) for 1 of 2 hosts"
    assert said in text(**CALIBRATED)
    assert said in to_markdown([ranking(**CALIBRATED)])


def test_bounds_and_raw_value_stand_beside_it() -> None:
    shown = text(**CALIBRATED)
    assert all(value in shown for value in ("-0.50", "-0.10", "-0.90"))


def test_without_calibration_nothing_is_said_about_it() -> None:
    assert "calibrat" not in text()
    assert "e_ads_raw_ev" not in text()


def test_the_csv_has_bounds_domain_and_model() -> None:
    header, *lines = to_csv([ranking(**CALIBRATED)]).splitlines()
    columns = header.split(",")
    done = dict(zip(columns, next(x for x in lines if "done" in x).split(","), strict=True))
    assert done["e_ads_lower90_ev"] == "-0.5"
    assert done["in_domain"] == "True"
    assert done["calibration"] == "feedfeedfeedfeed"
