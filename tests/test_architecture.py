"""The rooms of docs/architecture.md: imports go downwards only, files stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import screening

PACKAGE = Path(screening.__file__).parent
FLOORS = {
    "cli": 7,
    "report": 6,
    "pipeline": 5,
    "ranking": 5,
    "validation": 5,
    "surrogate": 4,
    "descriptors": 4,
    "geometry": 3,
    "evaluate": 3,
    "calculators": 2,
    "builders": 2,
    "electrochemistry": 2,
    "structure": 1,
}
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]


def floor(room: str) -> int:
    return FLOORS.get(room, 1)


def imported_rooms(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("screening."):
                yield name.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_imports_go_downwards_only(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    for other in imported_rooms(path):
        assert other == room or floor(other) <= floor(room), f"{path} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
