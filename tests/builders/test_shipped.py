"""Every shipped recipe builds a sound host, and the 20 rows of the review are all there."""

from __future__ import annotations

import numpy as np
import pytest
from ase.data import covalent_radii

from screening.builders import load_catalogue
from screening.config import load_yaml
from screening.resources import shipped
from screening.structure import Candidate
from screening.structure.neighbours import close_pairs

CATALOGUE = load_catalogue(shipped("structures"))
ROWS = [f"R{number:02d}" for number in range(1, 21)]


@pytest.fixture(scope="module")
def hosts() -> dict[str, Candidate]:
    return {candidate_id: CATALOGUE.build(candidate_id) for candidate_id in CATALOGUE.recipes}


def test_every_recipe_builds(hosts: dict[str, Candidate]) -> None:
    assert len(hosts) == len(CATALOGUE.recipes) > 100


def test_no_bond_is_shorter_than_a_chemical_one(hosts: dict[str, Candidate]) -> None:
    """Shortest bonds there are: C=O 0.86, C≡C 0.79 of the sum of the covalent radii."""
    short = {}
    for name, host in hosts.items():
        radii = covalent_radii[host.atoms.numbers]
        first, second, _, distance = close_pairs(host.atoms, 2 * float(radii.max()))
        if len(first) and (distance / (radii[first] + radii[second])).min() < 0.74:
            short[name] = float((distance / (radii[first] + radii[second])).min())
    assert short == {}


def test_hosts_are_centred_in_their_vacuum(hosts: dict[str, Candidate]) -> None:
    for host in hosts.values():
        middle = (host.atoms.positions.max(axis=0) + host.atoms.positions.min(axis=0)) / 2
        centre = np.asarray(host.atoms.cell).sum(axis=0) / 2
        aside = ~host.atoms.pbc
        assert middle[aside] == pytest.approx(centre[aside], abs=1e-6), host.id


def test_every_row_of_the_review_has_a_host() -> None:
    rows = {row for recipe in CATALOGUE.recipes.values() for row in recipe.review}
    assert sorted(rows) == ROWS


def test_review_recipes_name_their_source() -> None:
    assert [r.id for r in CATALOGUE.recipes.values() if r.review and not r.source] == []


def test_review_cells_are_small(hosts: dict[str, Candidate]) -> None:
    sizes = {r.id: len(hosts[r.id].atoms) for r in CATALOGUE.recipes.values() if r.review}
    assert max(sizes.values()) <= 80


def test_no_host_stands_in_for_another(hosts: dict[str, Candidate]) -> None:
    seen: dict[tuple[object, ...], str] = {}
    twins = []
    for host in hosts.values():
        first, second, _, distance = close_pairs(host.atoms, 3.2)
        numbers = host.atoms.numbers
        pairs = sorted(zip(numbers[first], numbers[second], distance.round(3), strict=True))
        key = (host.formula, tuple(host.atoms.cell.lengths().round(3)), tuple(pairs))
        if key in seen:
            twins.append((seen[key], host.id))
        seen[key] = host.id
    assert twins == []


def test_recipes_are_plain_yaml() -> None:
    for file in set(CATALOGUE.files.values()):
        assert load_yaml(file)
