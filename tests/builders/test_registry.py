"""Candidates and the registry: safe ids, provenance that can be built again, helpful refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import fcc111
from ase.constraints import FixAtoms, FixedLine

from screening.builders import build, builder_names, get_builder
from screening.builders.registry import _BUILDERS, Recipe, builder
from screening.config import StrictModel
from screening.errors import InputError, RecipeError, StructureError
from screening.structure import check_id, fixed_indices
from screening.structure.candidate import json_able


class Nothing(StrictModel):
    """No parameters."""


RECIPE = Recipe(
    id="gN",
    builder="graphene",
    parameters={"size": [2, 2], "motif": "graphitic", "dopant": "N"},
    source="a paper",
    review=("R20",),
)


@pytest.mark.parametrize("good", ["a", "graphene-N", "Cu_111", "rgo-0.22", "x" * 120, "Na+K.v2"])
def test_ids_that_are_safe(good: str) -> None:
    assert check_id(good, "x") == good


@pytest.mark.parametrize(
    "bad",
    [
        *("", "a/b", "a\\b", "..", "a..b", ".hidden", "-flag", "1e5", "nan", "NaN", "inf", "true"),
        *("a b", "a\nb", "a\tb", "a\0b", "é", "a\u202eb", "x" * 121, "'; drop", "5"),
    ],
)
def test_ids_that_are_not(bad: str) -> None:
    with pytest.raises(RecipeError, match="not valid") as caught:
        check_id(bad, "file.yaml")
    assert "\n" not in str(caught.value)


def test_a_candidate_carries_its_recipe_and_can_be_built_again_from_it() -> None:
    first = build(RECIPE)
    stored = json.loads(json.dumps(first.recipe))
    second = build(Recipe.model_validate_json(json.dumps(stored)))
    assert second.atoms == first.atoms
    assert second.recipe == first.recipe
    assert (first.recipe["source"], first.recipe["review"]) == ("a paper", ["R20"])


def test_building_leaves_the_recipe_as_it_was() -> None:
    before = RECIPE.model_dump_json()
    build(RECIPE)
    assert RECIPE.model_dump_json() == before


def test_a_recipe_may_name_its_own_family() -> None:
    assert build(RECIPE.model_copy(update={"family": "doped"})).family == "doped"
    assert build(RECIPE).family == "carbon"


def test_an_unknown_builder_gets_the_closest_name_and_the_list() -> None:
    with pytest.raises(RecipeError, match=r"did you mean 'graphene'.*nanotube"):
        build(RECIPE.model_copy(update={"builder": "grafene"}), "my.yaml")


def test_a_wrong_parameter_names_recipe_key_and_what_is_allowed() -> None:
    with pytest.raises(InputError, match=r"my\.yaml: parameters: sise: unknown key.*size"):
        build(RECIPE.model_copy(update={"parameters": {"sise": [2, 2]}}), "my.yaml")


def test_a_builders_own_complaint_says_which_recipe() -> None:
    bad = RECIPE.model_copy(update={"parameters": {"size": [0, 2]}})
    with pytest.raises(RecipeError, match=r"my\.yaml: size \[0, 2\] is not valid"):
        build(bad, "my.yaml")


def test_every_builder_says_what_it_makes() -> None:
    assert all(get_builder(name, "x").summary for name in builder_names())


def test_what_a_builder_returns_is_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.builders.registry._BUILDERS", dict(_BUILDERS))

    @builder("broken", family="none", geometry="sheet")
    def build_broken(parameters: Nothing) -> Atoms:
        """Two atoms on one place."""
        return Atoms("CC", cell=[3, 3, 20], pbc=(True, True, False))

    with pytest.raises(StructureError, match="overlap"):
        build(Recipe(id="b", builder="broken"))


def test_a_recipes_folder_is_where_its_files_are(tmp_path: Path) -> None:
    recipe = Recipe(id="f", builder="file", parameters={"path": "a.cif", "geometry": "sheet"})
    with pytest.raises(StructureError, match=str(tmp_path / "a.cif")):
        build(recipe, "x", tmp_path)


def test_fixed_atoms_are_those_of_fixatoms() -> None:
    slab = fcc111("Cu", (1, 1, 4), vacuum=8.0)
    assert fixed_indices(slab).tolist() == []
    slab.set_constraint([FixAtoms([1, 0]), FixAtoms([1]), FixedLine(3, [0, 0, 1])])
    assert fixed_indices(slab).tolist() == [0, 1]


def test_a_recipe_that_is_no_json_is_refused() -> None:
    with pytest.raises(StructureError, match="JSON"):
        json_able({"a": {1, 2}})
