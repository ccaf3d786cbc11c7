"""What is installed by hash is what was tested, all of it; torch alone is pinned by version."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ("build.txt", "dft.txt", "setup.txt")
UNLOCKED = {"torch"}
"""Its build for processors has other hashes than that of the same version for cards."""


def pins(text: str) -> list[tuple[str, str]]:
    """Return names, spelled as indices do, and versions."""
    found = re.findall(r"^([\w.\-]+)==([\w.+]+)", text, flags=re.MULTILINE)
    return [(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in found]


PINNED = pins((ROOT / "constraints.txt").read_text())
LOCKED = {name: (ROOT / "locks" / name).read_text() for name in LOCKS}


def test_every_pinned_package_but_torch_is_locked_once_at_the_same_version() -> None:
    locked = Counter(pin for text in LOCKED.values() for pin in pins(text))
    assert locked == Counter(pin for pin in PINNED if pin[0] not in UNLOCKED)


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_of_a_lock_has_a_hash_and_nothing_else(name: str) -> None:
    entries = re.split(r"\n(?! )", LOCKED[name].rstrip())
    entry = re.compile(r"[\w.\-]+==[\w.+]+( \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert [text for text in entries if not entry.fullmatch(text)] == []


def test_what_builds_packages_is_installed_before_them() -> None:
    """Hatchling and its own requirements, what makes editable wheels, setuptools."""
    hatchling = {"packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}
    needed = {"hatchling", *hatchling, "editables", "setuptools"}
    assert needed <= {name for name, _ in pins(LOCKED["build.txt"])}
