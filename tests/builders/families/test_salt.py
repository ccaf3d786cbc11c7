"""Faces of salts: non-polar, stoichiometric, of the crystals that the catalogue states."""

from __future__ import annotations

import pytest

from screening.builders import Recipe, build, load_catalogue
from screening.builders.bulk import crystal_of
from screening.builders.parts import bulk_parts
from screening.builders.phases import shipped_phases
from screening.builders.slab import has_equal_faces
from screening.errors import RecipeError
from screening.resources import shipped

CATALOGUE = load_catalogue(shipped("structures"))
SALTS = [name for name, recipe in CATALOGUE.recipes.items() if recipe.builder == "salt"]


def slab(crystal: str, miller: list[int], **parameters: object):
    stated = {"crystal": crystal, "miller": miller, **parameters}
    return build(Recipe(id="host", builder="salt", parameters=stated))


@pytest.mark.parametrize("name", SALTS)
def test_a_shipped_face_keeps_the_composition_has_no_dipole_and_is_small(name: str) -> None:
    host, recipe = CATALOGUE.build(name), CATALOGUE.recipes[name]
    atoms = host.atoms.copy()
    atoms.set_constraint()
    crystal = shipped_phases()[recipe.parameters["crystal"]]
    assert atoms.symbols.formula.reduce()[0].count() == crystal.counts
    assert has_equal_faces(atoms)
    assert len(atoms) <= 60
    assert bulk_parts(host.recipe) == (crystal.counts,)


@pytest.mark.parametrize("name", SALTS)
def test_a_recipe_says_which_ion_its_crystal_holds_and_where_the_numbers_are_from(name) -> None:
    recipe = CATALOGUE.recipes[name]
    (ion,) = shipped_phases()[recipe.parameters["crystal"]].elements & {"Li", "Na", "K"}
    assert f"holds {ion}" in recipe.note
    assert recipe.source


def test_the_face_is_cut_from_the_crystal_of_the_catalogue() -> None:
    host = slab("LiF", [1, 0, 0], size=[1, 1])
    crystal, cut = crystal_of(host.recipe)
    assert crystal.cell.lengths() == pytest.approx([4.0262] * 3)
    assert tuple(cut.miller) == (1, 0, 0)
    assert host.atoms.cell.lengths()[:2] == pytest.approx([4.0262 / 2**0.5] * 2)


@pytest.mark.parametrize(
    ("crystal", "miller"), [("LiF", [1, 1, 1]), ("Li3N", [0, 0, 0, 1]), ("Li2O", [1, 0, 0])]
)
def test_polar_faces_are_refused(crystal: str, miller: list[int]) -> None:
    with pytest.raises(RecipeError, match="polar"):
        slab(crystal, miller)


@pytest.mark.parametrize("crystal", ["LiPON", "Li", "O2"])
def test_what_is_no_compound_of_the_catalogue_is_refused(crystal: str) -> None:
    with pytest.raises(RecipeError, match=f"no compound '{crystal}'.*LiF"):
        slab(crystal, [1, 0, 0])
