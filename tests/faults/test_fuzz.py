"""Readers of what people bring: any bytes are read or refused in one line, in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from screening.builders import load_catalogue
from screening.builders.families.file import read_structure
from screening.config import load_yaml
from screening.errors import InputError
from screening.pipeline.store import open_store
from screening.pipeline.workflow import load_workflow
from screening.ranking.weights import load_weights

SECONDS = 20.0

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from([
        "!!int ''", "!!bool maybe", "!!float ''", "!!python/object/apply:os.system [ls]", "*a",
        "&a x", "1:30", "010", "0x10", "1_000", "2026-11-27", "!!timestamp x", "!!map [a]", "!x y",
        "{", "[", "? a", "<<: {a: 1}", "!!binary =", "!!set {a, a}", ".nan", "-.inf", "\0",
    ]),
)  # fmt: skip
KEYS = st.one_of(
    st.text(max_size=10),
    st.sampled_from([
        "name", "calculator", "ions", "candidates", "relax", "descriptors", "adsorption", "fmax",
        "max_steps", "options", "dispersion", "id", "builder", "parameters", "family", "weights",
        "anchors", "barrier", "path", "each", "recipes", "defaults",
    ]),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=20,
)


def as_yaml(tree: object, depth: int = 0) -> str:
    """Write a tree the way a person would, with whatever stands in it unquoted."""
    pad = "  " * depth
    if isinstance(tree, dict):
        return "".join(f"\n{pad}{key}: {as_yaml(value, depth + 1)}" for key, value in tree.items())
    if isinstance(tree, list):
        return "".join(f"\n{pad}- {as_yaml(value, depth + 1)}" for value in tree)
    return str(tree)


TEXTS = st.one_of(
    st.dictionaries(KEYS, TREES, max_size=6).map(as_yaml).map(lambda t: t.encode(errors="replace")),
    st.binary(max_size=300),
)

STRUCTURES = st.one_of(
    st.binary(max_size=400),
    st.builds(
        lambda claimed, comment, lines: f"{claimed}\n{comment}\n".encode() + b"\n".join(lines),
        st.one_of(st.integers(-1, 10**30), st.text(max_size=5)),
        st.sampled_from([
            'Lattice="5 0 0 0 5 0 0 0 18" Properties=species:S:1:pos:R:3 pbc="T T F"',
            'Lattice="5 0 0 0 5 0 0 0 1e300" Properties=species:S:1:pos:R:3',
            'Lattice="5 0 0 0 5 0 0 0 18" Properties=species:S:1:pos:R:1000000000',
            'Lattice="nan 0 0 0 5 0 0 0 18" Properties=pos:R:3:species:S:1',
            'Properties=species:S:1:pos:R:3:forces:R:3 energy="__import__(1)"', "",
        ]),
        st.lists(st.sampled_from([b"C 0 0 9", b"C nan 0 9", b"Xx 0 0 9", b"C 1e400 0 9", b"C"])),
    ),
)  # fmt: skip


def refused_or_read(read: Callable[[Path], object], name: str, content: bytes) -> None:
    """The whole contract of a reader."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        start = time.process_time()
        try:
            read(path)
        except InputError as error:
            message = str(error)
            assert message
            assert len(message) < 20_000
        assert time.process_time() - start < SECONDS
        if name != "a.db":
            assert [entry.name for entry in Path(folder).iterdir()] == [name]
            assert path.read_bytes() == content


many = settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@many
@given(TEXTS)
def test_workflows(content: bytes) -> None:
    refused_or_read(load_workflow, "w.yaml", content)


@many
@given(TEXTS)
def test_weights(content: bytes) -> None:
    refused_or_read(load_weights, "w.yaml", content)


@many
@given(TEXTS)
@example(b'id: a\nbuilder: file\nparameters: {path: "a\\0b", geometry: slab}\n')
def test_recipes(content: bytes) -> None:
    def read(path: Path) -> None:
        catalogue = load_catalogue(path.parent)
        for recipe in catalogue.recipes:
            catalogue.build(recipe)

    refused_or_read(read, "r.yaml", content)


@many
@given(STRUCTURES)
@pytest.mark.filterwarnings("ignore")
def test_structures(content: bytes) -> None:
    for name in ("x.extxyz", "x.xyz", "POSCAR", "x.cif"):
        refused_or_read(read_structure, name, content)


@many
@given(st.binary(max_size=300).map(lambda tail: b"SQLite format 3\0" + tail) | st.binary())
def test_databases(content: bytes) -> None:
    refused_or_read(lambda path: open_store(path).rows(), "a.db", content)


@pytest.mark.parametrize(
    "content",
    [
        "a: " + "[" * 5000,
        "a: " + "{a: " * 3000,
        "- " * 5000,
        "a: &a [1]\nb: *a",
        "a: " + "9" * 100_000,
        "a" * 1_000_000,
        "a: 1\n" * 10_000,
        "? " * 5000,
    ],
    ids=range(8),
)
def test_bombs_are_refused_in_bounded_time(content: str) -> None:
    refused_or_read(load_yaml, "w.yaml", content.encode())


@pytest.mark.parametrize(
    "name", ["w\0.yaml", "x" * 300, "x" * 10_000, "/dev/null", "/dev/zero", "/"]
)
def test_names_that_are_none_are_refused(name: str) -> None:
    for read in (load_yaml, load_workflow, read_structure, open_store):
        with pytest.raises(InputError):
            read(Path(name))
