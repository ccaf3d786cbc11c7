"""The door: hosts in, a table out, with anybody's calculator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.io import write

import screening as alk
from screening.errors import CalculatorError, InputError
from tests.toys import BARRIER_EV, CLOSE_A, E_ADS_EV, EggBox, square_host

TIGHT = alk.RelaxSettings(fmax=1e-5, max_steps=300)


def slab() -> Atoms:
    top, bottom = square_host(), square_host()
    top.set_constraint()
    bottom.positions[:, 2] -= CLOSE_A  # no room between the layers
    return bottom + top


def screen(**changes: object) -> alk.Screen:
    settings = {"calculator": EggBox(), "level": "egg box", "ions": ("Li", "Na"), "relax": TIGHT}
    return alk.Screen(**(settings | changes))


def test_the_public_names_are_there_and_are_about_fifteen() -> None:
    assert all(hasattr(alk, name) for name in alk.__all__)
    assert len(alk.__all__) == 16
    with pytest.raises(AttributeError, match="nothing"):
        alk.nothing  # noqa: B018


def test_an_object_screens_atoms_and_files_alike(tmp_path: Path) -> None:
    write(tmp_path / "same.extxyz", slab())
    result = screen().run({"mine": slab(), "same": tmp_path / "same.extxyz"})
    table = result.table()
    assert list(table["candidate"]) == ["mine", "same"] * 2
    assert table["e_ads_ev"].to_numpy() == pytest.approx([E_ADS_EV] * 4, abs=1e-5)


def test_numbers_are_floats_with_nan_where_missing_and_units_beside() -> None:
    table = screen(ions=("Li",)).run({"mine": slab()}).table()
    assert table["barrier_ev"].dtype == float
    assert np.isnan(table["barrier_ev"][0])
    assert table.attrs["units"]["barrier_ev"] == "eV"


def test_descriptors_are_asked_for_by_their_settings() -> None:
    barrier = alk.Barrier(images=3, fmax=1e-4, max_steps=300)
    result = screen(ions=("Li",), descriptors=[alk.Adsorption(), barrier]).run({"mine": slab()})
    assert result["mine", "Li"]["barrier_ev"] == pytest.approx(BARRIER_EV, abs=1e-4)


def test_each_number_leads_to_its_structure() -> None:
    entry = screen(ions=("Li",)).run({"mine": slab()})["mine", "Li"]
    best = entry.structure()
    assert best.symbols[-1] == "Li"
    assert best.get_potential_energy() < entry.structure("top-1").get_potential_energy()
    assert "Li" not in entry.structure("host").symbols
    assert best.info["site"] == entry["site"] == "hollow-1"
    assert list(entry.sites["site"]) == ["hollow-1", "bridge-1", "top-1"]
    with pytest.raises(InputError, match="hollow-1"):
        entry.structure("nowhere")


def test_the_explanation_names_value_scale_and_site() -> None:
    text = screen(ions=("Li",)).run({"mine": slab()})["mine", "Li"].explain()
    assert "the engine's own" in text
    assert "hollow-1" in text


def test_a_store_is_resumed_and_read_again(tmp_path: Path) -> None:
    store = tmp_path / "mine.db"
    first = screen().run({"mine": slab()}, store=store)
    calls = EggBox.calculate
    EggBox.calculate = None  # type: ignore[assignment]  # nothing may be computed now
    try:
        again = screen().run({"mine": slab()}, store=store)
    finally:
        EggBox.calculate = calls  # type: ignore[method-assign]
    assert again.table().equals(first.table())
    assert alk.Result.load(store).table().equals(first.table())


def test_objects_work_in_worker_processes() -> None:
    alone = screen().run({"mine": slab()})
    shared = screen().run({"mine": slab()}, jobs=2)
    assert shared.table().equals(alone.table())


def test_an_object_without_a_level_is_refused() -> None:
    with pytest.raises(CalculatorError, match="needs a level"):
        screen(level=" ").run({"mine": slab()})


def test_python_and_yaml_are_two_spellings_of_one_workflow(tmp_path: Path) -> None:
    text = (
        "name: two\ncalculator: emt\nions: [Li]\ncandidates: [cu-111]\n"
        "descriptors: {adsorption: {max_sites: 2}, barrier: {images: 5}}\n"
    )
    (tmp_path / "two.yaml").write_text(text)
    read, candidates = alk.Screen.from_file(tmp_path / "two.yaml")
    written = alk.Screen(
        calculator="emt",
        ions=("Li",),
        descriptors=(alk.Adsorption(max_sites=2), alk.Barrier(images=5)),
    )
    assert candidates == ("cu-111",)
    assert read.workflow(candidates) == written.workflow(["cu-111"])


def test_ranks_go_by_weights_of_ones_own() -> None:
    result = screen(ions=("Li",)).run({"mine": slab()})
    assert list(result.rank("Li")["rank"]) == [1.0]
    with pytest.raises(InputError, match="affinity"):
        result.rank("Li", {"beauty": 1.0})


def test_a_pair_that_was_not_screened_is_an_error_that_lists_those_that_were() -> None:
    with pytest.raises(InputError, match="mine Li"):
        screen(ions=("Li",)).run({"mine": slab()})["mine", "K"]
