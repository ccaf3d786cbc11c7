"""The electrolyte file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from screening.config import parse
from screening.electrochemistry import Electrolyte, default_electrolyte, load_electrolyte
from screening.errors import InputError
from screening.units import IONS

GOOD = {
    "name": "1 M NaPF6 in diglyme",
    "ion": "Na",
    "concentration_mol_l": 1.0,
    "diffusivity_m2_s": 2.0e-10,
    "transference": 0.4,
    "distance_um": 25.0,
    "temperature_k": 298.15,
    "source": "measured here",
}


def written(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "salt.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in (GOOD | changes).items() if v is not None}))
    return path


def test_a_file_is_read_and_given_in_si_units(tmp_path: Path) -> None:
    salt = load_electrolyte(written(tmp_path))
    assert (salt.ion, salt.concentration_mol_m3) == ("Na", 1000.0)
    assert salt.distance_m == pytest.approx(25e-6)


@pytest.mark.parametrize("ion", IONS)
def test_each_ion_has_a_default_with_its_source(ion) -> None:
    salt = default_electrolyte(ion)
    assert salt.ion == ion
    assert "doi:" in salt.source


@pytest.mark.parametrize("ion", ["Na", "K"])
def test_an_estimate_says_that_it_is_one(ion) -> None:
    salt = default_electrolyte(ion)
    assert "estimate" in salt.name
    assert salt.source.startswith("estimate, not measured")


@pytest.mark.parametrize(("ion", "stokes_a"), [("Na", 4.6), ("K", 3.6)])
def test_the_estimates_follow_from_lithium_and_the_stokes_radii(ion, stokes_a: float) -> None:
    def mobilities(salt: Electrolyte) -> tuple[float, float]:
        """Diffusion coefficients of cation and anion from D = 2 D+ D- / (D+ + D-) and t+."""
        half = salt.diffusivity_m2_s / 2
        return half / (1 - salt.transference), half / salt.transference

    cation, anion = mobilities(default_electrolyte("Li"))
    estimated = mobilities(default_electrolyte(ion))
    assert estimated == pytest.approx((cation * 4.8 / stokes_a, anion), rel=0.01)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"transference": 1.0}, "transference"),
        ({"diffusivity_m2_s": -1e-10}, "diffusivity_m2_s"),
        ({"diffusivity_m2_s": "2e-10"}, "diffusivity_m2_s"),
        ({"concentration_mol_l": 1000.0}, "concentration_mol_l"),
        ({"ion": "Mg"}, "ion"),
        ({"source": None}, "source: key is missing"),
        ({"viscosity": 1.0}, "viscosity: unknown key"),
    ],
)
def test_a_wrong_file_is_refused_with_the_key(tmp_path: Path, change, said: str) -> None:
    with pytest.raises(InputError, match=said):
        load_electrolyte(written(tmp_path, **change))


def test_the_example_in_the_documents_is_valid() -> None:
    text = (Path(__file__).parents[2] / "docs/battery.md").read_text()
    example = text.partition("```yaml\n")[2].partition("```")[0]
    assert parse(Electrolyte, yaml.safe_load(example), "docs/battery.md").ion == "Na"


def test_the_defaults_in_the_documents_are_those_that_are_used() -> None:
    text = (Path(__file__).parents[2] / "docs/battery.md").read_text()
    for ion in IONS:
        salt = default_electrolyte(ion)
        d = f"{salt.diffusivity_m2_s:.1e}"
        assert f"| {d} | {salt.transference:g} | {salt.concentration_mol_l} |" in text
