"""A picture shows the host, from the top and the side, and the sites that ions are put on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from matplotlib.image import imread

from screening.builders import Recipe, build
from screening.errors import StoreError
from screening.geometry import find_sites
from screening.report.pictures.host import DPI, INCH_PER_A, draw
from screening.structure import Candidate

HOSTS = {
    "sheet": Recipe(id="sheet", builder="graphene", parameters={"size": [2, 2]}),
    "slab": Recipe(id="slab", builder="metal", parameters={"element": "Cu", "miller": [1, 1, 1]}),
    "tube": Recipe(id="tube", builder="nanotube", parameters={"n": 5, "m": 0}),
    "cluster": Recipe(id="cluster", builder="fullerene"),
}


def candidate(kind: str) -> Candidate:
    return build(HOSTS[kind])


def picture(path: Path) -> np.ndarray:
    """Red, green and blue from 0 to 1, shape (height, width, 3)."""
    return np.asarray(imread(path))[:, :, :3]


def with_atoms(host: Candidate, atoms: Atoms) -> Candidate:
    return Candidate(host.id, host.family, host.geometry, atoms, host.recipe)


@pytest.mark.parametrize("kind", HOSTS)
def test_every_geometry_is_drawn(tmp_path: Path, kind: str) -> None:
    draw(candidate(kind), tmp_path / "x.png")
    image = picture(tmp_path / "x.png")
    assert min(image.shape[:2]) > 200
    assert image.min() < 0.3
    assert image[0, 0] == pytest.approx(1.0)  # white paper
    assert [file.name for file in tmp_path.iterdir()] == ["x.png"]


def test_the_picture_is_to_scale(tmp_path: Path) -> None:
    small = build(Recipe(id="s", builder="graphene", parameters={"size": [4, 4]}))
    large = build(Recipe(id="l", builder="graphene", parameters={"size": [6, 4]}))
    draw(small, tmp_path / "small.png")
    draw(large, tmp_path / "large.png")
    longer = large.atoms.cell.lengths()[0] - small.atoms.cell.lengths()[0]
    grown = picture(tmp_path / "large.png").shape[1] - picture(tmp_path / "small.png").shape[1]
    assert grown == pytest.approx(2 * longer * INCH_PER_A * DPI, abs=2)


def test_an_element_has_its_colour(tmp_path: Path) -> None:
    """Nitrogen is blue: a doped sheet has blue where the pristine one has none."""
    doped = build(
        Recipe(id="d", builder="graphene", parameters={"motif": "graphitic", "dopant": "N"})
    )
    draw(candidate("sheet"), tmp_path / "pristine.png")
    draw(doped, tmp_path / "doped.png")

    def blue(name: str) -> int:
        red, _, strong = np.moveaxis(picture(tmp_path / name), 2, 0)
        return int((strong - red > 0.4).sum())

    assert blue("pristine.png") == 0
    assert blue("doped.png") > 500


@pytest.mark.parametrize("kind", HOSTS)
def test_marked_sites_are_seen(tmp_path: Path, kind: str) -> None:
    host = candidate(kind)
    draw(host, tmp_path / "plain.png")
    draw(host, tmp_path / "marked.png", find_sites(host.atoms, host.geometry))

    def red(name: str) -> int:
        strong, green, _ = np.moveaxis(picture(tmp_path / name), 2, 0)
        return int((strong - green > 0.5).sum())

    assert red("plain.png") == 0 or kind == "slab"  # copper is reddish itself
    assert red("marked.png") > red("plain.png")


def test_sites_on_the_other_face_get_a_view_of_their_own(tmp_path: Path) -> None:
    parameters = {"size": [3, 3], "groups": ["epoxide"]}
    host = build(Recipe(id="x", builder="graphene", parameters=parameters))
    sites = find_sites(host.atoms, host.geometry)
    draw(host, tmp_path / "top.png", [site for site in sites if site.face == "top"])
    draw(host, tmp_path / "both.png", sites)
    top, both = picture(tmp_path / "top.png"), picture(tmp_path / "both.png")
    assert both.shape[1] > 1.3 * top.shape[1]


def test_the_host_is_left_as_it_was(tmp_path: Path) -> None:
    host = candidate("slab")
    before = host.atoms.copy()
    draw(host, tmp_path / "x.png", find_sites(host.atoms, host.geometry))
    assert host.atoms == before


def test_the_picture_does_not_depend_on_the_cell_that_atoms_are_written_in(tmp_path: Path) -> None:
    host = candidate("sheet")
    moved = host.atoms.copy()
    moved.positions[::3] += moved.cell[0] - 2 * moved.cell[1]
    draw(host, tmp_path / "here.png")
    draw(with_atoms(host, moved), tmp_path / "there.png")
    difference = picture(tmp_path / "here.png") - picture(tmp_path / "there.png")
    assert np.abs(difference).mean() < 1e-4


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write"):
        draw(candidate("sheet"), tmp_path / "missing/x.png")
