"""Charges from another engine than the energies: never without saying so."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.builders import load_catalogue
from screening.calculators import resolve
from screening.errors import InputError
from screening.pipeline.plan import plan, prepare
from screening.pipeline.run import Summary, run
from tests.pipeline.toolbox import TOY, workflow, write_square
from tests.toys import EggBox

WORK_FUNCTIONS_EV = [4.5, 4.0]


class Metallic(EggBox):
    """Ions give 0.7 electrons to all host atoms alike; the top face holds its own tighter."""

    implemented_properties = ("energy", "forces", "charges", "work_functions")

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        ions = atoms.numbers != 29
        self.results["charges"] = 0.7 * (ions - ~ions * ions.sum() / max(1, (~ions).sum()))
        self.results["work_functions"] = WORK_FUNCTIONS_EV


class Unsettled(Metallic):
    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        if "charges" in properties:
            raise RuntimeError("charges do not settle")
        super().calculate(atoms, properties, system_changes)


def make_metallic() -> Metallic:
    return Metallic()


class Collapsed(Metallic):
    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        self.results["charges"] *= 5


class Backwards(Metallic):
    """The ion takes electrons, as lithium on aluminium at one k-point by GFN1-xTB."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        self.results["charges"] *= -0.4 / 0.7


def make_backwards() -> Backwards:
    return Backwards()


def make_collapsed() -> Collapsed:
    return Collapsed()


def make_unsettled() -> Unsettled:
    return Unsettled()


def screened(tmp_path: Path, electronic: dict[str, object], **changes: object) -> Summary:
    write_square(tmp_path / "structures")
    flow = workflow(descriptors={"electronic": electronic}, **changes)
    return run(flow, load_catalogue(tmp_path / "structures"), str(tmp_path / "a.db"), 1)


def ours(name: str) -> str:
    return f"tests.pipeline.test_electronic:{name}"


def test_an_engine_that_has_both_fills_the_row_at_the_rows_own_level(tmp_path: Path) -> None:
    done = screened(tmp_path, {}, calculator=ours("make_metallic"))
    for row in done.rows:
        assert row["charge_e"] == pytest.approx(0.7)
        assert row["work_function_ev"] == WORK_FUNCTIONS_EV[0]
        assert row.level.fingerprint in row["electronic_level"]
        assert row.status == "ok"
    assert done.tally.done["charges"] == 2
    assert done.tally.done["work_functions"] == 1, "one host for both ions"


def test_xtb_charges_at_the_geometry_of_another_engine_name_their_level(tmp_path: Path) -> None:
    pytest.importorskip("tblite")
    (row,) = screened(tmp_path, {"calculator": "xtb"}, ions=("Li",)).rows
    level = resolve("xtb").level()
    assert 0.1 < row["charge_e"] < 1.0
    assert row["electronic_level"] == f"{level} [{level.fingerprint}]"
    assert row.level == resolve(TOY).level()
    assert row["work_function_ev"] is None
    assert "xtb has no work functions" in row.notes
    assert row.status == "ok"


def test_an_engine_without_electrons_leaves_them_missing_and_says_why(tmp_path: Path) -> None:
    (row,) = screened(tmp_path, {}, ions=("Li",)).rows
    assert (row["charge_e"], row["work_function_ev"], row["electronic_level"]) == (None, None, None)
    assert f"{TOY} has no charges" in row.notes
    assert row["e_ads_ev"] is not None


def test_charges_that_fail_make_the_row_partial_and_lose_nothing_else(tmp_path: Path) -> None:
    (row,) = screened(tmp_path, {"calculator": ours("make_unsettled")}, ions=("Li",)).rows
    assert row["charge_e"] is None
    assert "charges do not settle" in row.reason
    assert row.status == "partial"
    assert row["work_function_ev"] == WORK_FUNCTIONS_EV[0]


def test_more_electrons_than_an_alkali_atom_has_are_no_charge(tmp_path: Path) -> None:
    (row,) = screened(tmp_path, {"calculator": ours("make_collapsed")}, ions=("Li",)).rows
    assert row["charge_e"] is None
    assert "gives 3.50 electrons" in row.reason
    assert row.status == "partial"


def test_an_ion_that_takes_electrons_from_a_metal_has_no_charge(tmp_path: Path) -> None:
    for row in screened(tmp_path, {"calculator": ours("make_backwards")}).rows:
        assert row["charge_e"] is None
        assert "takes 0.40 electrons" in row.reason
        assert row.status == "partial"
        assert row["work_function_ev"] == WORK_FUNCTIONS_EV[0]


@pytest.mark.parametrize(
    ("electronic", "message"),
    [
        ({"calculator": "xbt"}, "did you mean 'xtb'"),
        ({"calculator": "xtb", "options": {"cutoff": 3}}, "xtb options: cutoff"),
        ({"options": {"cutoff": 3}}, "options need a calculator"),
        ({"engine": "xtb"}, "engine"),
    ],
)
def test_a_wrong_engine_is_refused_before_anything_is_written(
    tmp_path: Path, electronic, message: str
) -> None:
    with pytest.raises((InputError, ValueError), match=message):
        screened(tmp_path, electronic)
    assert not (tmp_path / "a.db").exists()


def test_the_engine_of_charges_is_part_of_the_rows_key(tmp_path: Path) -> None:
    write_square(tmp_path)
    keys = set()
    for calculator in (None, ours("make_metallic"), ours("make_unsettled")):
        flow = workflow(ions=("Li",), descriptors={"electronic": {"calculator": calculator}})
        (pair,), _ = prepare(flow, load_catalogue(tmp_path))
        keys.add(pair.key)
    assert len(keys) == 3


def test_a_dry_run_counts_what_the_run_then_does(tmp_path: Path) -> None:
    write_square(tmp_path)
    extras = {"electronic": {}, "free_energy": {}}
    flow = workflow(calculator=ours("make_metallic"), descriptors=extras)
    catalogue = load_catalogue(tmp_path)
    done = run(flow, catalogue, str(tmp_path / "a.db"), 1).tally.done
    assert plan(flow, catalogue, jobs=1).tasks == done
