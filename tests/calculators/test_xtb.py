from __future__ import annotations

import pytest
from ase import Atoms

from screening.calculators import resolve
from screening.calculators.contract import check_calculator
from screening.errors import InputError

pytest.importorskip("tblite")


def test_the_electronic_temperature_is_part_of_the_level_and_its_default_changes_nothing() -> None:
    name = "electronic_temperature_k"
    assert resolve("xtb", options={name: 300.0}).level() == resolve("xtb").level()
    assert resolve("xtb", options={name: 1000.0}).level() != resolve("xtb").level()
    assert resolve("xtb", options={name: 1000.0}).make().parameters.electronic_temperature == 1000


@pytest.mark.parametrize("options", [{"temperature": 300.0}, {"electronic_temperature_k": -1.0}])
def test_wrong_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InputError, match="xtb options"):
        resolve("xtb", options=options)


def test_contract() -> None:
    assert check_calculator(resolve("xtb"), ["C", "H", "Li"]) == []


def test_lithium_gives_its_electron_to_fluorine() -> None:
    molecule = Atoms("LiF", [(0, 0, 0), (0, 0, 1.56)])
    charges = resolve("xtb:GFN2-xTB").make().get_charges(molecule)
    assert charges[0] > 0.5
    assert charges.sum() == pytest.approx(0.0, abs=1e-6)
