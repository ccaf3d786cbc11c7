from __future__ import annotations

import pytest

from screening.builders import load_catalogue
from screening.pipeline.workflow import load_workflow


def test_init_lays_out_recipes_and_workflows_that_load(alkascreen, tmp_path) -> None:
    home = tmp_path / "deep/home"
    assert alkascreen("init", home).exit_code == 0
    assert load_catalogue(home / "structures").recipes
    assert [load_workflow(path).name for path in (home / "workflows").glob("*.yaml")]
    assert sorted(path.name for path in home.iterdir()) == ["results", "structures", "workflows"]


@pytest.mark.parametrize("name", ["structures", "workflows", "results"])
def test_init_never_overwrites(alkascreen, tmp_path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine.yaml").write_text("mine")
    result = alkascreen("init", tmp_path)
    assert result.exit_code == 2
    assert [path.name for path in tmp_path.rglob("*.yaml")] == ["mine.yaml"]


def test_init_at_a_file_is_one_line_and_exit_code_2(alkascreen, tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    result = alkascreen("init", tmp_path / "file/home")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
