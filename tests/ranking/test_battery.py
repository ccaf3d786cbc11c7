"""From ranked hosts to cell-level numbers."""

from __future__ import annotations

import pytest
from rows import OTHER_LEVEL, make_row

from screening.electrochemistry import default_electrolyte
from screening.ranking.battery import BatteryReport, battery_report
from screening.ranking.nuclei import SPREADS, WULFF, Nucleus
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights

SALT = default_electrolyte("Li")
FARADAY = 96485.33212


def report(
    *rows,
    currents=(1.0,),
    temperature_k: float = 298.15,
    top: int = 10,
    area_factor: float = 1.0,
) -> BatteryReport:
    ranking = rank(rows or [make_row()], "Li", load_weights())
    return battery_report(ranking, SALT, currents, temperature_k, top, area_factor=area_factor)


def nucleus(**changes) -> Nucleus:
    (found,) = report(make_row(**changes)).nuclei
    return found


def test_currents_are_in_ma_cm2() -> None:
    (entry,) = report(currents=[2.0]).depletion
    by_hand = 3.14159265 * 2.9e-10 * 0.45 / 5 * (FARADAY * 1000 / (2 * 20 * 0.675)) ** 2
    assert entry.sand_s == pytest.approx(by_hand, rel=1e-8)


def test_limiting_current_is_in_ma_cm2() -> None:
    by_hand = 2 * FARADAY * 2.9e-10 * 1000 / (0.675 * 25e-6 * 5) / 10
    assert report().limiting_ma_cm2 == pytest.approx(by_hand, rel=1e-8)


def test_sand_time_is_reached_only_above_the_limiting_current() -> None:
    limit = report().limiting_ma_cm2
    below, above = report(currents=[0.99 * limit, 1.01 * limit]).depletion
    assert (below.reached, above.reached) == (False, True)


def test_a_host_of_ten_times_the_area_sees_a_tenth_of_the_current_and_the_same_limit() -> None:
    flat, deep = report(), report(area_factor=10.0)
    assert deep.limiting_ma_cm2 == flat.limiting_ma_cm2
    assert deep.depletion[0].local_ma_cm2 == pytest.approx(0.1)
    assert deep.depletion[0].sand_s == pytest.approx(100 * flat.depletion[0].sand_s)
    assert deep.depletion[0].overpotential_mv < flat.depletion[0].overpotential_mv


def test_overpotential_at_the_exchange_current_by_hand() -> None:
    # 2 kT asinh(1/2) at 298.15 K, kT = 25.6926 meV
    assert report().depletion[0].overpotential_mv == pytest.approx(24.7274, rel=1e-4)


def test_heat_speeds_the_salt_and_the_charge_transfer_up() -> None:
    cold, hot = report(temperature_k=298.15), report(temperature_k=323.15)
    assert hot.limiting_ma_cm2 > cold.limiting_ma_cm2
    assert hot.depletion[0].overpotential_mv < cold.depletion[0].overpotential_mv


def test_a_nucleus_by_hand_with_the_literature_surface_energy_flagged() -> None:
    found = nucleus(eta_nuc_mv=100.0)
    volume = 6.02214076e23 * (3.51e-10) ** 3 / 2
    assert found.gamma_source is None
    assert found.radius_nm == pytest.approx(1e9 * 2 * 0.522 * volume / (FARADAY * 0.1), rel=1e-8)
    assert found.barrier_ev == pytest.approx(found.atoms * 0.1 / 2, rel=1e-8)
    assert found.barrier_kt == pytest.approx(found.barrier_ev / 0.0256926, rel=1e-5)


def test_twice_the_overpotential_makes_half_the_nucleus_and_a_quarter_of_the_barrier() -> None:
    low, high = nucleus(eta_nuc_mv=100.0), nucleus(eta_nuc_mv=200.0)
    assert low.radius_nm == pytest.approx(2 * high.radius_nm)
    assert low.barrier_ev == pytest.approx(4 * high.barrier_ev)


def test_heat_lowers_the_barrier_in_kt_alone() -> None:
    row = make_row(eta_nuc_mv=100.0)
    (cold,), (hot,) = (report(row, temperature_k=t).nuclei for t in (300.0, 330.0))
    assert hot.barrier_ev == cold.barrier_ev
    assert hot.barrier_kt == pytest.approx(cold.barrier_kt / 1.1)


def test_a_missing_overpotential_stays_missing_with_the_reason() -> None:
    found = nucleus(reason="nucleation: n = 3 did not converge", status="partial")
    assert (found.eta_mv, found.radius_nm, found.barrier_ev) == (None, None, None)
    assert "no nucleation overpotential" in found.reason
    assert "n = 3 did not converge" in found.reason


def test_a_host_that_the_metal_wets_has_no_critical_nucleus() -> None:
    found = nucleus(eta_nuc_mv=0.0)
    assert (found.radius_nm, found.barrier_kt) == (None, None)
    assert "no overpotential" in found.reason


