"""The instant model: what it learns from two levels, where it stops, what it ships as."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc100, fcc111

from screening.builders import load_catalogue
from screening.errors import InputError
from screening.surrogate.features import electronegativity
from screening.surrogate.instant import Instant
from screening.surrogate.instant_train import InstantSample, held_out, train
from screening.surrogate.shipped import instant_model
from screening.units import IONS

METALS = ("Al", "Cu", "Ag", "Au", "Ni", "Pd", "Pt", "Rh")
EXACT = METALS[:6]
OFFSET = {"Li": 0.0, "Na": 0.2, "K": -0.3}
GAP_EV = 0.4


def slab(metal: str, face: Callable[..., Atoms] = fcc111) -> Atoms:
    found = face(metal, (2, 2, 2), a=4.0, vacuum=8.0)
    found.pbc = (True, True, False)
    return found


SLABS = {metal: slab(metal) for metal in METALS}
OTHERS = {metal: slab(metal, fcc100) for metal in METALS}


def cheap_ev(metal: str, ion: str) -> float:
    """A world in which binding is linear in electronegativity."""
    chi = electronegativity(int(SLABS[metal].numbers[0]))
    return 0.8 - 0.9 * (chi - 1.5) + OFFSET[ion]


def samples(*, screen: bool = True) -> list[InstantSample]:
    """Two faces of eight metals by the cheap engine, one face of six at the reference level."""
    exact = [
        InstantSample(m, SLABS[m], ion, cheap_ev(m, ion) + GAP_EV, exact=True)
        for m in EXACT
        for ion in IONS
    ]
    cheap = [
        InstantSample(name, host, ion, cheap_ev(m, ion), exact=False)
        for m in METALS
        for name, host in ((m, SLABS[m]), (f"{m}-100", OTHERS[m]))
        for ion in IONS
    ]
    return exact + cheap * screen


@pytest.fixture(scope="module")
def model() -> Instant:
    return train(samples(), "exact", "cheap")


def test_the_reference_level_is_predicted_where_only_the_cheap_one_is_known(
    model: Instant,
) -> None:
    for metal in METALS[6:]:
        for ion, found in zip(IONS, model.estimate(SLABS[metal], IONS), strict=True):
            assert found.in_domain
            assert found.e_ads_ev == pytest.approx(cheap_ev(metal, ion) + GAP_EV, abs=0.1)


def test_the_cheap_level_makes_hosts_left_out_better() -> None:
    truth = np.array([s.e_ads_ev for s in samples() if s.exact])
    both = np.array([e.e_ads_ev for e in held_out(samples())])
    alone = np.array([e.e_ads_ev for e in held_out(samples(screen=False))])
    assert np.abs(both - truth).mean() < 0.1 < np.abs(alone - truth).mean()


def test_a_host_of_an_unknown_element_is_marked_and_its_interval_holds_all_values(
    model: Instant,
) -> None:
    (found,) = model.estimate(slab("W"), ("Na",))
    seen = [s.e_ads_ev for s in samples() if s.ion == "Na"]
    assert not found.in_domain
    assert "no training host has W" in found.reason
    assert found.lower90_ev < min(seen) < max(seen) < found.upper90_ev


def test_a_host_unlike_all_others_is_outside_though_its_elements_are_known(
    model: Instant,
) -> None:
    (found,) = model.estimate(Atoms("Al"), ("Li",))
    assert not found.in_domain
    assert "unlike every training host" in found.reason


def test_many_points_at_once_give_what_one_by_one_gives(model: Instant) -> None:
    x = model.points.x[:4]
    together = model.estimates(x, ["Li"] * 4, [{"Al"}] * 4)
    alone = [model.estimates(x[i : i + 1], ["Li"], [{"Al"}])[0] for i in range(4)]
    for one, other in zip(together, alone, strict=True):
        assert one.e_ads_ev == pytest.approx(other.e_ads_ev, abs=1e-9)


def test_training_is_reproducible_and_the_file_gives_the_same_model(
    model: Instant, tmp_path: Path
) -> None:
    again = train(samples(), "exact", "cheap")
    path = tmp_path / "instant.json"
    path.write_text(json.dumps(again.as_json(), allow_nan=False))
    read = Instant.load(path)
    assert read.fingerprint == again.fingerprint == model.fingerprint
    assert read.estimate(SLABS["Cu"], IONS) == model.estimate(SLABS["Cu"], IONS)


def test_the_fingerprint_changes_with_any_energy(model: Instant) -> None:
    changed = replace(model, y=model.y + np.eye(1, len(model.y))[0] * 1e-3)
    assert changed.fingerprint != model.fingerprint


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "alkascreen-calibration"}'])
def test_a_file_that_is_no_model_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    with pytest.raises(InputError, match="train --instant") as error:
        Instant.load(path)
    assert "\n" not in str(error.value)


def test_too_few_reference_hosts_are_refused() -> None:
    few = [s for s in samples() if not s.exact or s.host in EXACT[:2]]
    with pytest.raises(InputError, match="2 hosts with a reference value are too few"):
        train(few, "exact", "cheap")


def test_the_shipped_model_knows_what_dft_says_of_doped_graphene() -> None:
    """Electron-poor binds more strongly than pristine, a vacancy with nitrogen most of all."""
    catalogue = load_catalogue(Path(__file__).parents[2] / "structures")
    names = ("graphene-pyridinic-N-3", "graphene-B", "graphene")
    found = [instant_model().estimate(catalogue.build(n).atoms, ("Li",))[0] for n in names]
    assert [e.e_ads_ev for e in found] == sorted(e.e_ads_ev for e in found)
