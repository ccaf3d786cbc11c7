from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms

from screening.calculators import resolve
from screening.errors import CalculatorError

HERE = "tests.calculators.plug_in"


def test_factory_gives_a_working_calculator_with_its_options() -> None:
    spec = resolve(f"{HERE}:argon", options={"epsilon": 0.02})
    pair = Atoms("Ar2", [(0, 0, 0), (0, 0, 3.0 * 2 ** (1 / 6))])
    shallow = resolve(f"{HERE}:argon").make().get_potential_energy(pair)
    assert spec.make().get_potential_energy(pair) == pytest.approx(2 * shallow)
    assert spec.functional == "LJ"
    assert set(spec.elements) == {"Ar", "Li"}


def test_options_and_source_are_part_of_the_level() -> None:
    plain, deep = resolve(f"{HERE}:argon"), resolve(f"{HERE}:argon", options={"epsilon": 0.02})
    assert plain.level().fingerprint != deep.level().fingerprint
    assert plain.level().weights != ""


def test_factory_that_names_no_elements_lets_all_through() -> None:
    spec = resolve("ase.calculators.lj:LennardJones")
    spec.require_elements({"U", "Li"}, "host")
    assert "not checked" in spec.note


def test_module_beside_the_workflow_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "from ase.calculators.lj import LennardJones\nmake = LennardJones\n"
    (tmp_path / "my_own_potential.py").write_text(source)
    monkeypatch.chdir(tmp_path)
    assert resolve("my_own_potential:make").make().get_potential_energy(Atoms("Ar")) == 0.0


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (f"{HERE}:nothing", "has no callable 'nothing'"),
        (f"{HERE}:constant", "has no callable 'constant'"),
        ("tests.calculators.nowhere:f", "cannot import"),
        ("..evil:f", "cannot import"),
    ],
)
def test_what_cannot_be_called_is_refused(name: str, says: str) -> None:
    with pytest.raises(CalculatorError, match=says):
        resolve(name)


@pytest.mark.parametrize(
    ("factory", "says"),
    [("not_a_calculator", "returned int"), ("broken", "ValueError: no luck")],
)
def test_factory_that_fails_is_one_line(factory: str, says: str) -> None:
    with pytest.raises(CalculatorError, match=says):
        resolve(f"{HERE}:{factory}").make()


def test_options_must_be_plain_data() -> None:
    with pytest.raises(CalculatorError, match="not plain data"):
        resolve(f"{HERE}:argon", options={"epsilon": object()})


WEIGHED = """
from pathlib import Path
from ase.calculators.lj import LennardJones

def make(weights="weights.txt"):
    return LennardJones(epsilon=float(Path(weights).read_text()))

make.files = ("weights.txt",)
make.level = "my potential, PBE"
"""


@pytest.fixture
def weighed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    name = f"weighed_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(WEIGHED)
    (tmp_path / "weights.txt").write_text("1.0")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / f"{name}.py"


def test_other_weights_are_another_level_and_another_comment_is_not(weighed: Path) -> None:
    name = f"{weighed.stem}:make"
    before = resolve(name).level()
    weighed.write_text(f"# a comment\n{WEIGHED}")
    assert resolve(name).level() == before
    (weighed.parent / "weights.txt").write_text("1.5")
    assert resolve(name).level().fingerprint != before.fingerprint
    assert before.model == "my potential, PBE"


def test_a_file_given_as_an_option_counts_by_its_content_not_its_place(weighed: Path) -> None:
    other, third = weighed.parent / "a" / "w.txt", weighed.parent / "b" / "w.txt"
    for path in (other, third):
        path.parent.mkdir()
        path.write_text("2.0")
    levels = [
        resolve(f"{weighed.stem}:make", options={"weights": str(path)}).level()
        for path in (other, third)
    ]
    assert levels[0] == levels[1]
    third.write_text("3.0")
    changed = resolve(f"{weighed.stem}:make", options={"weights": str(third)}).level()
    assert changed != levels[0]


def test_a_file_that_is_named_and_missing_is_refused(weighed: Path) -> None:
    (weighed.parent / "weights.txt").unlink()
    with pytest.raises(CalculatorError, match=r"weights\.txt"):
        resolve(f"{weighed.stem}:make").level()
