from __future__ import annotations

import pytest

from screening.descriptors.electronic import (
    LEAST_E,
    electrons_given,
    facing_work_function,
    least_charge,
)
from screening.errors import TaskError
from tests.toys import square_host


def test_positive_is_given() -> None:
    assert electrons_given([-0.4, -0.5, 0.9], 2) == 0.9


@pytest.mark.parametrize(("charges", "ion"), [([], 0), ([0.1], 1), ([0.1], -1)])
def test_a_charge_that_is_not_there_is_not_invented(charges, ion) -> None:
    with pytest.raises(TaskError, match="none for atom"):
        electrons_given(charges, ion)


@pytest.mark.parametrize(("height", "expected"), [(1.9, 3.0), (-1.9, 5.0)])
def test_the_face_is_the_one_that_holds_the_ion(height, expected) -> None:
    adsorbed = square_host()
    adsorbed.append("Li")
    adsorbed.positions[-1] = (1.5, 1.5, 10 + height)
    before = adsorbed.copy()
    assert facing_work_function((3.0, 5.0), adsorbed, 4) == expected
    assert adsorbed == before


@pytest.mark.parametrize("ion", ["Li", "Na", "K"])
@pytest.mark.parametrize("host", [{"Al"}, {"Cu"}, {"Mg"}, {"C", "N"}, {"Ti", "C"}, {"Na", "In"}])
def test_no_alkali_atom_takes_electrons_from_a_host_that_holds_them_tighter(ion, host) -> None:
    assert least_charge(ion, host) == 0.0


@pytest.mark.parametrize("ion", ["Li", "Na", "K"])
def test_on_its_own_metal_neither(ion: str) -> None:
    assert least_charge(ion, {ion}) == 0.0


@pytest.mark.parametrize(("ion", "host"), [("Li", "K"), ("Li", "Na"), ("Na", "K")])
def test_lithium_may_take_some_from_sodium_or_potassium(ion: str, host: str) -> None:
    assert least_charge(ion, {host}) == LEAST_E
    assert least_charge(host, {ion}) == 0.0
