from __future__ import annotations

from screening.calculators import resolve
from screening.calculators.contract import check_calculator
from tests.calculators.plug_in import Liar, Vandal


def test_an_honest_calculator_passes() -> None:
    assert check_calculator(resolve("tests.calculators.plug_in:argon"), ["Ar"]) == []


def test_wrong_forces_and_a_fixed_origin_are_found() -> None:
    text = " ".join(check_calculator(Liar(), ["Ar"]))
    assert "translation: energy differs" in text
    assert "-dE/dx" in text


def test_a_changed_input_is_found() -> None:
    assert "crystal: the input was changed" in check_calculator(Vandal(), ["Ar"])


def test_an_engine_that_raises_is_a_finding_not_a_crash() -> None:
    found = check_calculator(resolve("emt"), ["Ti"])
    assert len(found) == 3
    assert "raised" in found[0]
