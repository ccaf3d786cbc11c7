"""Files are written where asked, whole, and never over something of another kind."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from screening.errors import StoreError
from screening.files import write_atomic
from screening.pipeline.store import open_store

CSV = "candidate,family\nsquare,metal\n"
JSON = '{"rows": []}\n'
MARKDOWN = "## Li\n\n| a | b |\n"
PNG = b"\x89PNG\0"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("w.yaml", "name: x\n", CSV),
        ("w.yml", "# mine\nname: x\n", JSON),
        ("w.yaml", "name: x\n", MARKDOWN),
        ("w.yaml", "name: x\n", PNG),
        ("t.csv", CSV, JSON),
        ("t.csv", CSV, MARKDOWN),
        ("t.json", JSON, CSV),
        ("README.md", "# Mine\n", CSV),
        ("README.md", "# Mine\n", JSON),
        ("p.png", PNG, CSV),
        ("mine.py", "print()\n", CSV),
        ("x.cif", "data_x\n", CSV),
        ("x.extxyz", "2\n", CSV),
        ("notes", "text\n", PNG),
        ("x.traj", "binary\n", CSV),
    ],
)
def test_a_file_of_another_kind_is_left_as_it_was(tmp_path: Path, name: str, old, new) -> None:
    path = tmp_path / name
    path.write_bytes(old if isinstance(old, bytes) else old.encode())
    with pytest.raises(StoreError, match="another kind"):
        write_atomic(path, new)
    assert path.read_bytes() == (old if isinstance(old, bytes) else old.encode())
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", CSV),
        ("t.csv", "candidate\nx\n"),
        ("t.json", JSON),
        ("t.md", MARKDOWN),
        ("t.yaml", "id: x\n"),
        ("t.png", PNG),
        ("t.extxyz", "2\n\nH 0 0 0\nH 0 0 1\n"),
        ("t", CSV),
        ("POSCAR", "Cu\n1.0\n"),
    ],
)
def test_a_file_of_the_same_kind_is_replaced(tmp_path: Path, name: str, content) -> None:
    path = tmp_path / name
    for _ in range(2):
        write_atomic(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("name", ["x.db", "x.csv", "x"])
def test_a_database_is_never_replaced_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    open_store(path, create=True)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is a database"):
        write_atomic(path, CSV)
    assert path.read_bytes() == before


@pytest.mark.parametrize("link", [False, True])
def test_pipes_devices_and_folders_are_left_alone(tmp_path: Path, link: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    if os.geteuid() == 0:
        os.mknod(tmp_path / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    for path in list(tmp_path.iterdir()):
        kind, target = path.lstat().st_mode, path
        if link:
            target = tmp_path / f"to-{path.name}"
            target.symlink_to(path)
        with pytest.raises(StoreError, match="not a regular file"):
            write_atomic(target, CSV)
        assert path.lstat().st_mode == kind


@pytest.mark.parametrize("name", ["/", "a\0b", "x" * 300, "no/such/folder/t.csv", "/dev/null/t"])
def test_a_place_that_is_none_is_one_clear_line(name: str) -> None:
    with pytest.raises(StoreError) as caught:
        write_atomic(Path(name), CSV)
    assert "cannot write" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_longest_name_that_a_file_may_have_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".csv")
    write_atomic(path, CSV)
    assert path.read_text() == CSV