def test_only_the_top_hosts_in_the_order_of_the_ranking() -> None:
    rows = [make_row(name, e_ads_ev=e) for name, e in (("c", 0.4), ("a", -0.4), ("b", 0.0))]
    found = report(*rows, top=2).nuclei
    assert [entry.entry.row.candidate for entry in found] == ["a", "b"]


def test_the_surface_energy_is_that_of_the_metals_lowest_plane_computed_at_the_same_level() -> None:
    host = make_row("graphene", eta_nuc_mv=100.0)
    planes = [
        make_row("li-111", formula="Li21", gamma_j_m2=0.6),
        make_row("li-110", formula="Li16", gamma_j_m2=0.5, e_ads_ev=None, status="failed"),
        make_row("liag-110", formula="Ag8Li8", gamma_j_m2=0.1),
        make_row("na-110", formula="Na16", gamma_j_m2=0.2),
    ]
    found = {e.entry.row.candidate: e for e in report(host, *planes).nuclei}["graphene"]
    assert (found.gamma_j_m2, found.gamma_source) == (0.5, "li-110")
    assert found.radius_nm == pytest.approx(nucleus(eta_nuc_mv=100.0).radius_nm * 0.5 / 0.522)


def test_the_wulff_average_of_any_row_at_the_level_counts_before_a_single_plane() -> None:
    rows = [
        make_row("graphene", eta_nuc_mv=100.0),
        make_row("cu-111", gamma_metal_j_m2=0.45),
        make_row("li-110", formula="Li16", gamma_j_m2=0.4),
    ]
    found = {e.entry.row.candidate: e for e in report(*rows).nuclei}["graphene"]
    assert (found.gamma_j_m2, found.gamma_source) == (0.45, WULFF)
    assert found.radius_nm == pytest.approx(nucleus(eta_nuc_mv=100.0).radius_nm * 0.45 / 0.522)


def test_a_surface_energy_of_another_level_is_not_used() -> None:
    rows = [
        make_row("graphene", eta_nuc_mv=100.0),
        make_row("li-110", formula="Li16", gamma_j_m2=0.5, gamma_metal_j_m2=0.6, level=OTHER_LEVEL),
    ]
    ranking = rank(rows, "Li", load_weights(), mix=True)
    found = battery_report(ranking, SALT, [1.0], 298.15, 10).nuclei
    sources = {entry.entry.row.candidate: entry.gamma_source for entry in found}
    assert sources == {"graphene": None, "li-110": WULFF}


def test_the_contact_angle_of_the_host_lowers_the_barrier_and_not_the_radius() -> None:
    sphere, cap = nucleus(eta_nuc_mv=100.0), nucleus(eta_nuc_mv=100.0, contact_angle_deg=60.0)
    share = (2 - 3 * 0.5 + 0.5**3) / 4
    assert (sphere.angle_deg, cap.angle_deg) == (None, 60.0)
    assert cap.radius_nm == sphere.radius_nm
    assert cap.barrier_ev == pytest.approx(share * sphere.barrier_ev, rel=1e-9)
    assert cap.atoms == pytest.approx(share * sphere.atoms, rel=1e-9)


def test_where_the_metal_spreads_there_is_no_nucleus() -> None:
    found = report(make_row(eta_nuc_mv=100.0, contact_angle_deg=0.0))
    for entry in (*found.nuclei, *found.driven):
        assert (entry.barrier_ev, entry.density_cm2, entry.reason) == (None, None, SPREADS)


def test_more_current_makes_more_and_smaller_nuclei_and_area_fewer() -> None:
    row = make_row(contact_angle_deg=10.0)
    slow, fast = report(row, currents=[1.0, 5.0]).driven
    assert (slow.current_ma_cm2, fast.current_ma_cm2) == (1.0, 5.0)
    assert slow.eta_mv == report(row).depletion[0].overpotential_mv
    assert slow.radius_nm * slow.eta_mv == pytest.approx(fast.radius_nm * fast.eta_mv)
    assert 0 < slow.density_cm2 < fast.density_cm2
    (deep,) = report(row, currents=[5.0], area_factor=5.0).driven
    assert deep.eta_mv == pytest.approx(slow.eta_mv)
    assert deep.density_cm2 == pytest.approx(slow.density_cm2)


def test_a_host_that_the_metal_wets_better_has_more_nuclei() -> None:
    rows = [make_row(f"host-{a}", contact_angle_deg=float(a)) for a in (5, 15, 40)]
    found = {n.angle_deg: n.density_cm2 for n in report(*rows, currents=[3.0]).driven}
    assert found[5.0] > found[15.0] > found[40.0]


def test_without_an_exchange_current_no_current_drives_nuclei() -> None:
    ranking = rank([make_row(contact_angle_deg=10.0)], "Li", load_weights())
    salt = SALT.model_copy(update={"exchange_ma_cm2": None})
    assert battery_report(ranking, salt, [1.0], 298.15, 10).driven == ()
