"""YAML is read strictly: what a user wrote is what the program sees, or one line says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from screening.config import MAX_YAML_BYTES, StrictModel, load_yaml, parse
from screening.errors import InputError


class Inner(StrictModel):
    depth: int = 1


class Schema(StrictModel):
    dopant: str = "B"
    fmax: float = 0.05
    steps: int = 10
    size: tuple[int, int] = (3, 3)
    kind: Literal["sheet", "slab"] = "sheet"
    inner: Inner = Inner()


def yaml_file(folder: Path, text: str | bytes) -> Path:
    path = folder / "some.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def complaint(data: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        parse(Schema, data, "file.yaml")
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_mapping_becomes_the_schema() -> None:
    parsed = parse(Schema, {"dopant": "N", "size": [4, 2], "fmax": 1}, "x")
    assert parsed == Schema(dopant="N", size=(4, 2), fmax=1.0)


def test_parsing_leaves_the_mapping_as_it_was() -> None:
    data = {"size": [4, 2], "inner": {"depth": 2}}
    parse(Schema, data, "x")
    assert data == {"size": [4, 2], "inner": {"depth": 2}}


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        ({"colour": 1}, ["colour", "unknown key", "dopant", "fmax"]),
        ({"inner": {"colour": 1}}, ["inner.colour", "unknown key", "depth"]),
        ({"dopant": False}, ["dopant", "False", "quotes"]),
        ({"fmax": "1e-2"}, ["fmax", "1e-2", "without quotes"]),
        ({"fmax": [0.1]}, ["fmax", "[0.1]"]),
        ({"fmax": float("nan")}, ["fmax", "finite"]),
        ({"steps": 1.0}, ["steps", "integer"]),
        ({"steps": True}, ["steps", "integer"]),
        ({"size": [1, 2, 3]}, ["size", "2 items"]),
        ({"size": [1, "a"]}, ["size.1", "'a'"]),
        ({"kind": "tube"}, ["kind", "tube", "'sheet' or 'slab'"]),
    ],
)
def test_a_wrong_value_is_named_with_its_place(data: dict[str, Any], parts: list[str]) -> None:
    message = complaint(data)
    assert message.startswith("file.yaml: ")
    assert all(part in message for part in parts), message


def test_a_long_value_is_shortened_in_the_message() -> None:
    assert len(complaint({"steps": "x" * 5000})) < 300


def test_a_value_that_json_cannot_hold_is_refused() -> None:
    assert "cannot" in complaint({"dopant": {1, 2}})


@pytest.mark.parametrize("word", ["NO", "off", "Yes", "true"])
def test_words_that_yaml_reads_as_booleans_do_not_become_elements(
    tmp_path: Path, word: str
) -> None:
    data = load_yaml(yaml_file(tmp_path, f"dopant: {word}\n"))
    assert "put it in quotes" in complaint(data)


@pytest.mark.parametrize("symbol", ["N", "Y", "Na", "K", "Li", "B", "O"])
def test_element_symbols_stay_text(tmp_path: Path, symbol: str) -> None:
    assert load_yaml(yaml_file(tmp_path, f"dopant: {symbol}\n")) == {"dopant": symbol}


def test_a_date_stays_text(tmp_path: Path) -> None:
    assert load_yaml(yaml_file(tmp_path, "id: 2024-01-01\n")) == {"id": "2024-01-01"}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        ("- 1\n- 2\n", "list"),
        ("just words\n", "str"),
        ("a: 1\na: 2\n", "given twice"),
        ("a: {b: 1, b: 2}\n", "given twice"),
        ("1: a\n", "not text"),
        ("a: [1, 2\n", "not valid YAML"),
        ("a: &x [1]\nb: *x\n", "aliases"),
        ("a: 1:30\n", "no plain number"),
        ("a: 010\n", "no plain number"),
        ("a: 0x1F\n", "no plain number"),
        ("a: 1_000.5\n", "no plain number"),
        ("<<: {a: 1}\n", "not valid YAML"),
        ("a: !!python/object/apply:os.system ['true']\n", "not valid YAML"),
        (b"a: \xff\xfe\n", "cannot read"),
        (b"a: \x00\n", "not valid YAML"),
        ("a: " + "[" * 100_000, "not valid YAML"),
    ],
)
def test_a_broken_or_hostile_file_is_one_clear_line(
    tmp_path: Path, text: str | bytes, part: str
) -> None:
    path = yaml_file(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_yaml(path)
    message = str(caught.value)
    assert str(path) in message
    assert part in message
    assert "\n" not in message


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = yaml_file(tmp_path, "a: 1\n" + "#" * MAX_YAML_BYTES)
    with pytest.raises(InputError, match="too large"):
        load_yaml(path)


@pytest.mark.parametrize(
    ("name", "part"),
    [("missing.yaml", "no such file"), (".", "not a regular"), ("/dev/zero", "not a regular")],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, part: str) -> None:
    with pytest.raises(InputError, match=part):
        load_yaml(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("-3", -3), ("0.05", 0.05), ("1.0e-2", 0.01)]
)
def test_plain_numbers_are_numbers(tmp_path: Path, text: str, value: float) -> None:
    assert load_yaml(yaml_file(tmp_path, f"a: {text}\n")) == {"a": value}
