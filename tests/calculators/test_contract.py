from __future__ import annotations

from screening.calculators import resolve
from screening.calculators.contract import check_calculator
from tests.calculators.plug_in import Folder, Liar, Outsider, Upright, Vandal


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


def test_an_engine_that_is_right_in_three_dimensions_only_is_found() -> None:
    """A published potential was wrong by hundreds of eV for cells periodic in two directions."""
    found = check_calculator(Folder(), ["Ar"])
    for name in ("sheet", "slab", "tube", "tube along x"):
        assert any(text.startswith(f"{name}: periodic in 3") for text in found), found


def test_atoms_outside_the_cell_have_to_be_their_images() -> None:
    found = check_calculator(Outsider(), ["Ar"])
    assert any("atoms outside the cell: energy differs" in text for text in found), found


def test_the_cell_may_point_anywhere() -> None:
    found = check_calculator(Upright(), ["Ar"])
    assert any("rotated cell: energy differs" in text for text in found), found
    assert not any("rotation:" in text for text in found)
