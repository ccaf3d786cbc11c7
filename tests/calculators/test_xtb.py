from __future__ import annotations

import pytest
from ase import Atoms

from screening.calculators import resolve
from screening.calculators.contract import check_calculator

pytest.importorskip("tblite")


def test_contract() -> None:
    assert check_calculator(resolve("xtb"), ["C", "H", "Li"]) == []


def test_lithium_gives_its_electron_to_fluorine() -> None:
    molecule = Atoms("LiF", [(0, 0, 0), (0, 0, 1.56)])
    charges = resolve("xtb:GFN2-xTB").make().get_charges(molecule)
    assert charges[0] > 0.5
    assert charges.sum() == pytest.approx(0.0, abs=1e-6)
