from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from rows import make_row
from typer.testing import CliRunner, Result

from screening.cli.app import app
from screening.pipeline.store import open_store

WORKFLOW = """\
name: tiny
calculator: emt
ions: [Li]
candidates: [cu-111]
relax: {fmax: 0.1, max_steps: 100}
descriptors: {adsorption: {max_sites: 1}}
"""
RECIPES = """\
recipes:
  - {id: cu-111, builder: metal, parameters: {element: Cu, miller: [1, 1, 1], layers: 3}}
  - {id: graphene, builder: graphene, parameters: {size: [2, 2]}}
"""

Command = Callable[..., Result]
Snapshot = Mapping[str, bytes]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two recipes and a small workflow; the current folder."""
    for folder in ("structures", "workflows", "results"):
        (tmp_path / folder).mkdir()
    (tmp_path / "structures/hosts.yaml").write_text(RECIPES)
    (tmp_path / "workflows/tiny.yaml").write_text(WORKFLOW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def alkascreen() -> Command:
    """Call the command as a user does: ``alkascreen("rank", "--ion", "Li")``."""
    runner = CliRunner()

    def call(*arguments: str | Path) -> Result:
        result = runner.invoke(app, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def database(project: Path) -> Path:
    """A database with rows of all three ions and a host that failed."""
    path = project / "results/alkascreen.db"
    store = open_store(str(path), create=True)
    store.save_row(make_row("strong", e_ads_ev=-0.5))
    store.save_row(make_row("weak", e_ads_ev=0.5))
    store.save_row(make_row("broken", e_ads_ev=None, status="failed", reason="engine failed"))
    store.save_row(make_row("strong", ion="Na", barrier_ev=None, status="partial"))
    store.save_row(make_row("strong", ion="K", barrier_ev=None, status="partial"))
    return path


def snapshot(folder: Path) -> Snapshot:
    """Every file below a folder with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }
