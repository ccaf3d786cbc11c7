"""A workflow file is checked before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.errors import InputError
from screening.pipeline.workflow import load_workflow

GOOD = "name: demo\ncalculator: emt\ncandidates: [a, b]\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "flow.yaml"
    path.write_text(text)
    return path


def test_defaults_are_filled_in(tmp_path: Path) -> None:
    flow = load_workflow(written(tmp_path, GOOD))
    assert flow.ions == ("Li", "Na", "K")
    assert flow.dispersion == "none"
    assert flow.relax.fmax == 0.05
    assert flow.descriptors.barrier is None


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("colour: red", "colour: unknown key"),
        ("ions: [Li, Mg]", "ions"),
        ("ions: [NO]", "ions"),
        ("ions: []", "ions"),
        ("ions: [Li, Li]", "ions"),
        ("ions: Li", "ions"),
        ("relax: {fmax: 1e-2}", "relax.fmax"),
        ("relax: {fmax: [0.1]}", "relax.fmax"),
        ("relax: {fmax: 0}", "relax.fmax"),
        ("relax: {fmax: -0.1}", "relax.fmax"),
        ("relax: {fmax: .nan}", "relax.fmax"),
        ("relax: {max_steps: 2.5}", "relax.max_steps"),
        ("relax: {max_steps: yes}", "relax.max_steps"),
        ("relax: {force: 0.1}", "relax.force: unknown key"),
        ("dispersion: d4", "dispersion"),
        ("descriptors: {barrier: {images: 0}}", "descriptors.barrier.images"),
        ("descriptors: {barier: {}}", "descriptors.barier: unknown key"),
        ("description: NO", "description"),
    ],
)
def test_a_wrong_entry_is_named_by_file_and_path(tmp_path: Path, line: str, place: str) -> None:
    path = written(tmp_path, GOOD + line + "\n")
    with pytest.raises(InputError) as caught:
        load_workflow(path)
    message = str(caught.value)
    assert str(path) in message
    assert place in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["../up", "a/b", "", "1", "a\\tb", "a b"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        load_workflow(written(tmp_path, f'name: "{name}"\ncandidates: [a]\n'))


def test_options_of_the_command_line_are_checked_like_the_file(tmp_path: Path) -> None:
    flow = load_workflow(written(tmp_path, GOOD + "options: {a: 1}\n"))
    changed = flow.override(ions=("K",), calculator="sevennet", only=("b",))
    assert (changed.ions, changed.calculator, changed.candidates) == (("K",), "sevennet", ("b",))
    assert changed.options == {}
    assert flow.ions == ("Li", "Na", "K")
    with pytest.raises(InputError, match=r"--ions.*Mg.*allowed: Li, Na, K"):
        flow.override(ions=("Mg",))
    with pytest.raises(InputError, match="--dispersion"):
        flow.override(dispersion="d4")


def test_a_device_of_the_command_line_is_an_option_of_the_calculator(tmp_path: Path) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("name: w\ncalculator: sevennet\noptions: {engine: stock}\ncandidates: [x]\n")
    flow = load_workflow(path)
    on_card = flow.override(device="cuda")
    assert on_card.options == {"engine": "stock", "device": "cuda"}
    assert on_card.override(device="auto").options == flow.options
