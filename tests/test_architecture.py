"""The rooms of docs/architecture.md: imports go downwards only, files stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import screening

PACKAGE = Path(screening.__file__).parent
FLOORS = {
    "__main__.py": 11,
    "cli": 10,
    "screen.py": 9,
    "anchoring.py": 9,
    "report": 8,
    "pipeline": 6,
    "ranking": 6,
    "validation": 7,
    "descriptors": 5,
    "surrogate": 4,
    "geometry": 3,
    "evaluate": 3,
    "calculators": 2,
    "builders": 2,
    "electrochemistry": 2,
    "structure": 1,
    "config.py": 0,
    "errors.py": 0,
    "files.py": 0,
    "resources.py": 0,
    "units.py": 0,
    "__init__.py": 0,
}
"""Higher floors import lower ones, and no other room of their own floor."""
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]
LINES = 300


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


KNOWN = {module_name(path): path for path in MODULES}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def imported(path: Path, *, late: bool = True) -> Iterator[str]:
    """Modules of ours that a file imports; `late`: inside functions too."""
    tree = ast.parse(path.read_text())
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not late and id(node) in hidden:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in KNOWN else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_imports_go_downwards_only(path: Path) -> None:
    mine = room(path)
    if mine == "__init__.py":
        return  # the door opens every room, late
    for name in imported(path):
        if name not in KNOWN or room(KNOWN[name]) in {mine, "__init__.py"}:
            continue
        other = room(KNOWN[name])
        assert other in FLOORS, f"{other} stands on no floor"
        assert FLOORS[other] < FLOORS[mine] or FLOORS[mine] == 0, f"{path} imports {name}"


def test_no_two_files_import_each_other_at_start() -> None:
    """Inside rooms too: the order of a circle is the order in which files happen to be loaded."""
    faces = {name for name, path in KNOWN.items() if path.name == "__init__.py"}
    arrows = {
        name: {n for n in imported(path, late=False) if n in KNOWN and n not in faces and n != name}
        for name, path in KNOWN.items()
        if name not in faces
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in arrows.get(name, ()):
                visit(other, (*trail, name))
            done.add(name)

    for name in arrows:
        visit(name, ())


@pytest.mark.parametrize(
    ("place", "words"),
    [("pipeline", ("sevenn", "chgnet", "gpaw", "tblite")), ("evaluate", ("adsor", "host"))],
)
def test_a_room_does_not_know_what_it_must_not(place: str, words: tuple[str, ...]) -> None:
    for path in (PACKAGE / place).rglob("*.py"):
        code = ast.unparse(ast.parse(path.read_text()))
        names = {n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)}
        strings = {
            n.value
            for n in ast.walk(ast.parse(code))
            if isinstance(n, ast.Constant) and isinstance(n.value, str) and " " not in n.value
        }
        if place == "evaluate":
            strings = set()  # kinds of tasks are named there, and only there
        for word in words:
            assert not any(word in name.lower() for name in names | strings), f"{path}: {word}"


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_file_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES
