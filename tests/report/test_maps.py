"""A map for chemiscope: a point a row, with the structure behind it."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

from screening.errors import StoreError
from screening.pipeline.store import Store, open_store
from screening.pipeline.structures import structure_of
from screening.ranking.rank import Ranking
from screening.report.export import format_of

chemiscope = pytest.importorskip("chemiscope", reason="extra chemiscope is not installed")

from screening.report.maps import write  # noqa: E402 (it imports chemiscope)


@pytest.fixture
def written(screened: Store, ranked: list[Ranking], tmp_path: Path) -> dict:
    path = tmp_path / "hosts.chemiscope.json"
    assert write(ranked, screened, path) == (4, 2)  # those that were not relaxed have no place
    return json.loads(path.read_text())


def test_a_point_is_a_row_and_its_structure(written, screened: Store, ranked) -> None:
    names, ions, energies = (
        written["properties"][name]["values"] for name in ("candidate", "ion", "e_ads_ev")
    )
    for place, (name, ion, energy) in enumerate(zip(names, ions, energies, strict=True)):
        row = next(r for r in screened.rows() if (r.candidate, r.ion) == (name, ion))
        expected, shown = structure_of(screened, row), written["structures"][place]
        assert energy == pytest.approx(row["e_ads_ev"], abs=1e-6)
        assert shown["names"] == list(expected.symbols)
        assert shown["names"][-1] == ion
        assert shown["z"] == pytest.approx(list(expected.positions[:, 2]))
        assert shown["cell"] == pytest.approx(list(expected.cell.flat))


def test_properties_carry_unit_and_meaning(written) -> None:
    energy = written["properties"]["e_ads_ev"]
    assert energy["target"] == "structure"
    assert energy["units"] == "eV"
    assert "bulk metal" in energy["description"]
    assert "calculator emt" in written["meta"]["description"]


def test_chemiscope_takes_it(written, tmp_path: Path) -> None:
    again = chemiscope.create_input(
        structures=written["structures"],
        properties=written["properties"],
        metadata=written["meta"],
        settings=written["settings"],
    )
    assert len(again["structures"]) == 4
    assert again["settings"]["map"]["x"]["property"] == "e_ads_ev"


def test_what_is_missing_is_no_number(written) -> None:
    for known in written["properties"].values():
        assert all(isinstance(v, str) or math.isnan(v) or math.isfinite(v) for v in known["values"])
    assert "barrier_ev" not in written["properties"]  # nobody asked for it


def test_the_same_rows_give_the_same_bytes_zipped_too(screened, ranked, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.chemiscope.json.gz" for name in "ab"]
    for path in paths:
        write(ranked, screened, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert json.loads(gzip.decompress(paths[0].read_bytes()))["structures"]


def test_the_ending_names_the_format() -> None:
    assert format_of(Path("x.chemiscope.json")) == "chemiscope"
    assert format_of(Path("x.CHEMISCOPE.json.gz")) == "chemiscope"
    assert format_of(Path("chemiscope.json")) == "json"


def test_without_a_structure_there_is_nothing_to_show(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "empty.db"), create=True)
    with pytest.raises(StoreError, match="no row has a relaxed structure"):
        write([], store, tmp_path / "x.chemiscope.json")
    assert not (tmp_path / "x.chemiscope.json").exists()
