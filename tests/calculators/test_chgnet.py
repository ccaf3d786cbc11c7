from __future__ import annotations

import pytest

from screening.calculators import resolve
from screening.calculators.contract import check_calculator

pytestmark = pytest.mark.potential
pytest.importorskip("chgnet")


def test_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_calculator(resolve("chgnet"), ["C", "Li"]) == []
    assert capsys.readouterr().out == ""


def test_functional_follows_the_model() -> None:
    assert resolve("chgnet").level().functional == "PBE"
    assert resolve("chgnet:r2scan").level().functional == "r2SCAN"
