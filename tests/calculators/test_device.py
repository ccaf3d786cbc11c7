from __future__ import annotations

import pytest

from screening.calculators import resolve
from screening.calculators.device import has_graphics_card, place_of
from screening.errors import CalculatorError, InputError


def test_the_processor_can_always_be_asked_for() -> None:
    assert place_of("cpu", "here") == "cpu"
    assert resolve("emt").place() == "cpu"


@pytest.mark.skipif(has_graphics_card(), reason="there is a graphics card")
def test_without_a_card_auto_is_the_processor_and_cuda_an_error_that_says_why() -> None:
    assert place_of("auto", "here") == "cpu"
    with pytest.raises(CalculatorError, match="no graphics card") as caught:
        place_of("cuda", "workflow: options.device")
    assert "workflow: options.device" in str(caught.value)
    assert "auto, cpu" in str(caught.value)


@pytest.mark.parametrize("engine", ["sevennet", "chgnet"])
def test_a_device_of_another_name_is_refused(engine: str) -> None:
    with pytest.raises(InputError, match="device"):
        resolve(engine, options={"device": "gpu"})


def test_an_engine_without_a_device_says_so() -> None:
    with pytest.raises(CalculatorError, match="emt has no option device"):
        resolve("emt", options={"device": "cuda"})
