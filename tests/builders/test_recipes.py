"""The catalogue: what stands below ``structures/`` is found, expanded, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from screening.builders import Catalogue, build, builder_names, load_catalogue
from screening.builders.groups import EdgeGroup, FaceGroup
from screening.builders.recipes import expand, read_recipes
from screening.builders.registry import Recipe
from screening.builders.sp2 import MotifName
from screening.errors import InputError, RecipeError
from screening.resources import default_structures, shipped

ONE = "id: sheet\nbuilder: graphene\nparameters: {size: [2, 2]}\n"
TWO = """
recipes:
  - {id: zeta, builder: graphene, parameters: {size: [2, 2]}, review: [R20], source: a paper}
  - {id: alpha, builder: graphene}
"""


def catalogue(folder: Path, **files: str) -> Catalogue:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_catalogue(folder)


def refusal(folder: Path, **files: str) -> str:
    with pytest.raises(InputError) as caught:
        catalogue(folder, **files)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_recipes_are_found_at_any_depth_and_sorted(tmp_path: Path) -> None:
    found = catalogue(tmp_path, one=ONE, deep__er__two=TWO)
    assert list(found.recipes) == ["alpha", "sheet", "zeta"]
    assert found.files["zeta"] == tmp_path / "deep/er/two.yaml"
    assert found.get("zeta").review == ("R20",)


def test_a_candidate_is_built_on_demand_with_its_recipe(tmp_path: Path) -> None:
    candidate = catalogue(tmp_path, two=TWO).build("zeta")
    assert (candidate.id, candidate.family, candidate.geometry) == ("zeta", "carbon", "sheet")
    assert candidate.formula == "C8"
    assert candidate.recipe["source"] == "a paper"
    assert candidate.recipe["parameters"] == {"size": [2, 2]}


def test_listing_builds_nothing(tmp_path: Path) -> None:
    found = catalogue(tmp_path, one=ONE.replace("[2, 2]", "[0, 0]"))
    assert list(found.recipes) == ["sheet"]
    with pytest.raises(RecipeError, match=r"one\.yaml: sheet: size \[0, 0\]"):
        found.build("sheet")


def test_patterns_select(tmp_path: Path) -> None:
    found = catalogue(tmp_path, one=ONE, two=TWO)
    assert [r.id for r in found.select(["*et*"])] == ["sheet", "zeta"]
    assert [r.id for r in found.select(["zeta", "alpha", "zeta"])] == ["alpha", "zeta"]


@pytest.mark.parametrize("call", ["get", "build", "select"])
def test_an_unknown_id_gets_the_closest_one(tmp_path: Path, call: str) -> None:
    found = catalogue(tmp_path, one=ONE)
    with pytest.raises(RecipeError, match="did you mean 'sheet'"):
        getattr(found, call)(["shet"] if call == "select" else "shet")


def test_an_id_given_twice_names_both_files(tmp_path: Path) -> None:
    message = refusal(tmp_path, a=ONE, b=ONE)
    assert "a.yaml and" in message
    assert "b.yaml" in message
    assert "'sheet'" in message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("id: x\n", ["builder", "missing"]),
        ("builder: graphene\n", ["id", "missing"]),
        (ONE + "colour: red\n", ["colour", "unknown key"]),
        (ONE.replace("graphene", "graphen"), ["unknown builder 'graphen'", "mean 'graphene'"]),
        ("id: 5\nbuilder: graphene\n", ["id", "5"]),
        ("id: a/b\nbuilder: graphene\n", ["a/b"]),
        ("id: ..\nbuilder: graphene\n", [".."]),
        ("recipes: 5\n", ["recipes", "5"]),
        ("recipes: [1]\n", ["recipes.0", "1"]),
        (TWO + "note: x\n", ["note", "unknown key"]),
        (ONE + "matrix: {size: [[2, 2]]}\n", ["matrix", "size", "parameters"]),
        (ONE + "matrix: {seed: []}\n", ["matrix", "seed", "no values"]),
        (ONE + "matrix: {seed: 5}\n", ["matrix", "seed"]),
        (ONE + "matrix: {groups: [{a: 1}]}\n", ["matrix"]),
        ("id: [\n", ["not valid YAML"]),
    ],
)
def test_a_broken_recipe_is_one_line_with_the_file(
    tmp_path: Path, text: str, parts: list[str]
) -> None:
    message = refusal(tmp_path, broken=text)
    assert all(part in message for part in ["broken.yaml", *parts]), message


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no such folder"):
        load_catalogue(tmp_path / "nowhere")


def test_a_wrong_parameter_names_its_place_and_what_is_allowed(tmp_path: Path) -> None:
    found = catalogue(tmp_path, one=ONE.replace("size", "sise"))
    with pytest.raises(InputError, match=r"one\.yaml: sheet: parameters: sise: unknown key.*size"):
        found.build("sheet")


MATRIX = {
    "id": "g",
    "builder": "graphene",
    "parameters": {"size": [3, 3]},
    "matrix": {"dopant": ["B", "N"], "motif": ["graphitic", "pyridinic"]},
}


def test_lists_expand_to_their_product() -> None:
    recipes = list(expand(MATRIX, "x"))
    assert [r.id for r in recipes] == [
        "g-B-graphitic",
        "g-B-pyridinic",
        "g-N-graphitic",
        "g-N-pyridinic",
    ]
    assert build(recipes[3]).formula == "C16N"


def test_ids_stay_the_same_when_a_list_grows() -> None:
    grown = {**MATRIX, "matrix": {"dopant": ["P", "B", "S", "N"], "motif": ["graphitic"]}}
    before = {r.id: r.parameters for r in expand(MATRIX, "x")}
    after = {r.id: r.parameters for r in expand(grown, "x")}
    assert after["g-B-graphitic"] == before["g-B-graphitic"]
    assert set(before) & set(after) == {"g-B-graphitic", "g-N-graphitic"}


def test_values_that_are_lists_have_short_names() -> None:
    data = {**MATRIX, "parameters": {}, "matrix": {"size": [[3, 3], [4, 2]], "seed": [1]}}
    assert [r.id for r in expand(data, "x")] == ["g-3x3-1", "g-4x2-1"]


def test_equal_values_collide_instead_of_counting_twice(tmp_path: Path) -> None:
    text = "id: g\nbuilder: graphene\nmatrix: {seed: [1, 1]}\n"
    assert "'g-1' is given twice" in refusal(tmp_path, m=text)


def test_a_matrix_of_ten_thousand_expands_to_as_many_that_each_build() -> None:
    data = {
        "id": "m",
        "builder": "graphene",
        "parameters": {"motif": "graphitic", "groups": ["hydroxyl"]},
        "matrix": {"dopant": ["B", "N", "O", "P"], "seed": list(range(2500))},
    }
    recipes = list(expand(data, "x"))
    assert len({recipe.id for recipe in recipes}) == 10_000
    for recipe in recipes[::500]:
        found = build(recipe)
        assert found.id == recipe.id
        assert recipe.parameters["dopant"] in found.atoms.symbols


def test_a_matrix_without_end_is_refused(tmp_path: Path) -> None:
    text = (
        f"id: g\nbuilder: graphene\nmatrix: {{seed: {list(range(400))}, a: {list(range(400))}}}\n"
    )
    assert "too many candidates" in refusal(tmp_path, m=text)


def test_every_shipped_recipe_has_a_builder_and_a_unique_id() -> None:
    found = load_catalogue(shipped("structures"))
    assert {r.builder for r in found.recipes.values()} <= set(builder_names())


def test_the_folder_of_the_project_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_structures() == shipped("structures")
    (tmp_path / "structures").mkdir()
    assert default_structures() == Path("structures")


def test_one_file_can_be_read_alone(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(ONE)
    assert read_recipes(path) == [
        Recipe(id="sheet", builder="graphene", parameters={"size": [2, 2]})
    ]


def test_the_documentation_names_every_builder_and_motif() -> None:
    text = (Path(__file__).parents[2] / "docs/recipes.md").read_text()
    names = [*builder_names(), *get_args(MotifName), *get_args(FaceGroup), *get_args(EdgeGroup)]
    assert [name for name in names if f"`{name}`" not in text and name != "hydrogen"] == []
