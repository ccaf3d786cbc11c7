from __future__ import annotations

import csv
import math
import re
from importlib.resources import files
from pathlib import Path

import pytest
from rows import make_row

from screening.builders import load_catalogue
from screening.report.literature import UNITS, to_csv
from screening.structure.level import Level
from screening.units import COHESIVE_EV, IONS
from screening.validation.literature import Published, compare, load_literature

PBE = Level("gpaw", "pw", "PBE", "none", "1")
BASIS = {
    "candidates": ("graphene",),
    "ion": "Li",
    "quantity": "e_ads_ev",
    "kind": "value",
    "value": -1.1,
    "reference": "atom",
    "functional": "PBE",
    "dispersion": "none",
    "ion_distance_a": 7.4,
    "method": "",
    "source": "",
    "doi": "",
    "confidence": "read",
    "note": "",
}


def published(**changes: object) -> Published:
    return Published(**{**BASIS, **changes})  # type: ignore[arg-type]


def graphene(**changes: object):
    return make_row("graphene", **{"level": PBE, "e_ads_ev": 0.4, **changes})


def test_every_shipped_number_names_a_host_of_ours_and_its_source() -> None:
    root = Path(__file__).parents[2]
    recipes = load_catalogue(root / "structures").select(["*"])
    known = {recipe.id for recipe in recipes} | {"bulk"}
    table = load_literature()
    assert len(table) > 40
    for entry in table:
        assert set(entry.candidates) <= known
        assert entry.ion in IONS
        assert entry.quantity in UNITS
        assert math.isfinite(entry.value)
        assert entry.kind in {"value", "upper bound"}
        assert entry.reference in ({"atom", "atom?", "bulk"} if "e_ads" in entry.quantity else {""})
        assert entry.confidence in {"read", "memory"}
        assert entry.source
        assert entry.doi == "" or re.fullmatch(r"10\.\d{4,}/\S+", entry.doi)


def test_units_of_the_file_are_those_of_our_columns() -> None:
    text = files("screening.validation").joinpath("literature.csv").read_text()
    for entry in csv.DictReader(text.splitlines()):
        assert entry["unit"] == UNITS[entry["quantity"]].replace("²", "2").replace("Å", "A")


@pytest.mark.parametrize("ion", IONS)
def test_energies_against_the_atom_are_converted_with_the_cohesive_energy(ion: str) -> None:
    by_functional = {"PBE": "PBE", "vdW-DF": "experiment", "": "experiment"}
    for functional, kind in by_functional.items():
        value, how = published(ion=ion, functional=functional).against_bulk()
        assert value == pytest.approx(-1.1 + COHESIVE_EV[kind][ion], abs=1e-12)
        assert kind in how
    assert published(reference="bulk").against_bulk() == (-1.1, "")


def test_like_with_like_differs_in_nothing() -> None:
    (found,) = compare([graphene()], {}, [published()])
    assert found.difference == pytest.approx(0.4 - 0.5)
    assert found.differs == ()


def test_what_is_not_the_same_is_said() -> None:
    other = published(reference="atom?", functional="vdW-DF", dispersion="d2", ion_distance_a=12.3)
    (found,) = compare([graphene(outcome="reconstructed")], {}, [other])
    text = "; ".join(found.differs)
    for word in ("assumed", "vdW-DF", "d2", "12.3 Å apart, here 7.4 Å", "reconstructed"):
        assert word in text


def test_only_the_part_above_an_upper_bound_is_a_difference() -> None:
    bound = published(quantity="barrier_ev", kind="upper bound", value=0.1, reference="")
    rows = [graphene(barrier_ev=0.04), graphene(ion="Na", barrier_ev=0.3)]
    (below,) = compare(rows[:1], {}, [bound])
    (above,) = compare(rows, {}, [Published(**{**vars(bound), "ion": "Na"})])
    assert (below.difference, above.difference) == (0.0, pytest.approx(0.2))


def test_a_surface_energy_is_counted_once_for_all_ions() -> None:
    rows = [graphene(ion=ion, gamma_j_m2=0.5) for ion in IONS]
    (found,) = compare(rows, {}, [published(quantity="gamma_j_m2", value=0.6, reference="")])
    assert found.difference == pytest.approx(-0.1)


def test_lattice_constants_belong_to_the_metal_of_the_ion() -> None:
    entry = published(candidates=("bulk",), quantity="lattice_a", value=3.4, reference="")
    metals = {(PBE.fingerprint, "Li"): 3.5, (PBE.fingerprint, "Na"): 4.2, ("other", "Li"): 9.0}
    (found,) = compare([graphene()], metals, [entry])
    assert found.difference == pytest.approx(0.1)


def test_what_we_lack_stays_missing_with_a_reason() -> None:
    failed = graphene(e_ads_ev=None, status="failed", reason="not converged")
    (mine,) = compare([failed], {}, [published()])
    (absent,) = compare([], {}, [published()])
    assert (mine.ours, mine.difference, mine.reason) == (None, None, "not converged")
    assert (absent.ours, absent.difference, absent.reason) == (None, None, "not computed")
    assert to_csv([mine]).splitlines()[1].startswith("graphene,Li,e_ads_ev,,0.5,,value,eV")
