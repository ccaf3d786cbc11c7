"""Rows of several workflows of one database: none erases another."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from screening.descriptors import (
    Found,
    Value,
    merged,
    row_as_json,
    row_from_json,
    row_from_text,
)
from screening.descriptors.bound import SiteRow
from screening.errors import InputError
from tests.rows import OTHER_LEVEL, make_row


def test_a_poorer_row_fills_gaps_and_erases_nothing() -> None:
    rich = make_row(e_ml_ev=0.5, force_calls={"adsorption": 10}, settings="rich")
    poor = make_row(e_ads_ev=-0.1, barrier_ev=None, misfit=0.02, settings="poor")
    for order in ([rich, poor], [poor, rich]):
        (row,) = merged(order)
        assert (row["e_ads_ev"], row["barrier_ev"], row["e_ml_ev"]) == (0.0, 0.4, 0.5)
        assert row["misfit"] == 0.02


def test_other_levels_ions_and_hosts_stay_apart() -> None:
    rows = [make_row("a"), make_row("b"), make_row("a", ion="Na"), make_row("a", level=OTHER_LEVEL)]
    assert len(merged(rows)) == 4


def test_of_a_host_that_was_built_otherwise_the_last_one_counts() -> None:
    old = make_row(host="old", e_ml_ev=0.5)
    new = make_row(host="new", e_ads_ev=-1.0)
    (row,) = merged([old, new])
    assert (row["e_ads_ev"], row["e_ml_ev"]) == (-1.0, None)


def test_what_was_computed_again_in_full_replaces_the_older_row_whatever_it_cost() -> None:
    old = make_row(e_hold_ev=0.19, solubility=1e-3, settings="s", force_calls={"reaction": 99})
    new = make_row(e_hold_ev=0.36, settings="s", force_calls={"reaction": 1})
    (row,) = merged([old, new])
    assert (row["e_hold_ev"], row["solubility"]) == (0.36, None)
    (row,) = merged([old, replace(new, status="partial")])
    assert row["solubility"] == 1e-3


def test_a_failure_does_not_hide_a_value() -> None:
    failed = make_row(e_ads_ev=None, barrier_ev=None, status="failed", reason="it broke")
    assert merged([make_row(), failed])[0].status == "ok"


def test_a_row_survives_json_with_its_details_and_their_types() -> None:
    site = SiteRow(
        "top-1", Value(0.1, "calibrated", 0.0, 0.2, raw=-0.3, task="t1"), "top-1", "kept"
    )
    row = make_row(sites=(site,), e_step_ev=(0.1, -0.2), e_ads_raw_ev=-0.3)
    assert row_from_json(row_as_json(row)) == row
    for separators in ((",", ":"), (", ", ": ")):  # as it is stored, and as anybody might write it
        assert row_from_text(json.dumps(row_as_json(row), separators=separators)) == row


def test_a_row_of_another_format_has_to_be_assembled_again() -> None:
    old = {**row_as_json(make_row()), "format": 0}
    assert row_from_json(old) is None
    assert row_from_text(json.dumps(old, separators=(",", ":"))) is None


def test_a_number_that_is_not_finite_is_not_read_and_a_reason_may_speak_of_one() -> None:
    row = make_row(reason="the engine gave NaN", status="partial")
    text = json.dumps(row_as_json(row), separators=(",", ":"))
    assert row_from_text(text) == row
    with pytest.raises(ValueError, match="expected value"):
        row_from_text(text.replace('"value":0.4', '"value":NaN'))


def test_rows_of_one_level_share_it() -> None:
    text = json.dumps(row_as_json(make_row()), separators=(",", ":"))
    one, other = row_from_text(text), row_from_text(text)
    assert one is not None
    assert other is not None
    assert one.level is other.level


def test_a_number_that_is_not_finite_is_not_stored() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        row_as_json(make_row(e_ads_ev=float("nan")))


def test_what_is_missing_makes_a_row_partial_and_what_does_not_apply_does_not() -> None:
    row = make_row()
    noted = row.with_found(Found().noted("a sheet has none"))
    assert (noted.status, noted.reason, noted.notes) == ("ok", "", ("a sheet has none",))
    lacking = replace(noted).with_found(Found().lacking("it broke").lacking("twice"))
    assert (lacking.status, lacking.reason) == ("partial", "it broke; twice")


def test_a_column_that_nobody_has_is_an_error() -> None:
    with pytest.raises(InputError, match="e_adsorb"):
        make_row()["e_adsorb"]
