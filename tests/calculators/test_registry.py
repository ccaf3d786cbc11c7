from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from screening.calculators import available, registry, resolve
from screening.calculators.base import CalculatorSpec
from screening.errors import CalculatorError, InputError
from screening.structure.level import Level
from tests.engines import needs

PACKAGES = {"sevennet": "sevenn", "sevennet:7net-l3i5": "sevenn", "chgnet": "chgnet"}
PACKAGES |= {"xtb": "tblite", "gpaw": "gpaw"}
ALL = needs(*PACKAGES.values())


@pytest.mark.parametrize(
    "name",
    ["emt", *(pytest.param(name, marks=needs(package)) for name, package in PACKAGES.items())],
)
def test_built_in_names_resolve_to_themselves(name: str) -> None:
    assert resolve(name).name == name


@needs("sevenn")
def test_default_model_may_be_spelled_out() -> None:
    assert resolve("sevennet:7net-0").level() == resolve("sevennet").level()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sevenet", "did you mean 'sevennet'"),
        ("EMT", "did you mean 'emt'"),
        ("sevennet:7net-O", "did you mean sevennet:7net-0"),
        ("vasp", "allowed: sevennet, emt, chgnet, xtb, gpaw"),
        ("", "is not a name"),
        ("sevennet:", "no model after the colon"),
        ("no_such_module:make", "cannot import 'no_such_module'"),
    ],
)
def test_wrong_name_is_one_clear_line(name: str, says: str) -> None:
    with pytest.raises(CalculatorError) as caught:
        resolve(name, where="workflow.yaml: calculator")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_dispersion_names_the_allowed_ones() -> None:
    with pytest.raises(CalculatorError, match=r"unknown dispersion 'd4'.*none, d3bj"):
        resolve("sevennet", "d4")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["emt", "sevennet", "chgnet", "xtb", "gpaw"])
def test_unknown_option_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="cutof"):
        resolve(name, options={"cutof": 400.0})


def test_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(CalculatorError, match=r"pip install 'alkascreen\[chgnet\]'"):
        resolve("chgnet")
    assert not any(spec.installed for spec in available() if spec.modules)


def test_unknown_elements_are_refused_before_a_run() -> None:
    with pytest.raises(CalculatorError, match="does not know S, Ti"):
        resolve("emt").require_elements({"Ti", "S", "Li"}, "candidate x")


@ALL
def test_every_listed_calculator_states_what_it_is() -> None:
    specs = {spec.name: spec for spec in available()}
    assert {"emt", "sevennet", "sevennet:7net-mf-0", "chgnet", "xtb", "gpaw"} <= set(specs)
    for spec in specs.values():
        assert {"Li", "Na", "K"} <= set(spec.elements)
        assert spec.functional == spec.level().functional
    assert "demonstration only" in specs["emt"].note


@ALL
def test_fingerprints_differ_between_all_levels() -> None:
    levels = [spec.level() for spec in available()]
    levels += [
        resolve("sevennet", "d3bj").level(),
    ]
    assert len({level.fingerprint for level in levels}) == len(levels)


@ALL
def test_listing_imports_no_engine() -> None:
    code = (
        "import sys; from screening.calculators import available; "
        "[spec.level() for spec in available()]; "
        "print([m for m in ('torch', 'gpaw', 'tblite', 'sevenn', 'chgnet') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def plug_in_spec(model: str, options: object) -> CalculatorSpec:
    def level() -> Level:
        return Level("mine", model, "LJ", "none", "1")

    return CalculatorSpec("mine", level, {"Li"}, lambda: None, functional="LJ")  # type: ignore[arg-type,return-value]


def entry_point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.ENTRY_POINT_GROUP)


def test_plug_in_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = entry_point("mine", "tests.calculators.test_registry:plug_in_spec")
    monkeypatch.setattr(registry, "entry_points", lambda **_: [point])
    assert resolve("mine:fine").level().model == "fine"
    assert "mine" in [spec.name for spec in available()]


def test_broken_plug_in_is_listed_with_its_error_and_hides_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "entry_points", lambda **_: [entry_point("bad", "nowhere:spec")])
    listed = {spec.name: spec for spec in available()}
    assert "emt" in listed
    assert "nowhere" in listed["bad"].note
    with pytest.raises(CalculatorError, match="plug-in 'bad' cannot be loaded"):
        resolve("bad")


def test_plug_in_cannot_replace_a_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    point = entry_point("emt", "tests.calculators.test_registry:plug_in_spec")
    monkeypatch.setattr(registry, "entry_points", lambda **_: [point])
    assert resolve("emt").functional == "EMT"
