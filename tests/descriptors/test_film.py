import pytest

from screening.descriptors.film import (
    film_energy_j_m2,
    molten_angle_deg,
    strain_energy_j_m2,
    wetting,
)
from screening.errors import TaskError


def test_a_film_that_costs_nothing_wets_the_metal_on_itself() -> None:
    found = wetting(0.0, 0.5)
    assert found.angle_deg == pytest.approx(0, abs=1e-6)
    assert found.adhesion_j_m2 == pytest.approx(1.0)


def test_a_film_that_costs_its_surface_energy_stands_upright() -> None:
    assert wetting(0.5, 0.5).angle_deg == pytest.approx(90)


def test_young_and_dupre_agree() -> None:
    found = wetting(0.15, 0.3)
    assert found.angle_deg == pytest.approx(60)
    assert found.adhesion_j_m2 == pytest.approx(0.3 * 1.5)


@pytest.mark.parametrize(("film", "angle"), [(-0.4, 0), (1.0, 180), (3.0, 180)])
def test_the_angle_stays_between_spreading_and_not_sticking(film: float, angle: float) -> None:
    assert wetting(film, 0.5).angle_deg == pytest.approx(angle, abs=1e-6)


def test_a_metal_without_surface_energy_has_no_angle() -> None:
    with pytest.raises(TaskError, match="surface energy is 0"):
        wetting(0.1, 0.0)


def test_energy_per_area() -> None:
    assert film_energy_j_m2(1.0, 16.021766208) == pytest.approx(1.0)
    with pytest.raises(TaskError, match="0 Å²"):
        film_energy_j_m2(1.0, 0.0)


def test_strain_energy_is_quadratic_in_the_strain_and_linear_in_the_thickness() -> None:
    once = strain_energy_j_m2("Na", 0.02, 3.0)
    assert strain_energy_j_m2("Na", -0.04, 6.0) == pytest.approx(8 * once)
    # 6.0 GPa (0.02)^2 3 Å = 0.00072 J/m²
    assert once == pytest.approx(0.00072)


def test_the_melt_wets_better_than_its_film() -> None:
    assert molten_angle_deg(180, "Na") == pytest.approx(180)
    assert molten_angle_deg(0, "Na") == pytest.approx(0, abs=1e-6)
    # at 90 degrees W is the solid's surface energy: cos = 0.261 / 0.191 - 1
    assert molten_angle_deg(90, "Na") == pytest.approx(68.50, abs=0.01)
