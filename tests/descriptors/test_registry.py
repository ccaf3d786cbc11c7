"""Adding a descriptor touches one file: everything else follows from what it registers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from screening.descriptors import (
    Column,
    DescriptorSettings,
    Found,
    Pair,
    Size,
    Steps,
    Value,
    Work,
    all_columns,
    descriptor,
    descriptors,
    name_of,
)
from screening.descriptors.bound import Bound
from screening.report.dictionary import to_markdown
from screening.report.tables import dictionary
from tests.pages import blocks
from tests.rows import make_row

ROOT = Path(__file__).parents[2]


def test_every_column_says_what_it_is_and_belongs_to_one_descriptor() -> None:
    names = [name for column in all_columns() for name in column.names]
    assert len(names) == len(set(names))
    assert all(column.about.endswith(".") for column in all_columns())
    assert all(not column.energy or column.unit for column in all_columns())


def test_a_descriptor_has_a_docstring_a_schema_and_a_cost() -> None:
    size = Size(atoms=20, sites=4, geometry="slab", flat=False, latent=True)
    for name, known in descriptors().items():
        assert known.summary, name
        assert issubclass(known.settings, DescriptorSettings)
        assert name_of(known.settings()) == name
        assert all(work.tasks > 0 for work in known.cost(known.settings(), size))


def test_the_example_of_the_tutorial_is_a_descriptor_in_one_file() -> None:
    """Its block is run as it stands: schema, tables, docs and weights know it at once."""
    page = ROOT / "docs/tutorials/own-descriptor.md"
    (example,) = (block.text for block in blocks(page) if block.file == "nearness.py")
    known, parts = dict(registry_state()[0]), dict(registry_state()[1])
    names = dict(registry_state()[2])
    try:
        scope: dict[str, object] = {"__name__": "screening.descriptors.nearness"}
        exec(compile(example, "nearness.py", "exec"), scope)  # noqa: S102 (our own page)
        assert "nearness_a" in dictionary()
        assert "nearness_a" in to_markdown()
        assert descriptors()["nearness"].settings.__name__ == "Nearness"
        assert make_row(nearness_a=2.5)["nearness_a"] == 2.5
    finally:
        for state, before in zip(registry_state(), (known, parts, names), strict=True):
            state.clear()
            state.update(before)
        _forget()


def _forget() -> None:
    from screening.descriptors import registry

    registry._ordered.cache_clear()
    registry.all_columns.cache_clear()


def registry_state() -> tuple[dict, dict, dict]:
    from screening.descriptors import columns, registry

    return registry._DESCRIPTORS, columns._COLUMNS, columns._PARTS


def test_two_descriptors_cannot_have_one_column() -> None:
    class Toy(DescriptorSettings):
        """Nothing."""

    def cost(_: Toy, __: Size) -> Iterator[Work]:
        yield Work("points", 1, 1)

    def toy(settings: Toy, pair: Pair, bound: Bound) -> Steps[Found]:
        """Toy."""
        yield from ()
        return Found().given(e_ads_ev=Value(0.0))

    toy.__annotations__ = {"settings": Toy, "pair": Pair, "bound": Bound, "return": object}
    with pytest.raises(ValueError, match="another column 'e_ads_ev'"):
        descriptor("toy", Column("e_ads_ev", "eV", "Another."), cost=cost)(toy)


def test_a_setting_that_no_descriptor_has_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra"):
        descriptors()["adsorption"].settings(max_site=3)
