import pytest

from screening.descriptors.hubbard import hubbard_correction_ev
from screening.descriptors.hull import PhaseEnergy, bulk_reaction, formation_energy_ev
from screening.errors import TaskError

# A system by hand: Li + Sn -> LiSn at 0.6 V, LiSn + 2 Li -> Li3Sn at 0.3 V, LiSn3 above the hull.
ALLOY = (
    PhaseEnergy("Li", {"Li": 2}, -4.0, 40.0),
    PhaseEnergy("Sn", {"Sn": 1}, -4.0, 27.0),
    PhaseEnergy("LiSn", {"Li": 1, "Sn": 1}, -6.6, 41.0),
    PhaseEnergy("Li3Sn", {"Li": 6, "Sn": 2}, -22.4, 160.0),
    PhaseEnergy("LiSn3", {"Li": 1, "Sn": 3}, -14.1, 101.0),
)
# Conversion: SnO2 + 4 Li -> Sn + 2 Li2O.
OXIDE = (
    *ALLOY,
    PhaseEnergy("O2", {"O": 2}, -9.0, 700.0),
    PhaseEnergy("SnO2", {"Sn": 2, "O": 4}, -2 * 19.0, 72.0),
    PhaseEnergy("Li2O", {"Li": 2, "O": 1}, -4.0 - 4.5 - 6.0, 25.0),
)


def test_plateaus_are_the_slopes_of_the_hull_and_unstable_phases_make_none() -> None:
    found = bulk_reaction({"Sn": 1}, "Li", ALLOY, hubbard=False)
    assert [p.voltage_v for p in found.plateaus] == pytest.approx([0.6, 0.3], abs=1e-6)
    assert [p.ions for p in found.plateaus] == pytest.approx([1, 3], abs=1e-6)
    assert found.products == "LiSn"
    assert found.final_products == "Li3Sn"
    assert found.first_voltage_v == pytest.approx(0.6, abs=1e-6)
    assert found.energy_per_ion_ev == pytest.approx(-(0.6 + 2 * 0.3) / 3, abs=1e-6)
    assert found.volume_change == pytest.approx(80 / 27 - 1, abs=1e-6)
    assert not found.coexists


def test_a_host_that_holds_the_ion_counts_only_what_it_takes_up_beyond() -> None:
    found = bulk_reaction({"Li": 1, "Sn": 1}, "Li", ALLOY, hubbard=False)
    assert [p.voltage_v for p in found.plateaus] == pytest.approx([0.3], abs=1e-6)
    assert found.plateaus[0].ions == pytest.approx(2, abs=1e-6)


def test_the_richest_compound_coexists_with_the_metal() -> None:
    found = bulk_reaction({"Li": 3, "Sn": 1}, "Li", ALLOY, hubbard=False)
    assert found.coexists
    assert (found.first_voltage_v, found.energy_per_ion_ev, found.volume_change) == (0, 0, 0)
    assert found.final_products == "Li3Sn"


def test_an_unstable_host_states_its_distance_from_the_hull() -> None:
    found = bulk_reaction({"Li": 1, "Sn": 3}, "Li", ALLOY, hubbard=False)
    # LiSn + 2 Sn would be -14.6
    assert found.above_hull_ev == pytest.approx(0.5 / 4, abs=1e-6)
    assert found.plateaus[0].voltage_v == pytest.approx(0.6, abs=1e-6)


def test_conversion_then_alloying() -> None:
    found = bulk_reaction({"Sn": 1, "O": 2}, "Li", OXIDE, hubbard=False)
    # (19.0 ... ) SnO2 + 4 Li -> Sn + 2 Li2O: -4 - 29 + 19 + 8 = -6 eV for four ions
    assert found.plateaus[0].voltage_v == pytest.approx(1.5, abs=1e-6)
    assert found.products == "Li2O + Sn"
    assert [p.voltage_v for p in found.plateaus[1:]] == pytest.approx([0.6, 0.3], abs=1e-6)
    assert found.final_products == "Li2O + Li3Sn"
    assert found.volume_change == pytest.approx((80 + 50) / 36 - 1, abs=1e-6)


@pytest.mark.parametrize("factor", [2, 7])
def test_the_size_of_the_formula_does_not_matter(factor: int) -> None:
    one = bulk_reaction({"Sn": 1, "O": 2}, "Li", OXIDE, hubbard=False)
    assert bulk_reaction({"Sn": factor, "O": 2 * factor}, "Li", OXIDE, hubbard=False) == one


def test_energies_of_twice_the_cell_are_the_same_phase() -> None:
    twice = [
        PhaseEnergy(p.name, {s: 2 * n for s, n in p.counts.items()}, 2 * p.energy_ev,
                    2 * p.volume_a3)
        for p in OXIDE
    ]  # fmt: skip
    one = bulk_reaction({"Sn": 1, "O": 2}, "Li", OXIDE, hubbard=False)
    two = bulk_reaction({"Sn": 1, "O": 2}, "Li", twice, hubbard=False)
    assert two.volume_change == pytest.approx(one.volume_change, abs=1e-6)
    assert two.first_voltage_v == pytest.approx(one.first_voltage_v, abs=1e-6)


def test_a_missing_element_is_named() -> None:
    with pytest.raises(TaskError, match="element Cu"):
        bulk_reaction({"Cu": 1}, "Li", ALLOY, hubbard=False)


def test_the_metal_itself_reacts_with_nothing() -> None:
    with pytest.raises(TaskError, match="the host is Li itself"):
        bulk_reaction({"Li": 4}, "Li", ALLOY, hubbard=False)


def test_plus_u_oxides_are_shifted_and_metals_are_not() -> None:
    assert hubbard_correction_ev({"Ni": 2, "O": 2}) == pytest.approx(-5.082)
    assert hubbard_correction_ev({"Ni": 4}) == 0
    assert hubbard_correction_ev({"Zn": 2, "O": 2}) == 0
    phases = (
        PhaseEnergy("Ni", {"Ni": 1}, -5.0, 11.0),
        PhaseEnergy("O2", {"O": 2}, -10.0, 700.0),
        PhaseEnergy("NiO", {"Ni": 1, "O": 1}, -10.0, 18.0),
        PhaseEnergy("Li", {"Li": 2}, -4.0, 40.0),
        PhaseEnergy("Li2O", {"Li": 2, "O": 1}, -15.0, 25.0),
    )
    raw = bulk_reaction({"Ni": 1, "O": 1}, "Li", phases, hubbard=False)
    mended = bulk_reaction({"Ni": 1, "O": 1}, "Li", phases, hubbard=True)
    assert raw.first_voltage_v - mended.first_voltage_v == pytest.approx(2.541 / 2, abs=1e-6)


def test_formation_energies_are_per_atom_against_the_elements() -> None:
    assert formation_energy_ev("LiSn", ALLOY, hubbard=False) == pytest.approx(-0.3, abs=1e-9)
    assert formation_energy_ev("Li", ALLOY, hubbard=False) == pytest.approx(0, abs=1e-9)
    with pytest.raises(TaskError, match="no phase"):
        formation_energy_ev("LiSn9", ALLOY, hubbard=False)
