"""Band gaps are looked up, never guessed."""

from __future__ import annotations

import pytest
from ase.build import bulk

from screening.builders.phases import shipped_phases
from screening.descriptors import Found, Pair
from screening.descriptors.insulation import Insulation, insulation
from screening.structure import Candidate


def found(builder: str, **parameters: object) -> Found:
    recipe = {"builder": builder, "parameters": parameters}
    pair = Pair(Candidate("host", "salt", "slab", bulk("Cu"), recipe), "Li", None)
    with pytest.raises(StopIteration) as end:
        next(insulation(Insulation(), pair, None))
    return end.value.value


def test_a_salt_has_the_measured_gap_of_its_crystal() -> None:
    assert found("salt", crystal="LiF", miller=[1, 0, 0]).values["gap_ev"].value == 14.2
    assert found("oxide", oxide="Al2O3", miller=[0, 0, 0, 1]).values["gap_ev"].value == 8.8


def test_a_metal_has_none() -> None:
    assert found("metal", element="Cu", miller=[1, 1, 1]).values["gap_ev"].value == 0


def test_of_several_parts_the_leakiest_counts() -> None:
    assert found("surface-alloy", element="Cu", guest="Zn").values["gap_ev"].value == 0


def test_an_unknown_gap_is_missing_with_a_reason() -> None:
    row = found("salt", crystal="K2O", miller=[1, 1, 1])
    assert "gap_ev" not in row.values
    assert row.lacks == ("insulation: the catalogue states no band gap",)


def test_what_is_no_bulk_lacks_nothing() -> None:
    row = found("mxene")
    assert not row.lacks
    assert row.notes[0].startswith("insulation: ")


def test_insulators_of_the_catalogue_have_wider_gaps_than_semiconductors() -> None:
    gaps = {name: phase.gap_ev for name, phase in shipped_phases().items()}
    assert gaps["LiF"] > gaps["LiCl"] > gaps["Li3N"] > gaps["Li"] == 0
    assert gaps["NaF"] > gaps["NaCl"]
    assert gaps["KF"] > gaps["KCl"]
