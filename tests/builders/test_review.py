"""The 20 systems of the review: all listed, all covered, all in the review's workflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.builders import load_catalogue
from screening.builders.review import ReviewSystem, review_coverage, review_systems
from screening.pipeline.workflow import load_workflow
from screening.resources import shipped
from screening.units import IONS

CATALOGUE = load_catalogue(shipped("structures"))
COVERAGE = review_coverage(CATALOGUE)


def test_there_are_twenty_systems_in_order() -> None:
    assert [system.id for system in review_systems()] == [f"R{n:02d}" for n in range(1, 21)]


def test_each_system_names_ions_of_ours() -> None:
    assert all(system.ions and set(system.ions) <= set(IONS) for system in review_systems())


def test_recipes_name_no_row_that_does_not_exist() -> None:
    named = {row for recipe in CATALOGUE.recipes.values() for row in recipe.review}
    assert named <= {system.id for system in review_systems()}


def test_a_system_without_candidate_is_listed_without(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("id: one\nbuilder: graphene\nreview: [R20]\n")
    found = {system.id: ids for system, ids in review_coverage(load_catalogue(tmp_path))}
    assert len(found) == 20
    assert found["R20"] == ("one",)
    assert found["R01"] == ()


@pytest.mark.parametrize(("system", "ids"), COVERAGE, ids=[system.id for system, _ in COVERAGE])
def test_the_review_workflow_screens_every_system_with_its_ions(
    system: ReviewSystem, ids: tuple[str, ...]
) -> None:
    workflow = load_workflow(shipped("workflows") / "review.yaml")
    chosen = {recipe.id for recipe in CATALOGUE.select(workflow.candidates)}
    assert ids
    assert set(ids) <= chosen
    assert set(system.ions) <= set(workflow.ions)
