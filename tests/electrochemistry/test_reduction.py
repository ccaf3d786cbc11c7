"""Reduction levels: the shipped table, and what follows from an affinity."""

from __future__ import annotations

import pytest

from screening.electrochemistry.reduction import ReductionLevel, reduction_table
from screening.errors import InputError

TABLE = reduction_table()
CARBONATES = ("EC", "PC", "FEC", "VC", "DMC", "EMC", "DEC")
ETHERS = ("DOL", "DME", "diglyme")
SALTS = ("LiPF6", "LiFSI", "LiTFSI", "NaPF6", "NaFSI", "NaTFSI", "KPF6", "KFSI", "KTFSI")


def test_common_solvents_and_salts_are_there_once() -> None:
    assert [level.name for level in TABLE.levels] == [
        "EC", "PC", "FEC", "VC", "DMC", "EMC", "DEC", *ETHERS, *SALTS,
    ]  # fmt: skip
    assert all(
        (TABLE.level(salt).ion or "") == salt[: len(TABLE.level(salt).ion)] for salt in SALTS
    )


def test_no_molecule_binds_an_electron_less_when_it_may_relax() -> None:
    for level in TABLE.levels:
        if level.ea_adiabatic_ev is None:
            assert level.change
        else:
            assert level.ea_adiabatic_ev >= level.ea_vertical_ev
        assert level.ea_vertical_ev > level.ea_gas_ev, "a dielectric holds an anion"


def test_salts_are_reduced_before_solvents() -> None:
    solvents = [TABLE.level(name).ea_vertical_ev for name in (*CARBONATES, *ETHERS)]
    assert min(TABLE.level(name).ea_vertical_ev for name in SALTS) > max(solvents)


def test_ethylene_carbonate_is_reduced_above_lithium() -> None:
    """Measured: 0.6 to 0.8 V."""
    assert TABLE.level("EC").potential_v("Li") == pytest.approx(0.7, abs=0.3)


def test_levels_by_hand() -> None:
    level = ReductionLevel(name="x", ea_gas_ev=-1.0, ea_vertical_ev=1.0, ea_adiabatic_ev=2.0)
    assert level.over_fermi_ev("Li") == pytest.approx(1.9)
    assert level.over_fermi_ev("K") == pytest.approx(1.3)
    assert level.potential_v("Li") == pytest.approx(0.6)
    assert level.potential_v("Na") == pytest.approx(0.27)
    assert ReductionLevel(name="x", ea_gas_ev=-1.0, ea_vertical_ev=1.0).potential_v("K") is None


def test_the_error_is_stated_and_a_name_that_is_not_there_refused() -> None:
    assert 0 < TABLE.mean_absolute_error_ev < 1
    with pytest.raises(InputError, match="no reduction level of 'water'"):
        TABLE.level("water")
